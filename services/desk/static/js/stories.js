// Stories of the chosen articles: the largest, those that grow, the newest.

import { get } from "./api.js";
import { h, number } from "./dom.js";
import { link, size, when } from "./printed.js";
import { address, filters, go } from "./state.js";
import { title } from "./story.js";

const PAGE = 25;
const ORDERS = { size: "Largest", growth: "Growing", new: "Newest", latest: "Latest article" };

/** Renders the list into `main`. */
export async function stories(main, state, signal) {
  const asked = { ...filters(state), order: state.order || "size", limit: PAGE };
  const page = await get("/stories", asked, signal);
  const list = h("ol", { class: "articles", id: "stories" }, page.stories.map(item));
  main.replaceChildren(
    h("h1", {}, "Stories"),
    h(
      "section",
      { class: "card", "aria-label": "Stories" },
      h(
        "div",
        { class: "row" },
        h(
          "div",
          { role: "group", "aria-label": "Order" },
          Object.entries(ORDERS).map(([order, label]) => [
            h(
              "button",
              {
                "aria-pressed": String(asked.order === order),
                onclick: () => go({ ...state, order: order === "size" ? undefined : order }),
              },
              label,
            ),
            " ",
          ]),
        ),
        narrowed(state),
      ),
      list,
      page.stories.length ? null : h("p", { class: "meta" }, nothing(asked)),
      more(list, page, asked, signal),
    ),
  );
}

/** How many filters of the articles apply, with links to both without them and to the articles. */
function narrowed(state) {
  const chosen = filters(state);
  if (!Object.keys(chosen).length) return null;
  return h(
    "span",
    { class: "meta" },
    "Of ",
    h("a", { href: address({ ...state, view: "articles", order: undefined }) }, "the chosen articles"),
    " · ",
    link({ view: "stories" }, {}, "All stories"),
  );
}

const nothing = (asked) =>
  asked.order === "growth"
    ? "No story had an article within the last six hours."
    : "No story of two articles or more yet: they are found soon after their articles are stored.";

function item(found) {
  return h(
    "li",
    { "data-id": found.id },
    h(
      "h2",
      { class: "headline", lang: found.language || undefined, dir: "auto" },
      link({ view: "story", id: String(found.id) }, {}, title(found)),
    ),
    h(
      "p",
      { class: "meta" },
      size(found),
      " · latest ",
      when(found.last_at),
      found.growth ? ` · ${number(found.growth)} articles an hour` : "",
    ),
    found.first
      ? h(
          "ul",
          { class: "tags", "aria-label": "Tags" },
          found.first.topics.slice(0, 3).map((t) => h("li", { class: "tag topic" }, t)),
          found.first.countries.slice(0, 3).map((c) => h("li", { class: "tag country" }, c)),
        )
      : null,
  );
}

function more(list, page, asked, signal) {
  let cursor = page.next;
  if (!cursor) return null;
  const button = h(
    "button",
    {
      onclick: async () => {
        const next = await get("/stories", { ...asked, cursor }, signal);
        list.append(...next.stories.map(item));
        list.querySelector(`[data-id="${next.stories[0]?.id}"] a`)?.focus();
        cursor = next.next;
        if (!cursor) button.remove();
      },
    },
    "More stories",
  );
  return button;
}
