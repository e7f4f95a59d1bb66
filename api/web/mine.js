// A film and the person who looks at it: their stars, and those that they would perhaps give.

import { html } from "./preact.js";
import { Link, Notice, filmAddress, titleOf } from "./parts.js";
import { useOwnAnswer, useRatings } from "./ratings.js";
import { Stars, starsOf } from "./stars.js";

export function Mine({ film }) {
  const { isOn, user_id, ratings, version, problem } = useRatings();
  const isKnown = user_id && ratings.size > 0;
  const { answer } = useOwnAnswer(isKnown ? `/user/${user_id}/ratings/${film.film_id}` : null, version);
  if (!isOn) return null;
  const likely = isKnown && answer?.body.film_id === film.film_id ? answer.body : null;
  return html`<section class="mine" aria-label="Your rating">
    <span>${ratings.has(film.film_id) ? "Your rating" : "Have you seen it?"}</span>
    <${Stars} film=${film} />
    ${likely && likely.rating === null && html`<${Likely} offer=${likely} />`}
    <${Notice} problem=${problem} />
  </section>`;
}

/** What a person would perhaps give a film, and why. */
export function Likely({ offer }) {
  const told = offer.predicted_rating;
  return html`<div class="told">
    ${told !== null && html`<p class="likely"><span aria-hidden="true">★ </span>${starsOf(Number(told.toFixed(1)))} <span class="n">predicted, ${offer.ratings === 1 ? "1 rating" : `${offer.ratings} ratings`}</span></p>`}
    ${offer.because.length > 0 && html`<p class="because">because you rated ${offer.because.map((one, place) => html`
      ${place > 0 && ", "}<${Link} key=${one.film_id} to=${filmAddress(one.film_id)}>${titleOf(one)}<//>`)}</p>`}
    ${offer.source === "content" && html`<p class="source">found by what it is made of</p>`}
    ${offer.source === "popular" && html`<p class="source">popular</p>`}
  </div>`;
}
