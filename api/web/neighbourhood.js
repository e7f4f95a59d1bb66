// A picture of a film's neighbourhood: the nearer, the more similar. A click walks on.

import { html, useEffect, useState } from "./preact.js";
import { Link, filmAddress, tint, titleOf, yearOf } from "./parts.js";

const MOST = 24;
const WIDE = { width: 900, height: 520, nearest: 110, farthest: 240, stretch: 1.55 };
const NARROW = { width: 360, height: 520, nearest: 70, farthest: 230, stretch: 0.75 };
const MOST_NARROW = 10;
const MARGIN = 56; // for the half of a title
const isNarrow = matchMedia("(max-width: 40rem)");
const LIBRARIES = ["d3-dispatch", "d3-quadtree", "d3-timer", "d3-force"];
const LETTERS = 22;

let loading;

/** The library that lays out graphs; loaded when the first one is drawn. */
function library() {
  loading ??= LIBRARIES.reduce((before, name) => before.then(() => load(`/page/${name}.js`)), Promise.resolve()).then(
    () => globalThis.d3,
    (error) => {
      loading = undefined; // the next film tries again
      throw error;
    },
  );
  return loading;
}

function load(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${address} is not there`));
    document.head.append(script);
  });
}

/** Places of the films around the one in the middle: [{ film, x, y }]. */
function layout(d3, kin, { width, height, nearest: from, farthest, stretch }) {
  const nearest = kin[0].similarity;
  const least = kin.at(-1).similarity;
  const reach = (similarity) => (nearest === least ? 0.5 : (nearest - similarity) / (nearest - least));
  const nodes = kin.map((film, place) => {
    const distance = from + reach(film.similarity) * (farthest - from);
    const angle = place * 2.399963; // the golden angle: neighbours in the list lie apart
    return { film, distance, x: distance * Math.cos(angle), y: distance * Math.sin(angle) };
  });
  d3.forceSimulation(nodes)
    .force("radius", d3.forceRadial((node) => node.distance).strength(1))
    .force("apart", d3.forceCollide(46).strength(0.9))
    .stop()
    .tick(160);
  return nodes.map(({ film, x, y }) => ({
    film,
    x: width / 2 + within(x * stretch, width / 2 - MARGIN),
    y: height / 2 + within(y, height / 2 - MARGIN / 1.6),
  }));
}

const within = (value, most) => Math.max(-most, Math.min(most, value));

const short = (text) => (text.length > LETTERS ? `${text.slice(0, LETTERS - 1)}…` : text);

export function Neighbourhood({ film, kin }) {
  const [d3, set] = useState(null);
  useEffect(() => {
    library().then((loaded) => set(() => loaded.forceSimulation && loaded), () => {});
  }, []);
  if (!d3 || !kin.length) return html`<div class="neighbourhood" />`;
  const size = isNarrow.matches ? NARROW : WIDE;
  const nodes = layout(d3, kin.slice(0, isNarrow.matches ? MOST_NARROW : MOST), size);
  const middle = { x: size.width / 2, y: size.height / 2 };
  return html`
    <div class="neighbourhood">
      <svg viewBox=${`0 0 ${size.width} ${size.height}`} role="group" aria-label=${`Films near ${titleOf(film)}: the nearer, the more similar`}>
        ${nodes.map(({ film: other, x, y }) => html`<line key=${other.film_id} x1=${middle.x} y1=${middle.y} x2=${x} y2=${y} stroke-width=${(1 + 5 * other.similarity).toFixed(1)} />`)}
        <g class="middle" style=${tint(film.film_id)}><circle cx=${middle.x} cy=${middle.y} r="17" />
          <text x=${middle.x} y=${middle.y + 34}>${short(titleOf(film))}</text></g>
        ${nodes.map(({ film: other, x, y }) => html`
          <${Link} key=${other.film_id} to=${filmAddress(other.film_id)} style=${tint(other.film_id)} aria-label=${`${titleOf(other)} ${yearOf(other)}, similarity ${other.similarity.toFixed(2)}`}>
            <circle cx=${x.toFixed(1)} cy=${y.toFixed(1)} r=${(7 + 10 * other.similarity).toFixed(1)} />
            <text x=${x.toFixed(1)} y=${(y + 26).toFixed(1)}>${short(titleOf(other))}</text>
          <//>`)}
      </svg>
    </div>`;
}
