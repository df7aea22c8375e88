// One person or organisation: attention over time, what is quoted, who is named beside it.

import { get } from "./api.js";
import { follow } from "./board.js";
import { h, moment, number } from "./dom.js";
import { address } from "./state.js";

/** Renders the name `id`, such as person/angela merkel, into `main`. */
export async function name(main, id, signal) {
  const [kind, ...rest] = id.split("/");
  const key = rest.join("/");
  const found = await get(`/names/${encodeURIComponent(kind)}/${encodeURIComponent(key)}`, {}, signal);
  const section = (title, ...inside) => h("section", { class: "card" }, h("h2", {}, title), inside);
  main.replaceChildren(
    h(
      "div",
      { class: "story" },
      h(
        "div",
        { class: "card" },
        h("h1", {}, found.name),
        h(
          "p",
          { class: "meta" },
          [...found.roles, ...found.forms.filter((f) => f !== found.name)].join(" · "),
        ),
        h(
          "p",
          {},
          link(`${number(found.articles)} ${found.articles === 1 ? "article" : "articles"}`, {
            [kind]: [found.key],
          }),
        ),
        h("h2", {}, "Attention"),
        days(found.days),
        h("h2", {}, "Quoted"),
        found.quotes.length ? quotes(found.quotes) : h("p", { class: "meta" }, "Nothing."),
      ),
      h(
        "div",
        { class: "aside" },
        section("People named beside", beside(found.people, "person")),
        section("Organisations named beside", beside(found.organisations, "org")),
      ),
    ),
  );
}

function link(label, filter) {
  const state = { view: "articles", ...filter };
  return h("a", { href: address(state), onclick: (e) => follow(e, state) }, label);
}

/** Articles by day, the latest first. */
function days(counts) {
  return h(
    "ul",
    {},
    counts
      .toReversed()
      .slice(0, 60)
      .map((d) => h("li", {}, `${d.start.slice(0, 10)}: ${number(d.articles)}`)),
  );
}

function quotes(said) {
  return h(
    "ul",
    { class: "evidence" },
    said.map((q) =>
      h(
        "li",
        {},
        h("blockquote", {}, q.quote),
        h(
          "div",
          { class: "meta" },
          link(q.title, { view: "article", id: String(q.article_id) }),
          ` ${q.source} · ${moment(q.published_at)}`,
        ),
      ),
    ),
  );
}

function beside(names, kind) {
  if (!names.length) return h("p", { class: "meta" }, "None.");
  return h(
    "ul",
    { class: "evidence" },
    names.map((n) =>
      h("li", {}, link(n.name, { view: "name", id: `${kind}/${n.key}` }), ` ${number(n.articles)}`),
    ),
  );
}
