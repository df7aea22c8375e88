// The family of one text: who had it first, its copies, and a copy beside its parent with the passages marked.

import { get } from "./api.js";
import { h, number } from "./dom.js";
import { marked, reveal } from "./marks.js";
import { house, KINDS, link, percent, when } from "./printed.js";

const PAGE = 50;

/** Renders the family of the text of article `id` into `main`; a copy beside its parent. */
export async function copies(main, id, signal) {
  const family = await get(`/articles/${encodeURIComponent(id)}/copies`, { limit: PAGE }, signal);
  const shown = family.article.copy ? family.article : family.copies[0];
  const beside = shown ? await pair(shown, signal) : null;
  const title = (family.root || family.article).title;
  main.replaceChildren(
    h("h1", { dir: "auto" }, title),
    h(
      "p",
      { class: "meta" },
      family.total
        ? `${number(family.total)} ${family.total === 1 ? "copy" : "copies"} of one text`
        : "Nobody is known to have copied this text.",
    ),
    h(
      "div",
      { class: "family" },
      h(
        "section",
        { class: "card", "aria-labelledby": "f-list" },
        h("h2", { id: "f-list" }, "Who printed it"),
        list(family, shown),
      ),
      beside,
    ),
  );
}

function list(family, shown) {
  const rows = h(
    "ol",
    { class: "line", id: "family" },
    family.root
      ? member(family.root, family, shown)
      : h("li", {}, h("p", { class: "meta" }, "Who had it first has been deleted here.")),
    family.copies.map((copy) => member(copy, family, shown)),
  );
  let offset = family.copies.length;
  if (offset >= family.total) return rows;
  const more = h(
    "button",
    {
      onclick: async () => {
        const next = await get(`/articles/${family.article_id}/copies`, { limit: PAGE, offset });
        rows.append(...next.copies.map((copy) => member(copy, family, shown)));
        offset += next.copies.length;
        if (offset >= next.total || !next.copies.length) more.remove();
      },
    },
    "More copies",
  );
  return [rows, more];
}

function member(article, family, shown) {
  const { copy } = article;
  return h(
    "li",
    { "data-id": article.id, class: copy ? undefined : "root" },
    h("p", {}, house(article)),
    h(
      "p",
      { class: "meta" },
      when(article.published_at || article.at),
      ` · ${number(article.word_count)} words`,
    ),
    h("p", { dir: "auto" }, link({ view: "article", id: String(article.id) }, {}, article.title)),
    copy
      ? h(
          "p",
          { class: "meta" },
          `${copy.kind}: ${percent(copy.share)} of its words, ${percent(copy.parent_share)} of its parent's · ${copy.reason} `,
          shown && shown.id === article.id
            ? h("strong", {}, "shown")
            : link({ view: "copies", id: String(article.id) }, {}, "Compare"),
        )
      : h("p", { class: "meta" }, "the first of them"),
  );
}

/** A copy beside its parent: both texts with the passages that they share, which light up together. */
export async function pair(copied, signal) {
  const { copy } = copied;
  const [mine, theirs] = await Promise.all([
    get(`/articles/${copied.id}`, {}, signal),
    get(`/articles/${copy.parent_id}`, {}, signal).catch((error) => {
      if (error.status === 404) return null;
      throw error;
    }),
  ]);
  const text = (article, key) => side(article, copy.passages, key);
  const ours = text(mine, ["start", "end"]);
  const parents = theirs ? text(theirs, ["parent_start", "parent_end"]) : null;
  const both = [ours, parents].filter(Boolean);
  const show = (n) => {
    for (const one of both) reveal(one, (mark) => mark.dataset.passage === String(n));
  };
  for (const one of both)
    one.addEventListener("click", (event) => {
      const n = event.target.closest("mark")?.dataset.passage;
      if (n) show(n);
    });
  return h(
    "section",
    { class: "card pair", "aria-label": "A copy beside its parent" },
    h(
      "p",
      {},
      `${percent(copy.share)} of the words of the copy, which is ${KINDS[copy.kind]} its parent, stand in the passages marked.`,
      copy.also_id
        ? [
            " It has a second source: ",
            link({ view: "article", id: String(copy.also_id) }, {}, `article ${copy.also_id}`),
            ".",
          ]
        : null,
    ),
    copy.current
      ? buttons(copy.passages, show)
      : h(
          "p",
          { class: "notice" },
          "A text has changed since both were compared: nothing is marked until they are again.",
        ),
    h(
      "div",
      { class: "sides" },
      column("The copy", mine, ours),
      theirs
        ? column("Its parent", theirs, parents)
        : h("p", { class: "notice" }, "The text that it was compared with has been deleted."),
    ),
  );
}

function side(article, passages, [start, end]) {
  const marks = passages.map((p, n) => ({
    start: p[start],
    end: p[end],
    kind: n % 2 ? "passage odd" : "passage",
    label: `passage ${n + 1}`,
    passage: n + 1,
  }));
  return h(
    "div",
    { class: "text", lang: article.language || undefined, dir: "auto" },
    marked(article.text, marks),
  );
}

function buttons(passages, show) {
  if (!passages.length) return h("p", { class: "meta" }, "No passage is stored.");
  return h(
    "p",
    { class: "passages", role: "group", "aria-label": "Passages that both texts have" },
    passages
      .slice(0, 60)
      .map((p, n) =>
        h(
          "button",
          { class: n % 2 ? "passage odd" : "passage", onclick: () => show(n + 1) },
          `${n + 1}`,
          h("span", { class: "hidden" }, `: passage of ${p.end - p.start} characters`),
        ),
      ),
    passages.length > 60 ? h("span", { class: "meta" }, ` and ${passages.length - 60} more`) : null,
  );
}

function column(label, article, text) {
  return h(
    "div",
    {},
    h("h2", {}, `${label}: `, h("bdi", {}, article.site_name || article.source)),
    h(
      "p",
      { class: "meta" },
      when(article.published_at),
      " · ",
      link({ view: "article", id: String(article.id) }, {}, "the article"),
    ),
    h("h3", { lang: article.language || undefined, dir: "auto" }, article.title),
    text,
  );
}
