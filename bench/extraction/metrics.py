"""The figures of an extraction run, as the public article-extraction benchmarks define them."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

_WORD = re.compile(r"\w+")


def shingles(text: str | None, size: int = 4) -> Counter[tuple[str, ...]]:
    """Runs of four words, with their counts (ScrapingHub's article-extraction-benchmark, 2020)."""
    words = _WORD.findall(text or "")
    return (
        Counter(tuple(words[n : n + size]) for n in range(max(1, len(words) - size + 1)))
        if words
        else Counter()
    )


def fold(text: str | None) -> str:
    """Words in lower case, without punctuation."""
    return " ".join(_WORD.findall((text or "").lower()))


def figures(gold: list[dict[str, Any]], found: dict[str, dict[str, Any]]) -> dict[str, float]:
    """Body precision, recall and F1 (of their means), share of poor pages, and metadata exact to the
    letter."""
    precisions, recalls, poor = [], [], []
    titles, dates, authors = [], [], []
    for page in gold:
        out = found.get(page["id"], {})
        if page.get("body"):
            want, got = shingles(page["body"]), shingles(out.get("text"))
            hit = sum((want & got).values())
            precisions.append(hit / sum(got.values()) if got else 0.0)
            recalls.append(hit / sum(want.values()))
            poor.append(2 * hit / (sum(want.values()) + sum(got.values())) < 0.5)
        if page.get("title"):
            titles.append(fold(page["title"]) == fold(out.get("title")))
        if page.get("date"):
            dates.append(str(out.get("published_at") or "")[:10] == page["date"][:10])
        if page.get("authors"):
            named, said = {fold(a) for a in page["authors"]}, {fold(a) for a in out.get("authors") or []}
            authors.append(2 * len(named & said) / (len(named) + len(said)))
    precision, recall = _mean(precisions), _mean(recalls)
    return {
        "f1": 2 * precision * recall / max(1e-9, precision + recall),
        "precision": precision,
        "recall": recall,
        "poor": _mean(poor),
        "title": _mean(titles),
        "date": _mean(dates),
        "authors": _mean(authors),
    }


def _mean(values: list[Any]) -> float:
    return sum(values) / len(values) if values else 0.0
