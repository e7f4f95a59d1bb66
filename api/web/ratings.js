// What the person who looks at the page rated: asked for once, and shown wherever it matters.

import { useEffect, useState } from "./preact.js";
import { Problem, ask, useAnswer } from "./client.js";

// isOn: whether films can be rated here. ratings: film_id -> what was rated, the newest first.
// version: counts the changes, so that what depends on them is asked for again.
let known = { isOn: false, user_id: null, ratings: new Map(), version: 0, problem: null };
const listeners = new Set();
let asked;
let made; // an id, when the first film is rated

function tell(changed) {
  known = { ...known, ...changed };
  listeners.forEach((listen) => listen(known));
}

/** What is known; whoever asks is drawn again when it changes. */
export function useRatings() {
  const [now, set] = useState(known);
  useEffect(() => {
    listeners.add(set);
    set(known);
    asked ??= begin().catch(() => {
      asked = undefined; // the next view tries again
    });
    return () => listeners.delete(set);
  }, []);
  return now;
}

/** As useAnswer, of a question that is the person's own. */
export function useOwnAnswer(path, version) {
  const found = useAnswer(path, version);
  const isLost = isOfAnother(found.problem) && path.startsWith(`/user/${known.user_id}/`);
  useEffect(() => {
    if (isLost) beginAgain();
  }, [isLost]);
  return found;
}

// By the cookie, the service takes the person for another one, or for nobody: its secret changed.
const isOfAnother = (problem) => problem?.status === 401 || problem?.status === 403;
const AGAIN = "The service no longer knows you by the ratings that you gave, so you begin anew.";

/** As whom the service takes the person for now; a new id is made when they rate a film. */
async function beginAgain() {
  made = undefined;
  tell({ user_id: null, ratings: new Map(), version: known.version + 1, problem: new Problem(0, AGAIN) });
  await begin();
}

async function begin() {
  const { body: about } = await ask("/about");
  if (!about.ratings) return;
  const { body: { user_id } } = await ask("/user");
  const rated = user_id ? (await ask(`/user/${user_id}/ratings`)).body : [];
  tell({ isOn: true, user_id, ratings: new Map(rated.map((one) => [one.film_id, one])) });
}

/** Rate a film; who rates the first one gets an id. */
export const rate = (film, rating) =>
  change(async () => {
    made ??= known.user_id ?? ask("/user", undefined, { method: "POST" }).then(({ body }) => body.user_id);
    const user_id = await made;
    await ask(`/user/${user_id}/ratings`, undefined, { method: "POST", json: [{ film_id: film.film_id, rating }] });
    const mine = { film_id: film.film_id, title: film.title, rating };
    // One that is rated again keeps its place.
    const others = known.ratings.has(film.film_id) ? known.ratings : [[film.film_id, mine], ...known.ratings];
    return { user_id, ratings: new Map(others).set(film.film_id, mine) };
  }, true);

export const forget = (film_id) =>
  change(async () => {
    await ask(`/user/${known.user_id}/ratings/${film_id}`, undefined, { method: "DELETE" });
    const ratings = new Map(known.ratings);
    ratings.delete(film_id);
    return { ratings };
  });

export const forgetAll = () =>
  change(async () => {
    await ask(`/user/${known.user_id}/ratings`, undefined, { method: "DELETE" });
    return { ratings: new Map() };
  });

/** Tell what changed, or what stood in the way; who begins anew may have it made once more. */
async function change(make, isForAnyone = false) {
  let notice = null;
  try {
    const changed = await make().catch(async (problem) => {
      if (!isOfAnother(problem)) throw problem;
      await beginAgain();
      notice = known.problem;
      return isForAnyone ? make() : {};
    });
    tell({ ...changed, version: known.version + 1, problem: notice });
  } catch (problem) {
    made = undefined;
    tell({ problem: Object.assign(problem, { seconds: 0 }) }); // it is not tried again by itself
  }
}
