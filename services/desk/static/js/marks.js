// Texts with marked passages, by offsets that count code points.

import { h } from "./dom.js";

/** The text split at the offsets of quotes, which count code points, not JavaScript's UTF-16 units. */
export function marked(text, marks) {
  const characters = Array.from(text);
  const cuts = [...new Set([0, characters.length, ...marks.flatMap((m) => [m.start, m.end])])]
    .filter((n) => n >= 0 && n <= characters.length)
    .toSorted((a, b) => a - b);
  const out = [];
  for (let n = 0; n + 1 < cuts.length; n += 1) {
    const [start, end] = [cuts[n], cuts[n + 1]];
    const piece = characters.slice(start, end).join("");
    const over = marks.filter((m) => m.start <= start && m.end >= end);
    if (!over.length) out.push(piece);
    else
      out.push(
        h(
          "mark",
          {
            class: [...new Set(over.map((m) => m.kind))].join(" "),
            title: [...new Set(over.map((m) => m.label))].join("\n"),
            "data-start": start,
            "data-end": end,
            "data-passage": over.find((m) => m.passage)?.passage,
          },
          piece,
        ),
      );
  }
  return out;
}

/** Highlights the marks from `start` to `end`, and scrolls to them. */
export function light(text, start, end) {
  reveal(text, (mark) => Number(mark.dataset.start) >= start && Number(mark.dataset.end) <= end);
}

/** Highlights the marks that `chosen` says, and scrolls to the first of them. */
export function reveal(text, chosen) {
  for (const mark of text.querySelectorAll("mark")) mark.classList.toggle("lit", chosen(mark));
  text.querySelector("mark.lit")?.scrollIntoView({
    block: "center",
    behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth",
  });
}
