// Five stars to rate a film with, by pointer or by keyboard.

import { html, useEffect, useRef, useState } from "./preact.js";
import { titleOf } from "./parts.js";
import { forget, rate, useRatings } from "./ratings.js";

const STARS = [1, 2, 3, 4, 5];
const STEPS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };

export const starsOf = (rating) => `${rating} ${rating === 1 ? "star" : "stars"}`;

/**
 * Arrows, Home and End walk from star to star, Enter and Space choose one, 1 to 5 choose at once,
 * Delete forgets. Walking alone rates nothing: a list that is made anew would go while one walks.
 */
export function Stars({ film, onChange = () => {} }) {
  const { isOn, ratings } = useRatings();
  const rating = ratings.get(film.film_id)?.rating ?? null;
  const [aimed, aim] = useState(0);
  const group = useRef();
  const forgotten = useRef(false);
  useEffect(() => {
    if (forgotten.current && rating === null) starAt(1).focus(); // the button that was used is gone
    forgotten.current = false;
  }, [rating]);
  if (!isOn) return null;
  const starAt = (star) => group.current.children[star - 1];
  const choose = (star) => {
    onChange();
    rate(film, star);
  };
  const leave = () => {
    forgotten.current = true;
    onChange();
    forget(film.film_id);
  };
  const chosen = rating === null ? 0 : Math.ceil(rating);
  const onKeyDown = (event) => {
    const star = STARS.findIndex((one) => starAt(one) === document.activeElement) + 1;
    const next = event.key === "Home" ? 1 : event.key === "End" ? STARS.length
      : event.key in STEPS ? ((star - 1 + STEPS[event.key] + STARS.length) % STARS.length) + 1 : 0;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (next) starAt(next).focus();
    else if (STARS.includes(Number(event.key))) choose(Number(event.key));
    else if (event.key === "Delete" && rating !== null) leave();
    else return;
    event.preventDefault();
  };
  return html`<div class="stars">
    <span role="radiogroup" aria-label=${`Your rating of ${titleOf(film)}`} ref=${group} onKeyDown=${onKeyDown} onMouseLeave=${() => aim(0)}>
      ${STARS.map((star) => html`<button key=${star} type="button" role="radio" aria-checked=${star === chosen ? "true" : "false"}
        aria-label=${starsOf(star === chosen ? rating : star)} tabindex=${star === (chosen || 1) ? 0 : -1}
        class=${`star ${looks(star, aimed, rating)}`} onMouseEnter=${() => aim(star)} onClick=${() => choose(star)}>★</button>`)}
    </span>
    ${rating !== null && html`<button type="button" class="link" aria-label=${`Forget my rating of ${titleOf(film)}`} onClick=${leave}>Forget</button>`}
    <span role="status" class="unseen">${rating !== null ? `You gave ${titleOf(film)} ${starsOf(rating)}.` : ""}</span>
  </div>`;
}

/** How a star looks: under the pointer, all up to it; else as it is rated, half ones too. */
function looks(star, aimed, rating) {
  if (aimed) return star <= aimed ? "aimed" : "";
  if (star <= rating) return "full";
  return star - 0.5 <= rating ? "half" : "";
}
