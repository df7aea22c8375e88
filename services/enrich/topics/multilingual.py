"""Level-1 topic scores in languages other than English: a weighted mean of scores per piece
(training/topics/multilingual.py)."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.enrich.topics.pieces import Pieces
from services.enrich.topics.taxonomy import DATA

MAX_PIECES = 700
HEADLINE = 80
"""Most pieces of the text, and of the headline, that are read."""
_HEADLINE_PIECES = 12
_SHARPEST = 2.5
_SURER = (
    1.4  # long texts' scores were far too low on articles labelled by hand; still .70 where .83 were right
)
LANGUAGES = frozenset(
    ("ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh")
)
"""The encoder's languages; it knows only single words of others, which mislead."""


def weigh(
    mean_weights: NDArray[np.float32], headline: Sequence[int], body: Sequence[int]
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Rows of the table and their weights, which sum to 1, for the pieces of headline (counted twice) and
    body."""
    counts = Counter([*headline, *headline, *body])
    rows = np.fromiter(counts, np.intp, len(counts))
    weights = np.log1p(np.fromiter(counts.values(), np.float64, len(counts))) * mean_weights[rows]
    known = weights > 0
    rows, weights = rows[known], weights[known]
    return rows, weights / (weights.sum() or 1.0)


class MultilingualTable:
    """The table in the package."""

    def __init__(self, manifest: dict[str, Any]) -> None:
        self._pieces = Pieces(gzip.decompress((DATA / "pieces.txt.gz").read_bytes()).decode().split("\n"))
        self._weights = np.load(DATA / "piece_weights.npy").astype(np.float32)
        self._scores = np.load(DATA / "piece_scores.npy")
        self._scale = np.float32(manifest["scale"])
        self._bias = np.asarray(manifest["bias"], np.float32)
        self._temperature = float(manifest["temperature"])

    def read(
        self, title: str, text: str
    ) -> tuple[np.ndarray, np.ndarray, Callable[[int], tuple[int, int] | None]]:
        """Probabilities by label; contributions (pieces, labels); and by row the first span of each piece
        in `text`, if any."""
        pieces, starts, ends = self._pieces.cut(text, MAX_PIECES)
        rows, weights = weigh(self._weights, self._pieces.cut(title, HEADLINE)[0], pieces)
        table = self._scores[rows].astype(np.float32) * self._scale
        contributions = table * weights.astype(np.float32)[:, None]
        # A mean over many pieces is flatter than one over a headline's few, on which the temperature was set.
        sharpness = min(_SHARPEST, max(1.0, (len(rows) / _HEADLINE_PIECES) ** 0.5))
        surer = 1.0 + (_SURER - 1.0) * (sharpness - 1.0) / (_SHARPEST - 1.0)
        margins = (contributions.sum(0) * sharpness + self._bias) * (self._temperature * surer)
        probabilities = np.exp(margins - margins.max())
        first: dict[int, tuple[int, int]] = {}

        def where(row: int) -> tuple[int, int] | None:
            if not first:  # from the last to the first, which stays
                first.update(
                    zip(reversed(pieces), zip(reversed(starts), reversed(ends), strict=True), strict=True)
                )
            return first.get(int(rows[row]))

        return probabilities / probabilities.sum(), contributions, where
