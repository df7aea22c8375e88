// Submits URLs and shows the progress of each, live.

import { get, post } from "./api.js";
import { follow } from "./board.js";
import { h, outward } from "./dom.js";
import { address } from "./state.js";

const PACE_MS = 500;
const ENDS = new Set(["stored", "skipped", "failed", "refused"]);
const GOOD = { stored: "good", skipped: "warn", failed: "bad", refused: "bad" };

/** Renders the form into `main`; submitted URLs are followed until `signal` aborts. */
export function submit(main, signal) {
  const area = h("textarea", {
    id: "urls",
    required: true,
    placeholder: "https://…  one a line",
    spellcheck: "false",
  });
  const said = h("p", { role: "status", class: "meta" });
  const list = h("ol", { class: "steps", "aria-label": "Submitted URLs" });
  const send = async (event) => {
    event.preventDefault();
    const urls = area.value
      .split("\n")
      .map((line) => line.trim())
      .filter(Boolean);
    if (!urls.length) return;
    try {
      const done = await post("/submissions", { urls, again: again.checked });
      said.textContent = `${done.new} new, ${done.again} once more, ${done.known} known already, ${done.refused} refused.`;
      area.value = "";
      for (const receipt of done.receipts) watch(list, receipt, signal);
    } catch (error) {
      said.textContent = error.message;
    }
  };
  const again = h("input", { type: "checkbox", id: "again" });
  main.replaceChildren(
    h("h1", {}, "Submit URLs"),
    h(
      "form",
      { class: "card", onsubmit: send },
      h("p", {}, h("label", { for: "urls" }, "Addresses of articles, one a line"), area),
      h(
        "p",
        { class: "row" },
        h("label", {}, again, " fetch known ones once more"),
        h("button", { class: "main", type: "submit" }, "Submit"),
      ),
    ),
    said,
    list,
  );
  area.focus();
}

function watch(list, receipt, signal) {
  const state = h("strong", {}, receipt.state);
  const detail = h("span", { class: "meta" });
  const row = h("li", {}, outward(receipt.url, receipt.url), " — ", state, " ", detail);
  list.prepend(row);
  const show = (now) => {
    state.textContent = now.state.replace("_", " ");
    state.className = GOOD[now.state] || "";
    const steps = (now.history || []).flatMap((a) =>
      (a.stamps || []).map((s) => `${s.event} ${Math.round(s.elapsed_ms || 0)} ms`),
    );
    detail.replaceChildren(
      [now.reason ? `${now.reason}: ${now.detail || ""}` : steps.join(" → "), " "].join(""),
    );
    if (now.article_id) {
      const to = { view: "article", id: String(now.article_id) };
      detail.append(
        h("a", { href: address(to), onclick: (e) => follow(e, to) }, now.article?.title || "the article"),
      );
    }
  };
  show(receipt);
  if (!receipt.accepted) return;
  const look = async () => {
    if (signal.aborted) return;
    try {
      const now = await get(`/submissions/${receipt.id}`, {}, signal);
      show(now);
      if (ENDS.has(now.state)) return;
    } catch (error) {
      if (signal.aborted) return;
      detail.textContent = error.message;
    }
    setTimeout(look, PACE_MS);
  };
  look();
}
