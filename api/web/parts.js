// Pieces that several views are made of.

import { html, useEffect, useState } from "./preact.js";
import { addressOf, follow } from "./address.js";

const LANGUAGES = new Intl.DisplayNames(["en"], { type: "language", fallback: "code" });
const NUMBER = new Intl.NumberFormat("en");

export const number = (value) => NUMBER.format(value);
export const yearOf = (film) => film.year?.slice(0, 4) ?? "";
export const titleOf = (film) => film.title ?? "Untitled";
export const hours = (minutes) =>
  minutes >= 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60 ? `${minutes % 60} min` : ""}`.trim() : `${minutes} min`;

export function languageName(code) {
  try {
    return LANGUAGES.of(code);
  } catch {
    return code;
  }
}

/** A sum of money, by its currency where that is known. */
export function money(amount, currency) {
  if (!currency) return `${number(amount)} (currency unknown)`;
  return new Intl.NumberFormat("en", { style: "currency", currency, maximumFractionDigits: 0 }).format(amount);
}

export const filmAddress = (film_id) => addressOf({ film: film_id });
export const personAddress = (person_id) => addressOf({ person: person_id });

export const Link = ({ to, children, ...more }) =>
  html`<a href=${to} onClick=${follow} ...${more}>${children}</a>`;

/** A text in pieces, those that match marked. */
export const Marked = ({ parts }) =>
  parts.map((part) => (part.matched ? html`<mark>${part.text}</mark>` : part.text));

/** What stands in the way, and in how many seconds it is tried again. */
export function Notice({ problem }) {
  const [left, set] = useState(problem?.seconds ?? 0);
  useEffect(() => {
    set(problem?.seconds ?? 0);
    if (!problem?.seconds) return undefined;
    const timer = setInterval(() => set((seconds) => Math.max(0, seconds - 1)), 1000);
    return () => clearInterval(timer);
  }, [problem]);
  if (!problem) return null;
  const told = problem.status === 429 ? "That were many questions at once." : problem.message;
  return html`<p class="notice" role="alert" data-status=${problem.status}>
    ${told}${problem.seconds ? ` Asking again ${left ? `in ${left} s` : "now"} …` : ""}
  </p>`;
}

/** Colours of a film's tile, its own and always the same. */
export const tint = (film_id) => `--hue: ${(film_id * 47) % 360}`;
