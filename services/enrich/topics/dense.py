"""Level-1 probabilities of an English text from the mean of its pieces' vectors: a small network's opinion beside the words'."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.enrich.topics.taxonomy import DATA

# Exponents of the two opinions on English texts: chosen on held-back texts of seven sources, of 0.3 and 0.5 the better.
WORDS_WEIGHT, DENSE_WEIGHT = 1.0, 0.5


def combine(
    words_say: NDArray[np.floating], dense_says: NDArray[np.floating], temperature: float
) -> NDArray[np.float32]:
    """Probabilities (…, labels) from what words and what the networks say; `temperature` makes them mean what they say."""
    logs = (WORDS_WEIGHT * np.log(words_say + 1e-6) + DENSE_WEIGHT * np.log(dense_says + 1e-6)) * temperature
    chances = np.exp(logs - logs.max(axis=-1, keepdims=True))
    return np.asarray(chances / chances.sum(axis=-1, keepdims=True), np.float32)


class DenseModel:
    """The shipped networks; they answer together, by the mean of their probabilities."""

    def __init__(self, manifest: dict[str, Any]) -> None:
        with np.load(DATA / "dense.npz") as model:
            self._vectors: NDArray[np.int8] = model["vectors"]
            self._scale: NDArray[np.float32] = model["scale"]
            row_of = model["pieces"]
            self._networks = [
                tuple(model[f"{part}{n}"].astype(np.float32) for part in ("hidden", "hidden_bias", "out", "out_bias"))
                for n in range(int(manifest["networks"]))
            ]
        self._row = np.full(int(manifest["vocabulary"]), -1, np.int32)
        self._row[row_of] = np.arange(len(row_of))

    def read(self, pieces: NDArray[np.intp], weights: NDArray[np.float64]) -> NDArray[np.float32] | None:
        """Probabilities by label of weighted pieces (numbers in the shared vocabulary); None where no piece is known."""
        rows = self._row[pieces]
        known = rows >= 0
        share = weights.astype(np.float32)[known]
        if not share.size or share.sum() <= 0:
            return None
        mean = (share / share.sum()) @ self._vectors[rows[known]].astype(np.float32) * self._scale
        total = np.zeros(0, np.float32)
        for hidden, hidden_bias, out, out_bias in self._networks:
            margins = np.maximum(mean @ hidden + hidden_bias, 0) @ out + out_bias
            chances = np.exp(margins - margins.max())
            chances /= chances.sum()
            total = total + chances if total.size else chances
        return np.asarray(total / len(self._networks), np.float32)
