// The address bar holds what is looked at: links, reloads and the back button work by it.

import { useEffect, useState } from "./preact.js";

const CHANGED = "filmkin:address";

/** The parameters of the address; whoever asks is drawn again when they change. */
export function useAddress() {
  const [parameters, set] = useState(() => new URLSearchParams(location.search));
  useEffect(() => {
    const read = () => set(new URLSearchParams(location.search));
    addEventListener("popstate", read);
    addEventListener(CHANGED, read);
    return () => {
      removeEventListener("popstate", read);
      removeEventListener(CHANGED, read);
    };
  }, []);
  return parameters;
}

/** The address of these parameters; null and "" leave one out. */
export function addressOf(parameters) {
  const kept = Object.entries(parameters).flatMap(([name, value]) =>
    [value].flat().filter((one) => one !== null && one !== undefined && one !== "").map((one) => [name, one]),
  );
  return kept.length ? `/?${new URLSearchParams(kept)}` : "/";
}

/** Go to an address; `replace` where it is the same place, looked at a little differently. */
export function go(address, { replace = false } = {}) {
  if (address === location.pathname + location.search) return;
  history[replace ? "replaceState" : "pushState"](null, "", address);
  dispatchEvent(new Event(CHANGED));
  if (!replace) scrollTo(0, 0);
}

/** For links within the page: go there without loading it anew. */
export function follow(event) {
  const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button);
  const link = event.currentTarget;
  if (!isPlain) return;
  event.preventDefault();
  go(link.getAttribute("href"));
}
