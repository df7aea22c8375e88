// Routing: renders the view named by the URL, and again when stored articles change.

import { get, post, remove } from "./api.js";
import { article } from "./article.js";
import { board, follow } from "./board.js";
import { copies } from "./copies.js";
import { h } from "./dom.js";
import { name as namePage } from "./name.js";
import { pipeline } from "./pipeline.js";
import { go, listen, read } from "./state.js";
import { stories } from "./stories.js";
import { story } from "./story.js";
import { submit } from "./submit.js";

const main = document.getElementById("main");
const live = document.getElementById("live");
const text = document.getElementById("text");
const out = document.getElementById("sign-out");
const TITLES = {
  pipeline: "Pipeline",
  submit: "Submit",
  stories: "Stories",
  story: "Story",
  copies: "Copies",
};
let drawing = new AbortController();
let events;
let stale;

async function draw(state, { again = false } = {}) {
  if (!again) {
    drawing.abort();
    drawing = new AbortController();
  }
  const { signal } = drawing;
  if (document.activeElement !== text) text.value = state.text || "";
  for (const link of document.querySelectorAll("nav a")) {
    if (link.dataset.view === state.view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = TITLES[state.view] ? `${TITLES[state.view]} · Dateline` : "Dateline";
  try {
    if (state.view === "article" && state.id) await article(main, state.id, signal);
    else if (state.view === "name" && state.id) await namePage(main, state.id, signal);
    else if (state.view === "story" && state.id) await story(main, state.id, signal);
    else if (state.view === "copies" && state.id) await copies(main, state.id, signal);
    else if (state.view === "stories") await stories(main, state, signal);
    else if (state.view === "pipeline") await pipeline(main, signal);
    else if (state.view === "submit") submit(main, signal);
    else await board(main, state, { live: again, signal });
  } catch (error) {
    if (signal.aborted) return;
    if (error.status === 401) return;
    if (error.status === 503 && state.view === "articles") setTimeout(() => draw(read()), 800);
    else main.replaceChildren(h("p", { class: "notice", role: "alert" }, error.message || String(error)));
  }
}

/** Asks for a token where a request needs one, whichever view sent it; later refusals leave the form as it is. */
addEventListener("unauthenticated", ({ detail }) => {
  if (document.getElementById("token")) return;
  drawing.abort();
  signIn(detail);
});

/** Asks for a token, and begins a session with it, whose cookie no script can read. */
function signIn(why) {
  out.hidden = true;
  const token = h("input", { id: "token", type: "password", autocomplete: "off", required: true });
  const said = h("p", { role: "alert", class: "meta" }, why);
  const send = async (event) => {
    event.preventDefault();
    try {
      signedIn(await post("/session", { token: token.value.trim() }));
      draw(read());
    } catch (error) {
      said.textContent = error.message;
    }
  };
  main.replaceChildren(
    h(
      "form",
      { class: "card", onsubmit: send },
      h("h1", {}, "Sign in"),
      said,
      h(
        "p",
        {},
        h("label", { for: "token" }, "Token "),
        token,
        " ",
        h("button", { class: "main", type: "submit" }, "Sign in"),
      ),
    ),
  );
}

/** Shows what a signed-in user has: live updates, and a button to sign out where there is a session. */
function signedIn({ name }) {
  out.hidden = name === "this machine";
  watch();
}

/** Follows the change feed: a visible list is rendered again soon after a change. */
function watch() {
  events?.close();
  events = new EventSource("/events");
  events.addEventListener("hello", () => (live.textContent = "live"));
  events.addEventListener("error", () => (live.textContent = "not connected"));
  events.addEventListener("change", (event) => {
    const { articles } = JSON.parse(event.data);
    live.textContent = articles.length ? `live · ${articles.length} just now` : "live";
    if (stale) return;
    stale = setTimeout(() => {
      stale = undefined;
      const state = read();
      if (state.view === "articles" && !main.contains(document.activeElement?.closest("form")))
        draw(state, { again: true });
    }, 400);
  });
}

document.getElementById("search").addEventListener("submit", (event) => {
  event.preventDefault();
  const now = read();
  go({ ...now, view: "articles", id: undefined, text: text.value.trim() || undefined });
});
for (const link of document.querySelectorAll("a[data-view]")) {
  link.addEventListener("click", (event) => follow(event, { view: link.dataset.view }));
}
listen((state) => {
  draw(state);
  scrollTo(0, 0);
});
draw(read());
out.addEventListener("click", async () => {
  await remove("/session");
  events?.close();
  live.textContent = "";
  draw(read());
});
get("/me").then(signedIn, () => {});
