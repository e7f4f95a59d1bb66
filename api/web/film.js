// A film: its facts, its people, and its kin.

import { html, useEffect, useMemo, useState } from "./preact.js";
import { addressOf, go } from "./address.js";
import { useAnswer } from "./client.js";
import { Neighbourhood } from "./neighbourhood.js";
import {
  Link, Notice, filmAddress, hours, languageName, money, number, personAddress, tint, titleOf, yearOf,
} from "./parts.js";
import { Mine } from "./mine.js";

const LEAST = 0.05; // similarity from which on kin are asked for: all that the slider may show
const MOST_KIN = 60;
const SHOWN_AT_FIRST = 12; // films, of those that there are
const MOST_WORDS = 6;
const FIELDS = {
  people: "people",
  series: "series",
  title: "title",
  genres: "genres",
  year: "years",
  rating: "rating",
};

export function Film({ film_id, parameters }) {
  const { answer, problem } = useAnswer(`/film/${film_id}`);
  const film = answer?.body.film_id === film_id ? answer.body : null;
  useEffect(() => {
    if (film) document.title = `${titleOf(film)} – Filmkin`;
  }, [film]);
  if (!film) {
    return html`<${Notice} problem=${problem} />
      ${problem?.status === 404 ? html`<p>There is no such film. <${Link} to="/">Search<//></p>`
        : problem && !problem.seconds ? html`<p><${Link} to="/">Search<//></p>` : html`<article class="film" aria-busy="true"><h1>Looking …</h1></article>`}`;
  }
  return html`
    <${Notice} problem=${problem} />
    <article class="film" style=${tint(film_id)}>
      <header class="banner">
        <h1>${titleOf(film)} <span class="year">${yearOf(film)}</span></h1>
        ${film.original_title && film.original_title !== film.title && html`<p class="original">${film.original_title}</p>`}
        ${film.details?.tagline && html`<p class="tagline">${film.details.tagline}</p>`}
      </header>
      <${Mine} film=${film} />
      <div class="about">
        <${Facts} film=${film} />
        <div>
          ${film.details?.overview && html`<p class="overview">${film.details.overview}</p>`}
          <${People} film=${film} />
          <p><a href=${`https://www.imdb.com/title/tt${String(film_id).padStart(7, "0")}/`} rel="noreferrer external">This film on IMDb</a></p>
        </div>
      </div>
      <${Kin} film=${film} parameters=${parameters} />
    </article>`;
}

function Facts({ film }) {
  const details = film.details ?? {};
  const languages = [...new Set([details.language, ...film.languages].filter(Boolean))];
  const facts = {
    Rating: film.rating !== null && `★ ${film.rating.toFixed(1)}${film.vote_count !== null ? ` by ${number(film.vote_count)} votes` : ""}`,
    "Running time": film.duration !== null && hours(film.duration),
    Genres: film.genres.length > 0 && film.genres.map((genre, place) => html`${place > 0 && ", "}<${Link} to=${addressOf({ genre })}>${genre}<//>`),
    Language: languages.length > 0 && languages.map(languageName).join(", "),
    Country: details.country,
    Budget: details.budget && money(details.budget, details.budget_currency),
    Gross: details.gross && money(details.gross, details.gross_currency),
    Metascore: details.metascore,
    Keywords: details.keywords?.length > 0 && details.keywords.join(", "),
    "Also known as": film.alternative_titles.length > 0 && film.alternative_titles.slice(0, 5).join(" · "),
  };
  return html`<dl class="facts-list">
    ${Object.entries(facts).filter(([, fact]) => fact).map(([name, fact]) => html`<div key=${name}><dt>${name}</dt><dd>${fact}</dd></div>`)}
  </dl>`;
}

function People({ film }) {
  const billed = film.persons.map((name, place) => ({ name, id: film.person_ids[place] }));
  // The crew comes as names: whom a name means is known where one person of the film bears it.
  const known = (name) => {
    const namesakes = billed.filter((person) => person.name === name);
    return { name, id: namesakes.length === 1 ? namesakes[0].id : null };
  };
  const list = (people) => people.map(({ name, id }, place) => html`${place > 0 && ", "}${id ? html`<${Link} to=${personAddress(id)}>${name}<//>` : name}`);
  const [directors, writers] = [film.directors.map(known), film.writers.map(known)];
  const crew = new Set([...directors, ...writers].map(({ id }) => id));
  const cast = billed.filter(({ id }) => !crew.has(id));
  return html`<dl class="credits">
    ${film.directors.length > 0 && html`<div><dt>Directed by</dt><dd>${list(directors)}</dd></div>`}
    ${film.writers.length > 0 && html`<div><dt>Written by</dt><dd>${list(writers)}</dd></div>`}
    ${cast.length > 0 && html`<div><dt>With</dt><dd>${list(cast)}</dd></div>`}
  </dl>`;
}

function Kin({ film, parameters }) {
  const { answer, problem } = useAnswer(`/film/${film.film_id}/similar/${LEAST}?limit=${MOST_KIN}&explain=true`);
  const [chosen, set] = useState(() => Number(parameters.get("from")) || null);
  const every = answer?.body;
  const threshold = chosen ?? atFirst(every);
  const shown = useMemo(() => (every ?? []).filter((one) => one.similarity >= threshold), [every, threshold]);
  const nearest = every?.[0]?.similarity ?? 1;
  useEffect(() => {
    const own = { film: film.film_id, from: chosen };
    const timer = setTimeout(() => go(addressOf(own), { replace: true }), 200);
    return () => clearTimeout(timer);
  }, [chosen]);
  if (every && !every.length) return html`<section class="kin"><h2>Kin</h2><p>No other film is kin to this one.</p></section>`;
  return html`
    <section class="kin" aria-labelledby="kin">
      <h2 id="kin">Kin</h2>
      <${Notice} problem=${problem} />
      <label class="slider">Similarity at least <output>${threshold.toFixed(2)}</output>
        <input type="range" min=${LEAST} max=${Math.max(nearest, 2 * LEAST).toFixed(2)} step="0.01" value=${threshold}
          onInput=${(event) => set(Number(event.target.value))} />
      </label>
      <p aria-live="polite" class="count">${every ? told(shown.length, every.length, threshold) : "Looking …"}</p>
      <${Neighbourhood} film=${film} kin=${shown} />
      <ol class="why">${shown.map((one) => html`<${Why} key=${one.film_id} film=${one} />`)}</ol>
    </section>`;
}

/** From where on some films are shown. */
function atFirst(kin) {
  if (!kin?.length) return LEAST;
  const last = kin[Math.min(SHOWN_AT_FIRST, kin.length) - 1].similarity;
  return Math.max(LEAST, Math.floor(100 * last) / 100);
}

function told(shown, of, threshold) {
  if (!shown) return `None of the ${of} nearest films is so similar.`;
  const all = shown === MOST_KIN ? `The ${shown} nearest films` : shown === 1 ? "1 film" : `${shown} films`;
  return `${all} from ${threshold.toFixed(2)} up`;
}

/** A film that is kin, and why: what both share, by field. */
function Why({ film }) {
  const fields = Object.keys(FIELDS)
    .map((field) => {
      const tokens = film.shared.filter((token) => token.field === field);
      return { field, tokens, share: tokens.reduce((sum, token) => sum + token.share, 0) };
    })
    .filter((one) => one.share > 0)
    .sort((one, other) => other.share - one.share);
  return html`<li style=${tint(film.film_id)}>
    <p class="name"><${Link} to=${filmAddress(film.film_id)}>${titleOf(film)}<//> <span class="year">${yearOf(film)}</span>
      <span class="similarity">${film.similarity.toFixed(2)}</span></p>
    <div class="bars" role="img" aria-label=${fields.map((one) => `${FIELDS[one.field]} ${one.share.toFixed(2)}`).join(", ")}>
      ${fields.map((one) => html`<span key=${one.field} class=${`part ${one.field}`} style=${`width: ${(100 * one.share).toFixed(1)}%`} />`)}
    </div>
    <p class="shared">${fields.map((one) => html`<span key=${one.field}><span class=${`key ${one.field}`} /> ${FIELDS[one.field]}: ${words(one.tokens)} </span>`)}</p>
  </li>`;
}

function words(tokens) {
  const texts = tokens.map((token) => token.text);
  const more = texts.length - MOST_WORDS;
  return texts.slice(0, MOST_WORDS).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
