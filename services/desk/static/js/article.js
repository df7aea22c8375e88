// One article: its text with evidence highlighted, its tags with score and provenance, a map of its places.

import { get } from "./api.js";
import { h, moment, number, outward } from "./dom.js";
import { spots } from "./map.js";
import { light, marked } from "./marks.js";
import { follow } from "./board.js";
import { address, hasBack } from "./state.js";
import { copyLink, storyLink } from "./printed.js";

/** Renders article `id` into `main`. */
export async function article(main, id, signal) {
  const found = await get(`/articles/${encodeURIComponent(id)}`, {}, signal);
  const marks = evidence(found);
  const text = h(
    "div",
    {
      class: "text show-topics show-countries show-places show-names",
      id: "body",
      lang: found.language || undefined,
      dir: "auto",
    },
    marked(found.text, marks),
  );
  const map = await spots(found.places);
  main.replaceChildren(
    h("p", {}, h("a", { href: "/", onclick: back }, "← Back to the articles")),
    h(
      "article",
      { class: "story" },
      h(
        "div",
        { class: "card" },
        h("h1", { lang: found.language || undefined, dir: "auto" }, found.title),
        h("p", { class: "meta" }, byline(found)),
        h("p", { class: "meta" }, outward(found.canonical_url, found.canonical_url)),
        toggles(text),
        text,
        versions(found),
      ),
      h(
        "div",
        { class: "aside" },
        related(found),
        h(
          "section",
          { class: "card", "aria-labelledby": "t-topics" },
          h("h2", { id: "t-topics" }, "Topics"),
          topics(found, text),
        ),
        h(
          "section",
          { class: "card", "aria-labelledby": "t-regions" },
          h("h2", { id: "t-regions" }, "Countries"),
          countries(found, text),
        ),
        h(
          "section",
          { class: "card", "aria-labelledby": "t-names" },
          h("h2", { id: "t-names" }, "People and organisations"),
          named(found, text),
        ),
        found.quotes.length
          ? h(
              "section",
              { class: "card", "aria-labelledby": "t-quotes" },
              h("h2", { id: "t-quotes" }, "Quoted"),
              quoted(found, text),
            )
          : null,
        map
          ? h(
              "section",
              { class: "card", "aria-labelledby": "t-map" },
              h("h2", { id: "t-map" }, "Places"),
              map,
              places(found, text),
            )
          : null,
        h(
          "section",
          { class: "card", "aria-labelledby": "t-about" },
          h("h2", { id: "t-about" }, "Made by"),
          facts(found),
        ),
      ),
    ),
  );
}

function back(event) {
  if (!hasBack()) return follow(event, { view: "articles" });
  event.preventDefault();
  history.back();
}

function byline(a) {
  return [
    a.authors.join(", "),
    a.provider || a.site_name || a.source,
    a.agency,
    moment(a.published_at),
    `${number(a.word_count)} words`,
    a.language,
  ]
    .filter(Boolean)
    .join(" · ");
}

/** The story that the article belongs to, and the copies of its text, with links to both. */
function related(a) {
  if (!a.story && !a.copy && !a.copies) return null;
  return h(
    "section",
    { class: "card", "aria-labelledby": "t-related" },
    h("h2", { id: "t-related" }, "Printed elsewhere"),
    a.story ? h("p", {}, storyLink(a.story)) : null,
    a.copy ? h("p", {}, copyLink(a.id, a.copy)) : null,
    a.copies && !a.copy
      ? h(
          "p",
          {},
          link(`${number(a.copies)} ${a.copies === 1 ? "copy" : "copies"} of this text`, {
            view: "copies",
            id: String(a.id),
          }),
        )
      : null,
  );
}

/** All quotes with their kind: {start, end, kind, label}. */
function evidence(a) {
  const of = (kind, label, said) => said.map((q) => ({ start: q.start, end: q.end, kind, label }));
  return [
    ...a.topics.flatMap((t) => of("topic", `${t.name} (${t.score.toFixed(2)})`, t.evidence)),
    ...a.countries.flatMap((c) => of("country", `${c.name}: ${c.roles.join(", ")}`, c.evidence)),
    ...a.places.map((p) => ({
      start: p.start,
      end: p.end,
      kind: "place",
      label: p.name ? `${p.name}, ${p.kind} (${p.score.toFixed(2)})` : "not resolved",
    })),
    ...a.names.flatMap((n) =>
      mentions(n).map(([start, end]) => ({
        start,
        end,
        kind: "name",
        label: [n.name, n.role].filter(Boolean).join(", "),
      })),
    ),
  ];
}

/** [start, end] of each mention of a name. */
const mentions = (n) => n.spans.flatMap((at, i) => (i % 2 ? [] : [[at, n.spans[i + 1]]]));

function toggles(text) {
  return h(
    "p",
    { class: "row", role: "group", "aria-label": "What is marked" },
    ["topics", "countries", "places", "names"].map((kind) =>
      h(
        "label",
        {},
        h("input", {
          type: "checkbox",
          checked: true,
          onchange: (e) => text.classList.toggle(`show-${kind}`, e.target.checked),
        }),
        ` ${kind}`,
      ),
    ),
  );
}

/** Buttons with the quotes; each highlights its quote and scrolls to it. */
function quotes(text, list) {
  return list.map((q) => h("button", { class: "quote", onclick: () => light(text, q.start, q.end) }, q.text));
}

function topics(a, text) {
  if (!a.topics.length) return h("p", { class: "meta" }, "None: the tagger was not sure of any.");
  return h(
    "ul",
    { class: "evidence" },
    a.topics.map((t) =>
      h(
        "li",
        {},
        h(
          "div",
          {},
          link(t.name, { topic: [t.code] }),
          h(
            "span",
            { class: "meta" },
            ` ${t.score.toFixed(2)} · from ${t.provenance.join(", ")} · ${t.tagger_version}`,
          ),
        ),
        quotes(text, t.evidence),
      ),
    ),
  );
}

function countries(a, text) {
  if (!a.countries.length) return h("p", { class: "meta" }, "None.");
  return h(
    "ul",
    { class: "evidence" },
    a.countries.map((c) =>
      h(
        "li",
        {},
        h(
          "div",
          {},
          link(c.name, { region: [c.code] }),
          h(
            "span",
            { class: "meta" },
            ` ${c.roles.join(", ")} · ${c.score.toFixed(2)} · ${c.mentions}× · ${c.tagger_version}`,
          ),
        ),
        quotes(text, c.evidence),
      ),
    ),
  );
}

function places(a, text) {
  const seen = new Map();
  for (const p of a.places) {
    const key = p.geonameid || p.quote;
    seen.set(key, [...(seen.get(key) || []), p]);
  }
  return h(
    "ul",
    { class: "evidence" },
    [...seen.values()].map((of) =>
      h(
        "li",
        {},
        h(
          "div",
          {},
          of[0].name || of[0].quote,
          h(
            "span",
            { class: "meta" },
            ` ${[of[0].kind || "not resolved", of[0].admin1 || of[0].country, of[0].score.toFixed(2)].filter(Boolean).join(" · ")}`,
          ),
        ),
        quotes(
          text,
          of.slice(0, 6).map((p) => ({ text: p.quote, start: p.start, end: p.end })),
        ),
      ),
    ),
  );
}

const KINDS = { PER: "person", ORG: "org" };

function named(a, text) {
  if (!a.names.length) return h("p", { class: "meta" }, "None.");
  const characters = Array.from(a.text);
  return h(
    "ul",
    { class: "evidence" },
    a.names.map((n) =>
      h(
        "li",
        {},
        h(
          "div",
          {},
          link(n.name, { view: "name", id: `${KINDS[n.label]}/${n.key}` }),
          h(
            "span",
            { class: "meta" },
            ` ${[n.role, KINDS[n.label], n.score.toFixed(2), `${n.mentions}×`].filter(Boolean).join(" · ")}`,
          ),
        ),
        quotes(
          text,
          mentions(n)
            .slice(0, 4)
            .map(([start, end]) => ({ text: characters.slice(start, end).join(""), start, end })),
        ),
      ),
    ),
  );
}

function quoted(a, text) {
  return h(
    "ul",
    { class: "evidence" },
    a.quotes.map((q) =>
      h(
        "li",
        {},
        h(
          "div",
          {},
          q.speaker ? link(q.speaker, { quoted: q.key }) : "Nobody named",
          h("span", { class: "meta" }, ` ${q.cue || ""}`),
        ),
        quotes(text, [{ text: q.quote.slice(0, 160), start: q.start, end: q.end }]),
      ),
    ),
  );
}

function link(label, filter) {
  const state = { view: "articles", ...filter };
  return h("a", { href: address(state), onclick: (e) => follow(e, state) }, label);
}

function facts(a) {
  return h(
    "p",
    { class: "meta" },
    `${a.extractor} ${a.extractor_version}; topics ${a.topics_version}, regions ${a.regions_version}, names ${a.names_version || "none"}; stored ${moment(a.stored_at)}, last seen ${moment(a.last_seen_at)}; version ${a.version}`,
  );
}

function versions(a) {
  if (!a.versions.length) return null;
  const shown = h("div", { class: "text", "aria-live": "polite" });
  const compare = async (version) => {
    const diff = await get(`/articles/${a.id}/diff`, { before: version });
    const piece = (p) =>
      p.kind === "added" ? h("ins", {}, p.text) : p.kind === "removed" ? h("del", {}, p.text) : p.text;
    shown.replaceChildren(h("h3", {}, diff.title.map(piece)), h("div", {}, diff.text.map(piece)));
  };
  return h(
    "section",
    { "aria-labelledby": "t-versions" },
    h("h2", { id: "t-versions" }, "Earlier versions"),
    h(
      "ul",
      {},
      a.versions.map((v) =>
        h(
          "li",
          {},
          h("button", { onclick: () => compare(v.version) }, `What changed since version ${v.version}`),
          h("span", { class: "meta" }, ` fetched ${moment(v.fetched_at)}`),
        ),
      ),
    ),
    shown,
  );
}
