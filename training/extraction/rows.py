"""Rows of evidence with what is right, from pages whose article is known."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from services.ingest.extract import _Page
from services.ingest.extract.block_filter import scope_of
from services.ingest.extract.columns import NAMES
from services.ingest.extract.evidence import measure
from services.ingest.extract.reading import classes_of

NOW = datetime(2026, 11, 1, tzinfo=UTC)
CLASSES = 4096
# Words; in scripts without blanks between them, characters.
_SIGNS = r"\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"[{_SIGNS}]|[^\W{_SIGNS}]+")
FOLDS = 5


@dataclass
class Rows:
    """The blocks of one page in and around its article's container."""

    of: str  # the set
    site: str
    body: str
    texts: list[str]
    classes: list[list[int]]
    evidence: np.ndarray  # (blocks, len(NAMES))
    right: np.ndarray  # 1: the article's
    weight: np.ndarray

    @property
    def fold(self) -> int:
        """Whole sites fall into one of five folds."""
        return int(hashlib.sha1(self.site.encode()).hexdigest(), 16) % FOLDS


def shingles(text: str, size: int = 4) -> Counter[tuple[str, ...]]:
    """Runs of four words, with their counts."""
    words = WORD.findall(text)
    return Counter(tuple(words[n : n + size]) for n in range(max(1, len(words) - size + 1)) if words)


def pages_of(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            page = json.loads(line)
            if page.get("body"):
                yield page


def rows_of(html: str, url: str, body: str, of: str, site: str, weight: float = 1.0) -> Rows | None:
    """The evidence on a page's blocks, each labelled by whether the article's text has it."""
    page = _Page(html.encode("utf-8", "replace"), url, NOW)
    container = page.body.container
    first, end = scope_of(page.walked, container)
    if first >= end:
        return None
    blocks = page.walked.blocks[first:end]
    lexicon = array("d", bytes(8 * CLASSES))
    rows = measure(page.walked, container, first, end, page.title, page.description, lexicon)
    right, told = _labels([block.text for block in blocks], body)
    return Rows(
        of=of, site=site, body=body, texts=[block.text for block in blocks],
        classes=[classes_of(block.text) for block in blocks],
        evidence=np.array(rows, dtype=np.float32).reshape(len(blocks), len(NAMES)),
        right=right, weight=_weights(right, told) * weight,
    )  # fmt: skip


def _labels(texts: list[str], body: str) -> tuple[np.ndarray, np.ndarray]:
    """Whether each text is the body's, and how much that tells: its words, fewer where it is doubtful."""
    have = shingles(body)
    lines = {_fold(line.lstrip("-*• ")) for line in body.split("\n")}
    flat = f" {_fold(body)} "
    right, told = [], []
    for text in texts:
        words = WORD.findall(text)
        count = float(len(words))
        if count >= 4:
            own = shingles(text)
            share = sum((have & own).values()) / sum(own.values())
            right.append(share >= 0.5)
            told.append(count * (0.4 if 0.25 < share < 0.8 else 1.0))
        else:
            folded = _fold(text)
            right.append(folded in lines or (bool(words) and f" {folded} " in flat))
            told.append(count * (1.0 if folded in lines or not right[-1] else 0.15))
    return np.array(right, dtype=float), np.array(told)


def _weights(right: np.ndarray, told: np.ndarray) -> np.ndarray:
    """Weights of blocks such that long and short articles count alike, as in the mean over pages."""
    weights = (np.minimum(told, 120) + 4) * 100 / (told[right > 0].sum() + 40)
    weights[told == 0] = 0.05
    return np.minimum(weights, 25)


def precision_and_recall(texts: list[str], body: str) -> tuple[float, float]:
    want, got = shingles(body), shingles("\n\n".join(texts))
    hits = sum((want & got).values())
    return (hits / got.total() if got else 0.0), hits / max(1, want.total())


def cut_short(rows: Rows, kept: np.ndarray) -> bool:
    """Whether the set's text seems cut short or another one: what is found has all of it and much more, or
    has nothing to do with it. Such pages are scored, but nothing is learned from them.
    """
    texts = [text for text, keep in zip(rows.texts, kept, strict=True) if keep]
    precision, recall = precision_and_recall(texts, rows.body)
    return (recall > 0.9 and precision < 0.75) or recall < 0.3 or precision < 0.6


def site_of(url: str | None) -> str:
    """The registrable domain, near enough."""
    labels = (urlsplit(url or "").hostname or "x").split(".")
    return ".".join(labels[-2:] if len(labels) < 3 or len(labels[-2]) > 3 else labels[-3:])


def language_of(page: dict[str, Any]) -> str:
    declared = re.search(r"<html[^>]*\blang=[\"']?([a-zA-Z]{2})", page["html"][:3000])
    return str(page.get("lang") or (declared[1].lower() if declared else "en"))[:2]


def _fold(text: str) -> str:
    return " ".join(WORD.findall(text.lower()))


def mean_f1(pages: list[Rows], kept: list[np.ndarray]) -> dict[str, str]:
    """F1 (precision / recall) by set, as the benchmark has it, over the blocks looked at."""
    found: dict[str, list[tuple[float, float]]] = {}
    for rows, keep in zip(pages, kept, strict=True):
        texts = [text for text, kept_one in zip(rows.texts, keep, strict=True) if kept_one]
        found.setdefault(rows.of, []).append(precision_and_recall(texts, rows.body))
    figures = {}
    for of, pairs in found.items():
        precision, recall = (sum(values) / len(pairs) for values in zip(*pairs, strict=True))
        f1 = 2 * precision * recall / max(1e-9, precision + recall)
        figures[of] = f"{f1:.4f} ({precision:.3f} / {recall:.3f}), {len(pairs)} pages"
    return figures
