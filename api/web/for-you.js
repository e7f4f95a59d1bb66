// "For you": the films that a person would perhaps like most, and those that they rated.

import { html, useEffect, useRef, useState } from "./preact.js";
import { addressOf, go } from "./address.js";
import { useAnswer } from "./client.js";
import { Likely } from "./mine.js";
import { Link, Notice, filmAddress, hours, languageName, number, tint, titleOf, yearOf } from "./parts.js";
import { forgetAll, useOwnAnswer, useRatings } from "./ratings.js";
import { Stars } from "./stars.js";

const SHOWN = 24;
const MOST_LANGUAGES = 20;
const SHOWS = { best: "All years", newest: "The newest" };

/** What the address asks for. */
function asked(parameters) {
  return {
    show: parameters.get("show") in SHOWS ? parameters.get("show") : "best",
    genre: parameters.get("genre") ?? "",
    from: parameters.get("from") ?? "",
    to: parameters.get("to") ?? "",
    language: parameters.get("language") ?? "",
  };
}

const pageAddress = ({ show, ...rest }) =>
  addressOf({ view: "for-you", ...rest, show: show === "best" ? null : show });

/** The question to the API; who has rated nothing yet has no id, and gets what is known best. */
function question({ show, genre, from, to, language }, user_id) {
  const criteria = { genres: genre, languages: language, earliest_date: from && `${year(from)}-01-01`, latest_date: to && `${year(to)}-12-31` };
  const ask = new URLSearchParams(Object.entries(criteria).filter(([, value]) => value));
  if (user_id) return `/user/${user_id}/ratings/${show === "best" ? "top" : "recent"}/${SHOWN}?${ask}`;
  ask.set("sort", show === "best" ? "vote_count" : "year");
  ask.set("order", "desc");
  ask.set("limit", SHOWN);
  return `/film/search?${ask}`;
}

const year = (text) => text.padStart(4, "0");

/** Where the film of a list goes that one has the focus on, that which takes its place gets it. */
function useKeptFocus() {
  const list = useRef();
  const left = useRef(null);
  useEffect(() => {
    if (!left.current || !list.current) return;
    const films = [...list.current.querySelectorAll("[data-film]")];
    if (films.some((one) => Number(one.dataset.film) === left.current.film_id)) return; // it is there still
    const next = films[Math.min(left.current.place, films.length - 1)]?.querySelector("a") ?? list.current;
    if (document.activeElement === document.body) next.focus();
    left.current = null;
  });
  return [list, (film, place) => (left.current = { film_id: film.film_id, place })];
}

export function ForYou({ parameters }) {
  const { isOn, user_id, ratings, version, problem: refused } = useRatings();
  const state = asked(parameters);
  const { answer, problem, isStale } = useOwnAnswer(isOn ? question(state, user_id) : null, version);
  const [list, keep] = useKeptFocus();
  useEffect(() => {
    document.title = "For you – Filmkin";
  }, []);
  const films = answer?.body ?? [];
  return html`<article class="for-you">
    <h1>For you</h1>
    ${!ratings.size && html`<p>Give some films their stars, and this list becomes yours. Until then it shows what is known best.</p>`}
    <${Narrow} state=${state} />
    <${Notice} problem=${refused ?? problem} />
    <p role="status" class="count">${isStale ? "Looking …" : films.length ? (films.length === 1 ? "1 film" : `${films.length} films`) : "No film is like that."}</p>
    <div class=${isStale ? "waiting" : ""} ref=${list} tabindex="-1">
      <div class="cards">${films.map((film, place) => html`<${Card} key=${film.film_id} film=${film} onChange=${() => keep(film, place)} />`)}</div>
    </div>
    <${Rated} ratings=${ratings} />
  </article>`;
}

function Card({ film, onChange }) {
  return html`
    <article class="card" data-film=${film.film_id} style=${tint(film.film_id)}>
      <h3><${Link} to=${filmAddress(film.film_id)}>${titleOf(film)}<//></h3>
      <p class="facts"><span>${yearOf(film)}</span>${film.duration !== null && html`<span>${hours(film.duration)}</span>`}</p>
      <p class="genres">${film.genres.join(" · ")}</p>
      ${film.source && html`<${Likely} offer=${film} />`}
      <${Stars} film=${film} onChange=${onChange} />
    </article>`;
}

function Narrow({ state }) {
  const { answer } = useAnswer("/search?limit=1");
  const facets = answer?.body.facets;
  const change = (changed) => go(pageAddress({ ...asked(new URLSearchParams(location.search)), ...changed }));
  const genres = [...new Set([...(facets?.genres ?? []).map((one) => one.genre), state.genre])].filter(Boolean).sort();
  const languages = (facets?.languages ?? []).slice(0, MOST_LANGUAGES).map((one) => one.language);
  const codes = [...new Set([...languages, state.language])].filter(Boolean);
  return html`<form class="narrow" onSubmit=${(event) => event.preventDefault()}>
    <label>Show <select value=${state.show} onChange=${(event) => change({ show: event.target.value })}>
      ${Object.entries(SHOWS).map(([key, name]) => html`<option value=${key}>${name}</option>`)}</select></label>
    <label>Genre <select value=${state.genre} onChange=${(event) => change({ genre: event.target.value })}>
      <option value="">Any</option>${genres.map((genre) => html`<option key=${genre} value=${genre}>${genre}</option>`)}</select></label>
    <${Year} label="From" value=${state.from} onChange=${(from) => change({ from })} />
    <${Year} label="to" value=${state.to} onChange=${(to) => change({ to })} />
    <label>Language <select value=${state.language} onChange=${(event) => change({ language: event.target.value })}>
      <option value="">Any</option>${codes.map((code) => html`<option key=${code} value=${code}>${languageName(code)}</option>`)}</select></label>
  </form>`;
}

/** What is being typed is its own, so that a list that comes meanwhile does not put it back. */
function Year({ label, value, onChange }) {
  const [typed, setTyped] = useState(null);
  const settle = ({ target }) => {
    if (!target.validity.valid) return;
    setTyped(null);
    onChange(target.value);
  };
  return html`<label>${label} <input type="number" min="1870" max="2100" value=${typed ?? value}
    onInput=${(event) => setTyped(event.target.value)} onChange=${settle} /></label>`;
}

/** What the person rated, to be changed and forgotten. */
function Rated({ ratings }) {
  const [list, keep] = useKeptFocus();
  if (!ratings.size) return null;
  const films = [...ratings.values()];
  const all = () => {
    if (confirm(`Forget all your ratings (${number(films.length)})? They cannot be brought back.`)) forgetAll();
  };
  return html`<section ref=${list} tabindex="-1" aria-labelledby="rated">
    <h2 id="rated">Your ratings <span class="n">${number(films.length)}</span></h2>
    <ol class="rated">${films.map((film, place) => html`<li key=${film.film_id} data-film=${film.film_id}>
      <${Link} to=${filmAddress(film.film_id)}>${titleOf(film)}<//><${Stars} film=${film} onChange=${() => keep(film, place)} /></li>`)}</ol>
    <button type="button" class="link" onClick=${all}>Forget all my ratings</button>
  </section>`;
}
