// The pipeline: throughput, failures by reason, sources with problems. Refreshed every two seconds.

import { get, post } from "./api.js";
import { h, moment, number, outward, span } from "./dom.js";

const PACE_MS = 2000;

/** Renders the view into `main` and refreshes it until `signal` aborts. */
export async function pipeline(main, signal) {
  const said = h("p", { role: "status", class: "meta" });
  const body = h("div", {});
  const scopes = (await get("/me")).scopes;
  main.replaceChildren(h("h1", {}, "Pipeline"), said, body);
  const draw = async () => {
    const [state, letters, sources, report] = await Promise.all([
      get("/pipeline", {}, signal),
      get("/dead-letters", { limit: 25 }, signal),
      get("/sources", {}, signal),
      get("/sources/report", { days: 7 }, signal),
    ]);
    const kept = body.contains(document.activeElement) ? document.activeElement.dataset.keep : undefined;
    const replay = async (what, label) => {
      const done = await post("/dead-letters/replay", what);
      said.textContent = `${done.urls} URL${done.urls === 1 ? "" : "s"} start again (${label}).`;
      await draw();
    };
    body.replaceChildren(
      h(
        "div",
        { class: "tables" },
        h(
          "section",
          { class: "card", "aria-labelledby": "p-now" },
          h("h2", { id: "p-now" }, "Now"),
          now(state),
        ),
        h(
          "section",
          { class: "card wide", "aria-labelledby": "p-queues", tabindex: "0" },
          h("h2", { id: "p-queues" }, "Queues and workers"),
          queues(state),
        ),
        h(
          "section",
          { class: "card wide", "aria-labelledby": "p-dead", tabindex: "0" },
          h("h2", { id: "p-dead" }, `Dead letters (${number(state.dead_letters)})`),
          dead(letters.letters, replay, scopes.includes("admin")),
        ),
        h(
          "section",
          { class: "card wide", "aria-labelledby": "p-reasons", tabindex: "0" },
          h("h2", { id: "p-reasons" }, "Not stored, by reason"),
          reasons(state.reasons),
        ),
        h(
          "section",
          { class: "card wide", "aria-labelledby": "p-sources", tabindex: "0" },
          h("h2", { id: "p-sources" }, "Sources"),
          sourceTable(sources.sources),
        ),
        h(
          "section",
          { class: "card wide", "aria-labelledby": "p-days", tabindex: "0" },
          h("h2", { id: "p-days" }, "Listed against stored, the last seven days"),
          days(report.days),
        ),
      ),
    );
    if (kept) body.querySelector(`[data-keep="${CSS.escape(kept)}"]`)?.focus({ preventScroll: true });
  };
  await draw();
  const timer = setInterval(() => {
    if (!document.hidden)
      draw().catch((error) => {
        if (!signal.aborted) said.textContent = error.message;
      });
  }, PACE_MS);
  signal.addEventListener("abort", () => clearInterval(timer));
}

function figure(label, value, kind) {
  return h("div", {}, h("dt", {}, label), h("dd", { class: kind }, value));
}

function now(state) {
  const stored = state.rates.find((r) => r.outcome === "stored");
  return [
    h(
      "dl",
      { class: "figures" },
      figure("articles", number(state.articles)),
      figure("stored in the last minute", number(stored?.last_minute || 0)),
      figure("waiting", number((state.states.pending || 0) + (state.states.in_flight || 0))),
      figure("oldest due", span(state.oldest_due_s)),
      figure("oldest in flight", span(state.oldest_in_flight_s)),
      figure("not yet compared", number(state.stories_behind)),
      figure("oldest of them", span(state.stories_behind_s)),
      figure("dead letters", number(state.dead_letters), state.dead_letters ? "warn" : undefined),
    ),
    h(
      "p",
      { class: "meta" },
      Object.entries(state.states)
        .map(([name, n]) => `${name} ${number(n)}`)
        .join(" · ") || "no URL yet",
    ),
    state.broker
      ? null
      : h("p", { class: "bad" }, "Redis does not answer: queues and workers are not known."),
    state.flower_url ? h("p", {}, outward(state.flower_url, "Open Flower")) : null,
    table(
      ["stage", "a minute", "mean"],
      state.stages.map((s) => [
        `${s.stage}: ${s.event}`,
        n(s.per_minute.toFixed(1)),
        n(s.mean_ms === null ? "–" : `${s.mean_ms.toFixed(0)} ms`),
      ]),
      "Nothing moved in the last five minutes.",
    ),
  ];
}

const n = (value) => ({ value, class: "n" });

function table(heads, rows, empty) {
  if (!rows.length) return h("p", { class: "meta" }, empty);
  const plain = (c) => c?.constructor === Object;
  const cell = (c) =>
    plain(c)
      ? h("td", { class: c.class }, c.value)
      : h("td", { class: /^https?:/.test(c?.textContent ?? c) ? "url" : undefined }, c);
  const column = (x, i) =>
    h("th", { scope: "col", class: plain(rows[0][i]) && rows[0][i].class === "n" ? "n" : undefined }, x);
  return h(
    "table",
    {},
    h("thead", {}, h("tr", {}, heads.map(column))),
    h(
      "tbody",
      {},
      rows.map((row) => h("tr", {}, row.map(cell))),
    ),
  );
}

function queues(state) {
  return [
    table(
      ["queue", "waiting", "taken", "oldest"],
      state.queues.map((q) => [
        q.queue,
        n(number(q.waiting)),
        n(number(q.unacknowledged)),
        n(span(q.oldest_s)),
      ]),
      "No queue is known.",
    ),
    table(
      ["worker", "state", "last word"],
      state.workers.map((w) => [
        w.name,
        { value: w.healthy ? "moves" : "stuck or silent", class: w.healthy ? "good" : "bad" },
        n(`${span(w.said_s)} ago`),
      ]),
      "No worker is heard of.",
    ),
  ];
}

function dead(letters, replay, may) {
  const byReason = [...new Set(letters.map((l) => l.reason))];
  return [
    may && byReason.length
      ? h(
          "p",
          {},
          byReason.map((reason) => [
            h(
              "button",
              { "data-keep": `reason-${reason}`, onclick: () => replay({ reason }, reason) },
              `Replay all ${reason}`,
            ),
            " ",
          ]),
        )
      : null,
    table(
      ["URL", "reason", "failed", "again"],
      letters.map((l) => [
        h("span", { title: l.error || "" }, l.url),
        `${l.stage}: ${l.reason}`,
        moment(l.failed_at),
        may
          ? h(
              "button",
              {
                "data-keep": `letter-${l.id}`,
                "aria-label": `Replay ${l.url}`,
                onclick: () => replay({ ids: [l.id] }, l.url),
              },
              "Replay",
            )
          : "",
      ]),
      "None: nothing failed for good, or all of it was tried again.",
    ),
  ];
}

function reasons(rows) {
  return table(
    ["state", "reason", "URLs", "for example"],
    rows.map((r) => [r.state, r.reason, n(number(r.urls)), r.example]),
    "Everything was stored.",
  );
}

function sourceTable(rows) {
  const kinds = { ok: "good", broken: "bad", silent: "warn", new: "", paused: "" };
  const why = (r) =>
    r.state === "broken"
      ? `${r.reason}: ${r.detail || ""}`
      : r.state === "silent"
        ? `nothing new for ${span(r.still_s)}; its habit allows ${span(r.habit_s)}`
        : "";
  return table(
    ["source", "state", "a day", "last new"],
    rows.map((r) => [
      r.title || r.url,
      h("span", { class: kinds[r.state] }, `${r.state} ${why(r)}`),
      n(r.items_a_day === null ? "–" : r.items_a_day.toFixed(1)),
      r.last_new_at ? moment(r.last_new_at) : "never",
    ]),
    "None: `dateline sources add URL` adds one.",
  );
}

function days(rows) {
  return table(
    ["day", "source", "listed", "stored", "skipped", "failed", "waiting"],
    rows.map((r) => [
      r.day,
      r.title || r.url,
      n(number(r.listed)),
      n(number(r.stored)),
      n(number(r.skipped)),
      {
        value: h("span", { class: r.failed ? "bad" : undefined, title: r.reason || "" }, number(r.failed)),
        class: "n",
      },
      n(number(r.waiting + r.unknown)),
    ]),
    "No source listed anything.",
  );
}
