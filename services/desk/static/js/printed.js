// Words and links for who else printed something: stories, and copies of one text.

import { follow } from "./board.js";
import { h, moment, number } from "./dom.js";
import { address } from "./state.js";

export const KINDS = {
  verbatim: "the same text as",
  cut: "a part of",
  extended: "built on",
  edited: "an edit of",
  joined: "joined from",
};

const several = (n, one, many = `${one}s`) => `${number(n)} ${n === 1 ? one : many}`;

/** A time element: the hour of today, else the date too; the whole of it, with its zone, as a hint. */
export function when(iso) {
  if (!iso) return "no date";
  const at = new Date(iso);
  const today = at.toDateString() === new Date().toDateString();
  const short = today
    ? at.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit" })
    : moment(iso);
  const whole = at.toLocaleString(undefined, { dateStyle: "full", timeStyle: "long" });
  return h("time", { datetime: iso, title: whole }, short);
}

/** "3 reports · 2 sources · first 09:14", where copies of one text are one report. */
export function size(story) {
  return [
    story.articles > story.reports ? `${several(story.articles, "article")} · ` : "",
    `${several(story.reports, "report")} · ${several(story.sources, "source")} · first `,
    when(story.first_at),
  ];
}

/** A link that is followed without loading the page anew. */
export function link(state, attributes, ...children) {
  const to = { view: "articles", ...state };
  return h("a", { href: address(to), onclick: (e) => follow(e, to), ...attributes }, ...children);
}

export function storyLink(story) {
  return link({ view: "story", id: String(story.id) }, { class: "printed" }, size(story));
}

/** "a part of an earlier text (93 % of its words)", to the page where both stand side by side. */
export function copyLink(id, copy) {
  return link(
    { view: "copies", id: String(id) },
    { class: "printed" },
    `Copy: ${KINDS[copy.kind]} ${copy.kind === "joined" ? "two texts" : "another text"}, ${percent(copy.share)} of its words`,
  );
}

/** Who printed an article: the site's name, its domain, and whose text it is where that is another. */
export function house(article) {
  const name = article.site_name || article.source;
  return [
    h("strong", {}, h("bdi", {}, name)),
    name === article.source ? null : [" ", h("bdi", { class: "meta" }, article.source)],
    article.provider && article.provider !== name
      ? h("span", { class: "meta" }, " with text of ", h("bdi", {}, article.provider))
      : null,
  ];
}

export const percent = (share) => `${Math.round(share * 100)} %`;
