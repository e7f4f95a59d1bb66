// A person: their films by role, and who they worked with.

import { html, useEffect } from "./preact.js";
import { useAnswer } from "./client.js";
import { Link, Notice, filmAddress, personAddress, titleOf } from "./parts.js";

export function Person({ person_id }) {
  const { answer, problem } = useAnswer(`/person/${person_id}`);
  const person = answer?.body.person_id === person_id ? answer.body : null;
  useEffect(() => {
    if (person) document.title = `${person.name} – Filmkin`;
  }, [person]);
  if (!person) {
    return html`<${Notice} problem=${problem} />
      ${problem?.status === 404 ? html`<p>There is no such person. <${Link} to="/">Search<//></p>` : problem && !problem.seconds ? html`<p><${Link} to="/">Search<//></p>` : html`<h1>Looking …</h1>`}`;
  }
  return html`
    <${Notice} problem=${problem} />
    <article class="person">
      <h1>${person.name}</h1>
      <p><a href=${`https://www.imdb.com/name/nm${String(person_id).padStart(7, "0")}/`} rel="noreferrer external">This person on IMDb</a></p>
      ${person.roles.map(({ role, films }) => html`
        <section key=${role}><h2>${role.replaceAll("_", " ") || "other"} <span class="n">${films.length}</span></h2>
          <ul class="films">${films.map((film) => html`<li key=${film.film_id}>
            <span class="year">${film.year ?? ""}</span> <${Link} to=${filmAddress(film.film_id)}>${titleOf(film)}<//>
            ${film.rating !== null && html`<span class="rating">★ ${film.rating.toFixed(1)}</span>`}</li>`)}</ul></section>`)}
      ${person.collaborators.length > 0 && html`<section><h2>Worked most with</h2>
        <ul class="films">${person.collaborators.map((one) => html`<li key=${one.person_id}>
          <${Link} to=${personAddress(one.person_id)}>${one.name}<//> <span class="n">${one.films}</span></li>`)}</ul></section>`}
    </article>`;
}
