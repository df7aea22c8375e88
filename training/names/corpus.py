"""The marked texts, as labels of their candidates' words."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.enrich.names.decoder import LABELS
from services.enrich.names.features import Candidates
from services.enrich.names.lexicon import Lexicon
from services.enrich.names.tokens import Tokens

CORPORA = ("worldwide_en", "conll_en", "germeval_de")
LANGUAGES = {"en": 0, "de": 1, "es": 2}


@dataclass(slots=True)
class Marked:
    """A text's candidates: features of each word, labels, and where each candidate begins."""

    id: str
    corpus: str
    language: str
    group: str
    rows: list[list[int]]
    labels: list[str]
    begins: list[int]
    text: str
    spans: list[dict[str, Any]]

    def sequences(self) -> Iterator[tuple[int, int]]:
        """(begin, end) of each candidate's words."""
        yield from zip(self.begins, [*self.begins[1:], len(self.labels)], strict=True)


def load(folder: Path, corpus: str) -> list[dict[str, Any]]:
    """The rows of a corpus."""
    with (folder / "names" / f"{corpus}.jsonl").open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines if line.strip()]


def candidates_of(row: dict[str, Any], lexicon: Lexicon, *, own: bool = True) -> Candidates:
    """The candidates of a row. `own`: with features of its language, else with those that hold in any."""
    return Candidates(Tokens(row["text"], False), lexicon, LANGUAGES.get(row["lang"], -1) if own else -1)


def marked(row: dict[str, Any], corpus: str, lexicon: Lexicon, *, own: bool = True) -> Marked:
    """A row with its features."""
    candidates = candidates_of(row, lexicon, own=own)
    of_token = labels_of(candidates.tokens, row["spans"])
    labels: list[str] = []
    begins: list[int] = []
    for c in range(candidates.count):
        begins.append(len(labels))
        labels += whole(of_token[candidates.first[c] : candidates.last[c] + 1])
    rows = [candidates.features(n) for n in range(len(labels))]
    group = row["domain"] if corpus == "worldwide_en" else row["id"]
    return Marked(row["id"], corpus, row["lang"], group, rows, labels, begins, row["text"], row["spans"])


def labels_of(tokens: Tokens, spans: Sequence[dict[str, Any]]) -> list[str]:
    """The label of each word; a span that cuts a word takes the whole of it."""
    found = ["O"] * tokens.count
    starts, ends = list(tokens.start[: tokens.count]), list(tokens.end[: tokens.count])
    for span in spans:
        first, last = bisect_left(ends, span["start"] + 1), bisect_left(starts, span["end"]) - 1
        for n in range(first, last + 1):
            if found[n] == "O":
                found[n] = labelled(n, first, last, span["label"])
    return found


def labelled(n: int, first: int, last: int, kind: str) -> str:
    """The label of word `n` of a name of some kind."""
    if kind == "MISC":
        return "B-MISC" if n == first else "I-MISC"
    return ("U-" if first == last else "B-" if n == first else "L-" if n == last else "I-") + kind


def whole(labels: list[str]) -> list[str]:
    """Labels of a candidate that holds a part of a name only: the part is taken for a name."""
    out = list(labels)
    at = 0
    while at < len(out):
        if out[at] == "O":
            at += 1
            continue
        kind, end = out[at].partition("-")[2], at + 1
        if out[at][0] in "BI":
            while end < len(out) and out[end][:2] in ("I-", "L-") and out[end].endswith(kind):
                end += 1
                if out[end - 1][0] == "L":
                    break
        for n in range(at, end):
            out[n] = labelled(n, at, end - 1, kind)
        at = end
    return out


assert len(LABELS) <= 16
