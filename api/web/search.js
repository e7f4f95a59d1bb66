// The search: a box, filters with counts, and the films found as cards.

import { html, useEffect, useRef, useState } from "./preact.js";
import { addressOf, go } from "./address.js";
import { useAnswer, useSettled } from "./client.js";
import {
  Link, Marked, Notice, filmAddress, hours, languageName, number, personAddress, tint, titleOf, yearOf,
} from "./parts.js";

const PAGE = 24;
const TYPING_MS = 180; // a pause in typing: what is typed by then is asked for
const SORTS = {
  relevance: "Best match",
  rating: "Rating",
  vote_count: "Most votes",
  year: "Newest",
  title: "Title",
  duration: "Longest",
};
const RATINGS = [9, 8, 7, 6, 5];
const DURATIONS = [
  { key: "-89", name: "under 1 h 30 min", min: 0, max: 89 },
  { key: "90-119", name: "1 h 30 min to 2 h", min: 90, max: 119 },
  { key: "120-149", name: "2 h to 2 h 30 min", min: 120, max: 149 },
  { key: "150-", name: "2 h 30 min and more", min: 150, max: Infinity },
];
const MOST_LANGUAGES = 12;

/** What the address asks for. */
function asked(parameters) {
  return {
    q: parameters.get("q") ?? "",
    genres: parameters.getAll("genre"),
    decade: parameters.get("decade"),
    rating: parameters.get("rating"),
    duration: parameters.get("duration"),
    language: parameters.get("language"),
    sort: parameters.get("sort") in SORTS ? parameters.get("sort") : "relevance",
    page: Math.max(1, Number(parameters.get("page")) || 1),
  };
}

/** The address of the page that asks so. */
function pageAddress({ genres, sort, page, ...rest }) {
  return addressOf({
    ...rest,
    genre: genres,
    sort: sort === "relevance" ? null : sort,
    page: page > 1 ? page : null,
  });
}

/** The question to the API. */
function question({ q, genres, decade, rating, duration, language, sort, page }) {
  const ask = new URLSearchParams({ q, sort, limit: PAGE, offset: (page - 1) * PAGE });
  genres.forEach((genre) => ask.append("genres", genre));
  if (sort === "title") ask.set("order", "asc");
  if (decade) {
    ask.set("earliest_date", `${decade}-01-01`);
    ask.set("latest_date", `${Number(decade) + 9}-12-31`);
  }
  if (rating) ask.set("min_rating", rating);
  if (language) ask.set("languages", language);
  const span = DURATIONS.find((one) => one.key === duration);
  if (span?.min) ask.set("min_duration", span.min);
  if (span && Number.isFinite(span.max)) ask.set("max_duration", span.max);
  return `/search?${ask}`;
}

export function Search({ parameters }) {
  const state = asked(parameters);
  const { answer, problem, isStale } = useAnswer(question(state));
  const found = answer?.body;
  const box = useRef();
  useEffect(() => {
    document.title = state.q ? `${state.q} – Filmkin` : "Filmkin";
  }, [state.q]);
  useEffect(() => {
    const focus = (event) => {
      if (event.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) {
        event.preventDefault();
        box.current?.focus();
      }
    };
    addEventListener("keydown", focus);
    return () => removeEventListener("keydown", focus);
  }, []);
  const change = (changed, how) => go(pageAddress({ ...state, page: 1, ...changed }), how);
  return html`
    <${Box} state=${state} change=${change} box=${box} />
    <${Notice} problem=${problem} />
    <div class="columns">
      <${Filters} state=${state} facets=${found?.facets} change=${change} />
      <section aria-labelledby="found" class=${isStale ? "waiting" : ""} aria-busy=${isStale && !problem}>
        <div class="bar">
          <h2 id="found" aria-live="polite">${!isStale ? count(found.total, state) : problem ? "Not answered" : "Looking …"}</h2>
          <label>Sort by${" "}
            <select value=${state.sort} onChange=${(event) => change({ sort: event.target.value })}>
              ${Object.entries(SORTS).map(([key, name]) => html`<option value=${key}>${name}</option>`)}
            </select>
          </label>
        </div>
        <${Meant} suggestions=${isStale ? [] : found.suggestions} total=${isStale ? null : found.total} change=${change} />
        <div class="cards">
          ${found ? found.hits.map((film) => html`<${Card} key=${film.film_id} film=${film} />`)
            : problem ? null : Array.from({ length: 6 }, (_, n) => html`<div key=${n} class="card empty" aria-hidden="true" />`)}
        </div>
        <${Pages} state=${state} total=${found?.total ?? 0} />
      </section>
    </div>`;
}

function count(total, { q }) {
  const films = total === 1 ? "1 film" : `${number(total)} films`;
  if (!total) return "Nothing found";
  return q ? `${films} for “${q}”` : films;
}

function Box({ state, change, box }) {
  const [typed, set] = useState(state.q);
  const settled = useSettled(typed, TYPING_MS);
  const own = useRef(state.q); // what this box put into the address
  useEffect(() => {
    if (state.q !== own.current) set((own.current = state.q)); // the back button did
  }, [state.q]);
  useEffect(() => {
    if (settled !== own.current) {
      const replace = own.current !== ""; // from letter to letter it is one search
      own.current = settled;
      change({ q: settled }, { replace });
    }
  }, [settled]);
  const submit = (event) => {
    event.preventDefault();
    own.current = typed;
    change({ q: typed });
  };
  return html`
    <form role="search" class="search" onSubmit=${submit}>
      <label for="q" class="unseen">Search films</label>
      <input id="q" type="search" ref=${box} value=${typed} maxlength="500" autocomplete="off" autofocus
        placeholder="Titles, people, plots: star wars 1977 ford" aria-describedby="help"
        onInput=${(event) => set(event.target.value)} />
      <p id="help" class="help">
        <kbd>/</kbd> to search · “phrases” · <code>-without</code> · <code>person:ford</code>${" "}
        · <code>genre:horror</code> · <code>year:1990..1999</code>
      </p>
      <${People} typed=${state.q} />
    </form>`;
}

/** People whose name is perhaps being typed. */
function People({ typed }) {
  const isName = typed.trim().length > 2 && !/[":]/.test(typed);
  const { answer, isStale } = useAnswer(isName ? `/search/suggest?${new URLSearchParams({ q: typed })}` : null);
  const people = isName && !isStale ? (answer?.body ?? []).filter((one) => one.kind === "person") : [];
  return html`<p class="people" aria-live="polite">
    ${people.length > 0 && html`<span>People: </span>${people.map((one, place) => html`
      ${place > 0 && ", "}<${Link} key=${one.id} to=${personAddress(one.id)}><${Marked} parts=${one.parts} /><//>`)}`}
  </p>`;
}

/** Other queries, where words are unknown or nothing is found. */
function Meant({ suggestions, total, change }) {
  if (!suggestions.length) return total === 0 ? html`<p class="nothing">Try fewer words, or fewer filters.</p>` : null;
  return html`<p class="meant">${total ? "Did you mean " : "Try "}${suggestions.map((text, place) => html`
    ${place > 0 && " or "}<button type="button" class="link" onClick=${() => change({ q: text })}>${text}</button>`)}?</p>`;
}

function Card({ film }) {
  const marks = {};
  film.highlights.forEach((one) => (marks[one.field] ??= []).push(one));
  const title = marks.title?.[0].parts ?? [{ text: titleOf(film) }];
  const people = marks.persons ?? film.persons.slice(0, 3).map((text) => ({ parts: [{ text }] }));
  const more = marks.overview?.[0] ?? marks.original_title?.[0] ?? marks.alternative_titles?.[0] ?? marks.keywords?.[0];
  return html`
    <article class="card" style=${tint(film.film_id)}>
      <h3><${Link} to=${filmAddress(film.film_id)}><${Marked} parts=${title} /><//></h3>
      <p class="facts">
        <span>${yearOf(film)}</span>
        ${film.rating !== null && html`<span class="rating"><span aria-hidden="true">★ </span><span class="unseen">Rating </span>${film.rating.toFixed(1)}</span>`}
        ${film.duration !== null && html`<span>${hours(film.duration)}</span>`}
      </p>
      <p class="genres">${film.genres.join(" · ")}</p>
      <p class="cast">${people.slice(0, 4).map((one, place) => html`${place > 0 && ", "}<${Marked} parts=${one.parts} />`)}</p>
      ${more && html`<p class="more"><${Marked} parts=${more.parts} /></p>`}
    </article>`;
}

function Filters({ state, facets, change }) {
  const has = state.genres.length || state.decade || state.rating || state.duration || state.language;
  const genres = withChosen(facets?.genres ?? [], "genre", state.genres);
  const decades = withChosen([...(facets?.decades ?? [])].reverse(), "decade", state.decade ? [Number(state.decade)] : []);
  const languages = withChosen((facets?.languages ?? []).slice(0, MOST_LANGUAGES), "language", state.language ? [state.language] : []);
  const atLeast = (rating) => (facets?.ratings ?? []).filter((one) => one.rating >= rating).reduce((sum, one) => sum + one.films, 0);
  const within = ({ min, max }) => (facets?.durations ?? []).filter((one) => one.minutes >= min && one.minutes <= max).reduce((sum, one) => sum + one.films, 0);
  return html`
    <details class="filters" open=${matchMedia("(min-width: 60rem)").matches}>
      <summary>Filters${has ? " (set)" : ""}</summary>
      ${has ? html`<button type="button" class="clear" onClick=${() => change({ genres: [], decade: null, rating: null, duration: null, language: null })}>Clear filters</button>` : null}
      <fieldset><legend>Genre</legend>
        ${genres.map(({ genre, films }) => html`<${Choice} key=${genre} name=${genre} films=${films} type="checkbox" checked=${state.genres.includes(genre)}
          onChange=${(is) => change({ genres: is ? [...state.genres, genre] : state.genres.filter((one) => one !== genre) })} />`)}
      </fieldset>
      <${One} legend="Decade" value=${state.decade} onChange=${(decade) => change({ decade })}
        choices=${decades.map(({ decade, films }) => ({ key: String(decade), name: `${decade}s`, films }))} />
      <${One} legend="Rating" value=${state.rating} onChange=${(rating) => change({ rating })}
        choices=${RATINGS.map((rating) => ({ key: String(rating), name: `${rating} and more`, films: atLeast(rating) }))} />
      <${One} legend="Running time" value=${state.duration} onChange=${(duration) => change({ duration })}
        choices=${DURATIONS.map((span) => ({ ...span, films: within(span) }))} />
      <${One} legend="Language" value=${state.language} onChange=${(language) => change({ language })}
        choices=${languages.map(({ language, films }) => ({ key: language, name: languageName(language), films }))} />
    </details>`;
}

/** The counts, and what is chosen though no film has it: it can be taken away. */
function withChosen(counts, name, chosen) {
  const missing = chosen.filter((value) => !counts.some((one) => one[name] === value));
  return [...counts, ...missing.map((value) => ({ [name]: value, films: 0 }))];
}

/** One of several, or none: a second click takes it away. */
function One({ legend, choices, value, onChange }) {
  const shown = choices.filter((one) => one.films || one.key === value);
  if (!shown.length) return null;
  return html`<fieldset><legend>${legend}</legend>
    ${shown.map((one) => html`<${Choice} key=${one.key} name=${one.name} films=${one.films} type="checkbox"
      checked=${one.key === value} onChange=${(is) => onChange(is ? one.key : null)} />`)}
  </fieldset>`;
}

const Choice = ({ name, films, type, checked, onChange }) => html`
  <label class="choice"><input type=${type} checked=${checked} onChange=${(event) => onChange(event.target.checked)} />
    <span>${name}</span> ${films !== null && html`<span class="n">${number(films)}</span>`}</label>`;

function Pages({ state, total }) {
  const last = Math.ceil(total / PAGE);
  if (last < 2) return null;
  const to = (page) => pageAddress({ ...state, page });
  return html`<nav class="pages" aria-label="Pages">
    ${state.page > 1 && html`<${Link} to=${to(state.page - 1)} rel="prev">Previous<//>`}
    <span>Page ${number(state.page)} of ${number(last)}</span>
    ${state.page < last && html`<${Link} to=${to(state.page + 1)} rel="next">Next<//>`}
  </nav>`;
}
