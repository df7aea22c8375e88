// The world: countries coloured by how many articles are about each, or the places of one article.

import { number, s } from "./dom.js";

const SCALE = 174;
const world = fetch("/static/world.json").then((response) => response.json());

/** Degrees to the map's units: Equal Earth (Šavrič, Patterson and Jenny, 2018), as training/world/build.py has it. */
function project(lat, lon, { width, height }) {
  const m = Math.sqrt(3) / 2;
  const p = Math.asin(m * Math.sin((lat * Math.PI) / 180));
  const p2 = p * p;
  const p6 = p2 ** 3;
  const x =
    (((lon * Math.PI) / 180) * Math.cos(p)) /
    (m * (1.340264 - 0.243318 * p2 + p6 * (0.006251 + 0.034164 * p2)));
  const y = p * (1.340264 - 0.081106 * p2 + p6 * (0.000893 + 0.003796 * p2));
  return [width / 2 + SCALE * x, height / 2 - SCALE * y + 12];
}

/** The step of a count on a logarithmic scale, 1 to 5. */
export const step = (n, most) =>
  n ? Math.max(1, Math.min(5, Math.ceil((5 * Math.log(n + 1)) / Math.log(Math.max(most, 8) + 1)))) : 0;

/** A map with `counts` by country code. Arrow keys move between countries with articles, by count; Enter selects. */
export async function choropleth(counts, names, chosen, choose) {
  const { width, height, paths, points } = await world;
  const most = Math.max(1, ...Object.values(counts));
  const order = Object.keys(counts)
    .filter((code) => paths[code] || points[code])
    .toSorted((a, b) => counts[b] - counts[a]);
  const map = s("svg", {
    class: "world",
    viewBox: `0 0 ${width} ${height}`,
    role: "group",
    "aria-label": "World map of the countries that articles are about",
  });
  const shapes = {};
  const add = (code, shape) => {
    const n = counts[code] || 0;
    const name = names[code] || code;
    if (n) {
      shape.classList.add("has", `q${step(n, most)}`);
      shape.setAttribute("role", "button");
      shape.setAttribute("tabindex", code === order[0] ? "0" : "-1");
      shape.setAttribute("aria-label", `${name}: ${number(n)} articles`);
      shape.setAttribute("aria-pressed", String(chosen.includes(code)));
      shape.addEventListener("click", () => choose(code));
    }
    if (chosen.includes(code)) shape.classList.add("chosen");
    shape.dataset.code = code;
    shape.append(s("title", {}, n ? `${name}: ${number(n)}` : name));
    shapes[code] = shape;
    map.append(shape);
  };
  for (const [code, d] of Object.entries(paths)) add(code, s("path", { d }));
  for (const [code, [cx, cy]] of Object.entries(points))
    if (counts[code] || chosen.includes(code)) add(code, s("circle", { cx, cy, r: 4.5 }));
  map.addEventListener("keydown", (event) => {
    const at = order.indexOf(event.target.dataset?.code);
    if (at < 0) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      choose(order[at]);
      return;
    }
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const next = shapes[order[(at + by + order.length) % order.length]];
    event.target.setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  });
  return map;
}

/** A map of the places of an article or a story; the size of a dot is how often it is named. */
export async function spots(places) {
  const { width, height, paths } = await world;
  const seen = new Map();
  for (const place of places) {
    if (place.lat === null || place.lon === null) continue;
    const key = `${place.lat},${place.lon}`;
    const known = seen.get(key) || {
      name: place.name,
      at: project(place.lat, place.lon, { width, height }),
      n: 0,
    };
    known.n += place.articles || 1;
    seen.set(key, known);
  }
  const found = [...seen.values()];
  if (!found.length) return null;
  const xs = found.map((f) => f.at[0]);
  const ys = found.map((f) => f.at[1]);
  const w = Math.max(140, (Math.max(...xs) - Math.min(...xs)) * 1.3);
  const tall = Math.max(w * 0.55, (Math.max(...ys) - Math.min(...ys)) * 1.3);
  const [x, y] = [
    (Math.max(...xs) + Math.min(...xs)) / 2 - w / 2,
    (Math.max(...ys) + Math.min(...ys)) / 2 - tall / 2,
  ];
  const map = s("svg", {
    class: "world",
    viewBox: `${x} ${y} ${w} ${tall}`,
    role: "img",
    "aria-label": `Places named: ${found.map((f) => f.name).join(", ")}`,
  });
  for (const d of Object.values(paths)) map.append(s("path", { d }));
  for (const spot of found.toSorted((a, b) => b.n - a.n)) {
    map.append(
      s(
        "circle",
        { class: "spot", cx: spot.at[0], cy: spot.at[1], r: (w / 90) * Math.sqrt(1 + spot.n) },
        s("title", {}, `${spot.name}: ${spot.n}×`),
      ),
    );
  }
  return map;
}
