// Questions to the API, asked as any other client asks them.

import { useEffect, useRef, useState } from "./preact.js";

/** What the service answered in place of what was asked for; status 0: it did not answer. */
export class Problem extends Error {
  constructor(status, detail, seconds = 0) {
    super(detail);
    this.status = status;
    this.seconds = seconds; // until it may be asked again
  }
}

const AGAIN_SECONDS = 2; // a server that is gone is asked again so often

/** The answer at `path`, and how many there are on all pages where it says so; `json` goes along. */
export async function ask(path, signal, { method = "GET", json } = {}) {
  const headers = { Accept: "application/json", ...(json && { "Content-Type": "application/json" }) };
  let answer;
  let body;
  try {
    answer = await fetch(path, { signal, method, headers, body: json && JSON.stringify(json) });
    body = await answer.json().catch((error) => {
      if (answer.ok) throw error; // what was cut short is no answer
      return {};
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, "The server does not answer.", AGAIN_SECONDS);
  }
  if (answer.ok) return { body, total: Number(answer.headers.get("X-Total-Count") ?? 0) };
  const wait = Number(answer.headers.get("Retry-After") ?? 0);
  const told = body.detail ?? `The server answered ${answer.status}.`;
  throw new Problem(answer.status, told, wait || (answer.status >= 500 ? AGAIN_SECONDS : 0));
}

/**
 * { answer, problem, isStale } for a path that may change, or be null for no question. With another
 * `version`, the same path is another question.
 *
 * The last answer stays until the next one comes. What may be asked again is asked again by itself,
 * after the seconds that the problem tells.
 */
export function useAnswer(path, version = 0) {
  const question = path === null ? null : `${version} ${path}`;
  const [state, set] = useState({ question: null, answer: null, answered: null, problem: null });
  const attempt = useRef(0);
  const [, again] = useState(0);
  useEffect(() => {
    if (path === null) return undefined;
    const abort = new AbortController();
    let timer;
    ask(path, abort.signal).then(
      (answer) => set({ question, answer, answered: question, problem: null }),
      (problem) => {
        if (problem.name === "AbortError") return;
        set((now) => ({ ...now, question, problem }));
        if (problem.seconds) {
          timer = setTimeout(() => again(++attempt.current), problem.seconds * 1000);
        }
      },
    );
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [question, attempt.current]);
  const { answer, answered, problem } = state;
  return {
    answer,
    problem: state.question === question ? problem : null,
    isStale: answered !== question, // the answer is to another question
  };
}

/** A value as it was when it had not changed for so long. */
export function useSettled(value, milliseconds) {
  const [settled, set] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => set(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
