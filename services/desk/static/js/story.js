// One story: who printed what when, copies under their parent, its places, and what became of it.

import { get } from "./api.js";
import { pair } from "./copies.js";
import { h, number } from "./dom.js";
import { spots } from "./map.js";
import { house, link, percent, size, when } from "./printed.js";

const PAGE = 200;
const EVENTS = {
  story_created: "had its second article",
  story_grew: "grew",
  story_merged: "another story became part of it",
  story_split: "was split off",
};

/** Renders story `id` into `main`. */
export async function story(main, id, signal) {
  const found = await get(`/stories/${encodeURIComponent(id)}`, { limit: PAGE }, signal);
  const map = await spots(found.places);
  const line = h("div", {}, timeline(found.members, signal));
  main.replaceChildren(
    h(
      "div",
      { class: "story" },
      h(
        "div",
        { class: "card" },
        h("h1", { lang: found.language || undefined, dir: "auto" }, title(found)),
        h("p", { class: "meta" }, size(found), " · latest ", when(found.last_at)),
        h("p", {}, link({ story: String(found.id) }, {}, "Its articles on the map, by topic and source")),
        h("h2", { id: "s-line" }, "Who printed what, and when"),
        line,
        more(found, line, signal),
      ),
      h(
        "div",
        { class: "aside" },
        map
          ? h(
              "section",
              { class: "card", "aria-labelledby": "s-map" },
              h("h2", { id: "s-map" }, "Places"),
              map,
              h(
                "ul",
                { class: "evidence" },
                found.places
                  .slice(0, 12)
                  .map((p) =>
                    h(
                      "li",
                      {},
                      h("bdi", {}, p.name),
                      h("span", { class: "meta" }, ` ${p.country || ""} · in ${number(p.articles)}`),
                    ),
                  ),
              ),
            )
          : null,
        h(
          "section",
          { class: "card", "aria-labelledby": "s-history" },
          h("h2", { id: "s-history" }, "What became of it"),
          history(found),
        ),
      ),
    ),
  );
}

/** The title of a story is that of its first article. */
export const title = (found) => found.first?.title || `Story ${found.id}`;

/** Reports in the order in which they appeared; copies under the text that they were made of. */
function timeline(members, signal) {
  const there = new Set(members.filter((m) => !m.copy).map((m) => m.id));
  const under = new Map();
  const reports = [];
  for (const one of members) {
    if (one.copy && there.has(one.copy.root_id))
      under.set(one.copy.root_id, [...(under.get(one.copy.root_id) || []), one]);
    else reports.push(one);
  }
  return h(
    "ol",
    { class: "line" },
    reports.map((one) =>
      h(
        "li",
        { "data-id": one.id },
        printed(one),
        one.copy ? compare(one, signal) : evidence(one),
        under.has(one.id)
          ? h(
              "ol",
              { class: "line", "aria-label": "Copies of this text" },
              under
                .get(one.id)
                .map((copy) =>
                  h("li", { "data-id": copy.id, class: "copy" }, printed(copy), compare(copy, signal)),
                ),
            )
          : null,
      ),
    ),
  );
}

function printed(one) {
  return [
    h("p", { class: "meta" }, when(one.at), " · ", house(one)),
    h(
      "p",
      { class: "headline", lang: one.language || undefined, dir: "auto" },
      link({ view: "article", id: String(one.id) }, {}, one.title),
    ),
  ];
}

/** What the article has in common with the story. */
function evidence(one) {
  if (one.score === null) return h("p", { class: "meta" }, "began the story");
  const words = Object.values(one.evidence).flat();
  return h(
    "div",
    {},
    h(
      "span",
      { class: "meta" },
      `belongs to it with ${percent(one.score)}${words.length ? "; in common:" : ""}`,
    ),
    words.length
      ? h(
          "ul",
          { class: "tags" },
          words.slice(0, 16).map((word) => h("li", { class: "tag" }, h("bdi", {}, word))),
        )
      : null,
  );
}

/** How a copy relates to its parent, and a button that sets both texts side by side. */
function compare(one, signal) {
  const place = h("div", {});
  const toggle = async () => {
    const open = button.getAttribute("aria-expanded") === "true";
    button.setAttribute("aria-expanded", String(!open));
    if (open) return place.replaceChildren();
    const family = await get(`/articles/${one.id}/copies`, { limit: 1 }, signal);
    return place.replaceChildren(
      family.article.copy
        ? await pair(family.article, signal)
        : h("p", { class: "meta" }, "It is no copy any more."),
    );
  };
  const button = h("button", { "aria-expanded": "false", onclick: toggle }, "Compare");
  return h(
    "div",
    {},
    h(
      "p",
      { class: "meta" },
      h("span", { class: "tag" }, one.copy.kind),
      ` ${percent(one.copy.share)} of its words · ${one.copy.reason} `,
      button,
      " ",
      link({ view: "copies", id: String(one.id) }, {}, "All copies"),
    ),
    place,
  );
}

function more(found, line, signal) {
  let cursor = found.next;
  if (!cursor) return null;
  const button = h(
    "button",
    {
      onclick: async () => {
        const next = await get(`/stories/${found.id}`, { limit: PAGE, cursor }, signal);
        line.append(timeline(next.members, signal));
        cursor = next.next;
        if (!cursor) button.remove();
      },
    },
    "Later articles",
  );
  return button;
}

function history(found) {
  if (!found.history.length) return h("p", { class: "meta" }, "Nothing is noted.");
  return h(
    "ul",
    { class: "evidence" },
    found.history.map((event) =>
      h(
        "li",
        {},
        when(event.at),
        h(
          "span",
          { class: "meta" },
          ` ${EVENTS[event.kind]}${event.mark ? ` to ${number(event.mark)} articles` : ""}`,
        ),
      ),
    ),
  );
}
