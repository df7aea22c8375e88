"""Level-1 scores in languages other than English: a weighted mean of per-piece scores (see training/topics/multilingual.py)."""

from __future__ import annotations

import gzip
from collections import Counter
from math import log1p
from typing import Any

import numpy as np

from services.enrich.topics.pieces import Pieces
from services.enrich.topics.taxonomy import DATA

MAX_PIECES = 700
_HEADLINE_PIECES = 12
_SHARPEST = 2.5


def weigh(
    pieces: Pieces, mean_weights: np.ndarray, title: str, text: str
) -> tuple[list[int], list[float], dict[int, tuple[int, int]]]:
    """Rows of the table, their weights (summing to 1), and where each piece first stands in `text`."""
    counts: Counter[int] = Counter()
    first: dict[int, tuple[int, int]] = {}
    for piece, _, _ in pieces.cut(title, 80):
        counts[piece] += 2
    for piece, start, end in pieces.cut(text, MAX_PIECES):
        counts[piece] += 1
        first.setdefault(piece, (start, end))
    rows = [piece for piece in counts if mean_weights[piece] > 0]
    weights = [log1p(counts[piece]) * float(mean_weights[piece]) for piece in rows]
    total = sum(weights) or 1.0
    return rows, [w / total for w in weights], first


class MultilingualTable:
    """The shipped table."""

    def __init__(self, manifest: dict[str, Any]) -> None:
        self._pieces = Pieces(gzip.decompress((DATA / "pieces.txt.gz").read_bytes()).decode().split("\n"))
        self._weights = np.load(DATA / "piece_weights.npy").astype(np.float32)
        self._scores = np.load(DATA / "piece_scores.npy")
        self._scale = np.float32(manifest["scale"])
        self._bias = np.asarray(manifest["bias"], np.float32)
        self._temperature = float(manifest["temperature"])

    def weigh(self, title: str, text: str) -> tuple[list[int], list[float]]:
        """The pieces of a text and their weights in its mean."""
        rows, weights, _ = weigh(self._pieces, self._weights, title, text)
        return rows, weights

    def read(self, title: str, text: str) -> tuple[np.ndarray, np.ndarray, list[tuple[int, int] | None]]:
        """Probabilities by label; contributions (pieces, labels); and each piece's first span in `text`, if any."""
        rows, weights, first = weigh(self._pieces, self._weights, title, text)
        table = self._scores[rows].astype(np.float32) * self._scale
        contributions = table * np.asarray(weights, np.float32)[:, None]
        # A mean over many pieces is flatter than one over a headline's few, on which the temperature was set.
        sharpness = min(_SHARPEST, max(1.0, (len(rows) / _HEADLINE_PIECES) ** 0.5))
        margins = (contributions.sum(0) * sharpness + self._bias) * self._temperature
        probabilities = np.exp(margins - margins.max())
        return probabilities / probabilities.sum(), contributions, [first.get(row) for row in rows]
