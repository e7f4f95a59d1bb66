// The page: which view the address names.

import { html, render, useEffect, useRef } from "./preact.js";
import { useAddress } from "./address.js";
import { Film } from "./film.js";
import { ForYou } from "./for-you.js";
import { Link } from "./parts.js";
import { Person } from "./person.js";
import { useRatings } from "./ratings.js";
import { Search } from "./search.js";

const SCHEDULER = `http://${location.hostname}:8082/`; // where `make scheduler` shows what runs

function Page() {
  const parameters = useAddress();
  const film = Number(parameters.get("film"));
  const person = Number(parameters.get("person"));
  const isForYou = parameters.get("view") === "for-you";
  const { isOn } = useRatings();
  const main = useRef();
  const first = useRef(true);
  useEffect(() => {
    if (!first.current) main.current.focus({ preventScroll: true }); // a screen reader reads the new view
    first.current = false;
  }, [film, person, isForYou]);
  return html`
    <a class="skip" href="#main">To the content</a>
    <header class="top">
      <${Link} to="/" class="logo">Filmkin<//>
      ${isOn && html`<nav><${Link} to="/?view=for-you" aria-current=${isForYou ? "page" : null}>For you<//></nav>`}
    </header>
    <main id="main" tabindex="-1" ref=${main}>
      ${film ? html`<${Film} key=${film} film_id=${film} parameters=${parameters} />`
        : isForYou ? html`<${ForYou} parameters=${parameters} />`
        : person ? html`<${Person} key=${person} person_id=${person} />`
        : html`<${Search} parameters=${parameters} />`}
    </main>
    <footer><a href="/docs">API</a> · <a href=${SCHEDULER} rel="noreferrer">Batch</a> · <a href="/about">This build</a></footer>`;
}

render(html`<${Page} />`, document.getElementById("app"));
