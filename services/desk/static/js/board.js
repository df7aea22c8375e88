// The start view: map, topics, timeline and list; each filters the others.

import { get } from "./api.js";
import { h, moment, number, s } from "./dom.js";
import { choropleth } from "./map.js";
import { copyLink, link, storyLink } from "./printed.js";
import { address, filters, go, toggled } from "./state.js";

const PAGE = 25;
const ROLES = {
  about: "about",
  mentioned: "that mention",
  dateline: "written from",
  publisher: "published in",
};
let catalogue;
let shown = new Set();

/** Names of topics and countries, loaded once. */
async function names() {
  catalogue ??= get("/names").then((found) => ({
    topics: Object.fromEntries(found.topics.map((t) => [t.code, t])),
    children: grouped(found.topics),
    countries: found.countries,
    areas: found.areas,
  }));
  catalogue.catch(() => (catalogue = undefined));
  return catalogue;
}

function grouped(topics) {
  const out = new Map();
  for (const t of topics) out.set(t.parent, [...(out.get(t.parent) || []), t]);
  return out;
}

/** Renders the board into `main`, or updates the one that is there; `live` keeps the scroll position. */
export async function board(main, state, { live = false, signal } = {}) {
  const [known, facets, page] = await Promise.all([
    names(),
    get("/facets", filters(state), signal),
    get("/articles", { ...filters(state), collapse: state.collapse, limit: PAGE }, signal),
  ]);
  const focused = live ? document.activeElement?.dataset?.keep : undefined;
  const chosen = state.region || [];
  const map = await choropleth(facets.countries, known.countries, chosen, (code) =>
    go(toggled(state, "region", code)),
  );
  const list = h(
    "ol",
    { class: "articles", id: "articles" },
    page.articles.map((a) => item(a, live)),
  );
  shown = new Set(page.articles.map((a) => a.id));
  const view = h(
    "div",
    {},
    h("h1", { class: "hidden" }, "Articles"),
    chips(state, known, page),
    h(
      "div",
      { class: "board" },
      h(
        "section",
        { class: "card map", "aria-labelledby": "map-title" },
        h("div", { class: "row" }, h("h2", { id: "map-title" }, "Where"), role(state)),
        map,
        legend(),
        areas(state, known),
      ),
      h(
        "section",
        { class: "card time", "aria-labelledby": "time-title" },
        h("div", { class: "row" }, h("h2", { id: "time-title" }, "When"), spans(state)),
        timeline(facets.timeline, state),
      ),
      h(
        "section",
        { class: "card list", "aria-labelledby": "list-title" },
        h(
          "div",
          { class: "row" },
          h("h2", { id: "list-title" }, "Articles"),
          collapsing(state),
          exports(state),
        ),
        list,
        page.articles.length ? null : h("p", { class: "meta" }, nothing(state)),
        more(list, page, state),
      ),
      h(
        "div",
        { class: "side" },
        h(
          "section",
          { class: "card", "aria-labelledby": "topics-title" },
          h("h2", { id: "topics-title" }, "Topics"),
          tree(facets.topics, known, state),
        ),
        h(
          "section",
          { class: "card", "aria-labelledby": "countries-title" },
          h("h2", { id: "countries-title" }, "Countries"),
          h(
            "div",
            {
              class: "scroll",
              tabindex: "0",
              role: "group",
              "aria-label": "Countries by number of articles",
            },
            bars(facets.countries, (code) => known.countries[code] || code, "region", state),
          ),
        ),
        who("People", facets.people, "person", state),
        who("Organisations", facets.organisations, "org", state),
        h(
          "section",
          { class: "card", "aria-labelledby": "sources-title" },
          h("h2", { id: "sources-title" }, "Sources"),
          bars(head(facets.sources, 12), (x) => x, "source", state),
        ),
        h(
          "section",
          { class: "card", "aria-labelledby": "languages-title" },
          h("h2", { id: "languages-title" }, "Languages"),
          bars(head(facets.languages, 12), language, "language", state),
        ),
      ),
    ),
  );
  main.replaceChildren(view);
  if (focused) main.querySelector(`[data-keep="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}

/** People or organisations that most of the newest articles name. */
function who(title, found, key, state) {
  const called = Object.fromEntries(found.map((n) => [n.key, n.name]));
  const counts = Object.fromEntries(found.slice(0, 12).map((n) => [n.key, n.articles]));
  return h(
    "section",
    { class: "card", "aria-labelledby": `${key}-title` },
    h("h2", { id: `${key}-title` }, title),
    bars(counts, (value) => called[value] || value, key, state),
  );
}

const head = (counts, n) => Object.fromEntries(Object.entries(counts).slice(0, n));

function language(code) {
  try {
    return new Intl.DisplayNames(["en"], { type: "language" }).of(code);
  } catch {
    return code;
  }
}

function nothing(state) {
  return Object.keys(filters(state)).length
    ? "No article matches; take a filter away."
    : "Nothing is stored yet: submit a URL, and it appears here by itself.";
}

/** An article of the list. */
function item(article, live) {
  const to = address({ view: "article", id: String(article.id) });
  return h(
    "li",
    { class: live && !shown.has(article.id) ? "new" : undefined, "data-id": article.id },
    h(
      "h3",
      { class: "headline", lang: article.language || undefined, dir: "auto" },
      h(
        "a",
        {
          href: to,
          "data-keep": `a${article.id}`,
          onclick: (e) => follow(e, { view: "article", id: String(article.id) }),
        },
        article.title,
      ),
    ),
    h(
      "p",
      { class: "meta" },
      [
        article.provider || article.source,
        moment(article.published_at),
        `${number(article.word_count)} words`,
      ].join(" · "),
    ),
    article.story || article.copy
      ? h(
          "p",
          { class: "meta" },
          article.story ? storyLink(article.story) : null,
          article.story && article.copy ? " · " : null,
          article.copy ? copyLink(article.id, article.copy) : null,
        )
      : null,
    h(
      "p",
      { lang: article.language || undefined, dir: "auto" },
      `${article.opening}${article.opening.length >= 240 ? "…" : ""}`,
    ),
    h(
      "ul",
      { class: "tags", "aria-label": "Tags" },
      article.topics.slice(0, 4).map((t) => h("li", { class: "tag topic" }, t)),
      article.countries.slice(0, 4).map((c) => h("li", { class: "tag country" }, c)),
    ),
  );
}

/** Follows a link without reloading the page, unless it is to open in another tab. */
export function follow(event, state) {
  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  go(state);
}

function more(list, page, state) {
  if (!page.next) return null;
  let cursor = page.next;
  const button = h(
    "button",
    {
      onclick: async () => {
        const next = await get("/articles", {
          ...filters(state),
          collapse: state.collapse,
          limit: PAGE,
          cursor,
        });
        const first = next.articles[0]?.id;
        list.append(...next.articles.map((a) => item(a, false)));
        cursor = next.next;
        if (!cursor) button.remove();
        list.querySelector(`[data-id="${first}"] a`)?.focus();
      },
    },
    "Older articles",
  );
  return button;
}

function chips(state, known, page) {
  const of = [];
  const chip = (label, key, value) =>
    of.push(
      h(
        "li",
        {},
        h(
          "button",
          {
            "data-keep": `chip-${key}-${value}`,
            "aria-label": `Take away the filter ${label}`,
            onclick: () => go(toggled(state, key, value)),
          },
          `${label} ×`,
        ),
      ),
    );
  if (state.text) chip(`“${state.text}”`, "text", state.text);
  for (const code of state.topic || []) chip(known.topics[code]?.name || code, "topic", code);
  for (const code of state.region || []) chip(known.countries[code] || code, "region", code);
  for (const key of ["person", "org"]) for (const name of state[key] || []) chip(name, key, name);
  if (state.quoted) chip(`quoted: ${state.quoted}`, "quoted", state.quoted);
  for (const key of ["source", "provider", "near"]) if (state[key]) chip(state[key], key, state[key]);
  if (state.story) chip(`story ${state.story}`, "story", state.story);
  if (state.language) chip(language(state.language), "language", state.language);
  if (state.since) chip(`since ${day(state.since)}`, "since", state.since);
  if (state.until) chip(`before ${day(state.until)}`, "until", state.until);
  if (of.length > 1)
    of.push(h("li", {}, h("button", { onclick: () => go({ view: "articles" }) }, "Clear all")));
  return h(
    "ul",
    { class: "chips", "aria-label": "Filters" },
    h(
      "li",
      { class: "total", id: "total" },
      `${number(page.total)}${page.sampled ? "+" : ""} article${page.total === 1 ? "" : "s"}`,
    ),
    of,
  );
}

const day = (iso) => (/^\d{4}-/.test(iso) ? iso.slice(0, 16).replace("T", " ").replace(" 00:00", "") : iso);

function role(state) {
  const select = h(
    "select",
    {
      id: "role",
      onchange: (e) => go({ ...state, role: e.target.value === "about" ? undefined : e.target.value }),
    },
    Object.entries(ROLES).map(([value, label]) =>
      h("option", { value, selected: (state.role || "about") === value }, label),
    ),
  );
  return h("div", {}, h("label", { for: "role", class: "meta" }, "articles "), select);
}

function areas(state, known) {
  const input = h("input", {
    id: "area",
    list: "areas",
    placeholder: "Sahel, EU, M49:11, a country …",
    autocomplete: "off",
    required: true,
  });
  return h(
    "form",
    {
      class: "row",
      onsubmit: (e) => {
        e.preventDefault();
        go(toggled(state, "region", input.value.trim()));
      },
    },
    h(
      "div",
      {},
      h("label", { for: "area", class: "meta" }, "A region "),
      input,
      " ",
      h("button", { type: "submit" }, "Add"),
    ),
    h(
      "datalist",
      { id: "areas" },
      [...known.areas, ...Object.values(known.countries)].map((name) => h("option", { value: name })),
    ),
  );
}

function legend() {
  return h(
    "p",
    { class: "legend", "aria-hidden": "true" },
    "fewer",
    [1, 2, 3, 4, 5].map((n) => h("i", { class: `q${n}` })),
    "more articles",
  );
}

function spans(state) {
  const choice = (label, since) =>
    h(
      "button",
      {
        "data-keep": `span-${label}`,
        "aria-pressed": String((state.since || "") === since && !state.until),
        onclick: () => go({ ...state, since: since || undefined, until: undefined }),
      },
      label,
    );
  return h(
    "div",
    {},
    choice("All", ""),
    " ",
    choice("24 h", "24h"),
    " ",
    choice("7 days", "7d"),
    " ",
    choice("30 days", "30d"),
  );
}

function timeline({ bucket_s, buckets }, state) {
  if (!buckets.length) return h("p", { class: "meta" }, "Nothing in this time.");
  const [W, H] = [900, 92];
  const first = Date.parse(buckets[0].start);
  const count = Math.round((Date.parse(buckets.at(-1).start) - first) / 1000 / bucket_s) + 1;
  const most = Math.max(...buckets.map((b) => b.articles));
  const step = W / Math.max(count, 8);
  const svg = s("svg", {
    class: "timeline",
    viewBox: `0 0 ${W} ${H}`,
    preserveAspectRatio: "none",
    role: "group",
    "aria-label": "Articles by time",
  });
  buckets.forEach((bucket, n) => {
    const at = Date.parse(bucket.start);
    const x = ((at - first) / 1000 / bucket_s) * step;
    const tall = Math.max(3, (bucket.articles / most) * (H - 22));
    const label = `${day(bucket.start)}: ${number(bucket.articles)} articles`;
    const choose = () =>
      go({ ...state, since: bucket.start, until: new Date(at + bucket_s * 1000).toISOString() });
    svg.append(
      s(
        "g",
        {
          role: "button",
          tabindex: n === 0 ? "0" : "-1",
          "aria-label": label,
          onclick: choose,
          onkeydown: (e) => {
            if (e.key === "Enter" || e.key === " ") {
              e.preventDefault();
              choose();
            }
            const other =
              e.key === "ArrowRight"
                ? e.currentTarget.nextElementSibling
                : e.key === "ArrowLeft"
                  ? e.currentTarget.previousElementSibling
                  : null;
            if (other?.tagName === "g") {
              e.currentTarget.setAttribute("tabindex", "-1");
              other.setAttribute("tabindex", "0");
              other.focus();
            }
          },
        },
        s("title", {}, label),
        s("rect", { class: "hit", x, y: 0, width: step, height: H - 18 }),
        s("rect", {
          class: "b",
          x: x + step * 0.1,
          y: H - 18 - tall,
          width: step * 0.8,
          height: tall,
          rx: 1,
        }),
      ),
    );
  });
  return h(
    "div",
    {},
    svg,
    h(
      "div",
      { class: "row meta" },
      h("span", {}, day(buckets[0].start)),
      h("span", {}, day(buckets.at(-1).start)),
    ),
  );
}

/** Counts as bars that filter. */
function bars(counts, label, key, state) {
  const rows = Object.entries(counts).toSorted((a, b) => b[1] - a[1]);
  const most = Math.max(1, ...rows.map(([, n]) => n));
  if (!rows.length) return h("p", { class: "meta" }, "None.");
  return h(
    "ul",
    { class: "bars" },
    rows.map(([value, n]) => h("li", {}, bar(label(value), n, most, key, value, state))),
  );
}

function bar(label, n, most, key, value, state) {
  const pressed = [state[key]].flat().includes(value);
  return h(
    "button",
    {
      class: "bar",
      share: (100 * n) / most,
      "aria-pressed": String(pressed),
      "data-keep": `${key}-${value}`,
      onclick: () => go(toggled(state, key, value)),
    },
    h("span", {}, label),
    h("span", { class: "n" }, number(n)),
  );
}

/** The tree of topics: level 1, and the descendants of a selected topic. */
function tree(counts, known, state) {
  const chosen = state.topic || [];
  const open = new Set(chosen);
  for (const code of chosen)
    for (let at = known.topics[code]; at?.parent; at = known.topics[at.parent]) open.add(at.parent);
  const most = Math.max(1, ...Object.values(counts));
  const branch = (parent) => {
    const nodes = (known.children.get(parent) || [])
      .filter((t) => counts[t.code] || open.has(t.code))
      .toSorted((a, b) => (counts[b.code] || 0) - (counts[a.code] || 0));
    if (!nodes.length) return null;
    return h(
      "ul",
      { class: "bars" },
      nodes.map((t) =>
        h(
          "li",
          {},
          bar(t.name, counts[t.code] || 0, most, "topic", t.code, state),
          open.has(t.code) ? branch(t.code) : null,
        ),
      ),
    );
  };
  return branch(null) || h("p", { class: "meta" }, "None.");
}

/** Whether one article stands for each text or story, and the way to the stories of these articles. */
function collapsing(state) {
  const select = h(
    "select",
    { id: "collapse", onchange: (e) => go({ ...state, collapse: e.target.value || undefined }) },
    Object.entries({ "": "every article", copies: "one of each text", stories: "one of each story" }).map(
      ([value, label]) => h("option", { value, selected: (state.collapse || "") === value }, label),
    ),
  );
  return h(
    "span",
    { class: "meta" },
    h("label", { for: "collapse" }, "show "),
    select,
    " ",
    link({ ...filters(state), view: "stories" }, {}, "as stories"),
  );
}

function exports(state) {
  const query = (format) => {
    const parameters = new URLSearchParams({ format });
    if (state.collapse) parameters.append("collapse", state.collapse);
    for (const [key, value] of Object.entries(filters(state)))
      for (const one of [value].flat()) parameters.append(key, one);
    return `/export?${parameters}`;
  };
  return h(
    "span",
    { class: "meta" },
    "Export: ",
    ["jsonl", "csv", "parquet"].map((format) => [h("a", { href: query(format), download: "" }, format), " "]),
  );
}
