"""Vectors of words, and a small network over their mean: what strangers among words have in common with known
ones.

Each word is encoded by itself by two sentence encoders (all-MiniLM-L6-v2, and the multilingual universal
sentence encoder), once; of both together the axes along which news texts differ most are kept, in eight bits
a number. Words weigh by their rarity: Arora, Liang and Ma, "A simple but tough-to-beat baseline for sentence
embeddings", ICLR 2017.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.decomposition import PCA
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

DIMENSIONS, HIDDEN, EPOCHS = 192, 384, 6
_SIF = 1e-3
_LEAST_SEEN = 2


class Vectors:
    """Words, their vectors in eight bits, and what each weighs in a mean."""

    def __init__(
        self, bags: list[dict[str, float]], encoders: list[Callable[[list[str]], np.ndarray]]
    ) -> None:
        df: Counter[str] = Counter(word for bag in bags for word in bag if " " not in word)
        self.words = sorted(w for w, n in df.items() if n >= _LEAST_SEEN)
        self._index = {word: n for n, word in enumerate(self.words)}
        seen = np.array([df[w] for w in self.words], np.float32)
        self.share = (_SIF / (_SIF + seen / sum(df.values()))).astype(np.float32)
        mix = self.mix(bags)
        with threadpool_limits(1):  # sums in one order: the same bytes on every run
            sides = []
            for encode in encoders:
                vectors = encode(self.words).astype(np.float32)
                means = mix @ vectors
                centre = means.mean(0)
                sides.append((vectors - centre) / np.sqrt(np.square(means - centre).sum(1).mean()))
            both = np.hstack(sides)
            axes = (
                PCA(DIMENSIONS, random_state=0, svd_solver="randomized").fit((mix @ both)[::4]).components_.T
            )
            projected = both @ axes
            projected /= (mix @ projected).std()
        self.scale = (np.abs(projected).max(0) / 127).astype(np.float32)
        self.kept = np.clip(np.round(projected / self.scale), -127, 127).astype(np.int8)

    @classmethod
    def of(cls, words: list[str], share: np.ndarray, scale: np.ndarray, kept: np.ndarray) -> Vectors:
        """Vectors of an earlier run."""
        vectors = cls.__new__(cls)
        vectors.words, vectors.share, vectors.scale, vectors.kept = words, share, scale, kept
        vectors._index = {word: n for n, word in enumerate(words)}
        return vectors

    def mix(self, bags: list[dict[str, float]]) -> csr_matrix:
        """(texts, words): what each word weighs in each text; a row sums to 1."""
        indptr, indices, values = [0], [], []
        for bag in bags:
            rows = [(n, tf) for word, tf in bag.items() if (n := self._index.get(word)) is not None]
            weights = (
                np.array([tf for _, tf in rows]) * self.share[[n for n, _ in rows]] if rows else np.zeros(0)
            )
            indices.extend(n for n, _ in rows)
            values.extend((weights / (weights.sum() or 1.0)).tolist())
            indptr.append(len(indices))
        return csr_matrix((values, indices, indptr), shape=(len(bags), len(self.words)), dtype=np.float32)

    def means(self, bags: list[dict[str, float]]) -> np.ndarray:
        """(texts, dimensions)."""
        return np.asarray(self.mix(bags) @ (self.kept.astype(np.float32) * self.scale))


def network(vectors: Vectors, means: np.ndarray, target: np.ndarray, labels: int) -> dict[str, np.ndarray]:
    """The arrays that `services.enrich.topics.english.Network` reads."""
    with threadpool_limits(1):
        net = MLPClassifier(
            (HIDDEN,), max_iter=EPOCHS, alpha=1e-3, batch_size=256, learning_rate_init=7e-4, random_state=0
        ).fit(means, target)
    out = np.zeros((HIDDEN, labels), np.float32)
    bias = np.full(labels, -30.0, np.float32)  # a label without an example is never said
    out[:, net.classes_], bias[net.classes_] = net.coefs_[1], net.intercepts_[1]
    return {
        "vectors": vectors.kept, "vector_scale": vectors.scale, "share": vectors.share,
        "hidden": net.coefs_[0],
        "hidden_bias": net.intercepts_[0], "out": out, "out_bias": bias,
    }  # fmt: skip


def says(arrays: dict[str, np.ndarray], means: np.ndarray) -> np.ndarray:
    """Probabilities (texts, labels) by the network."""
    margins = (
        np.maximum(means @ arrays["hidden"] + arrays["hidden_bias"], 0) @ arrays["out"] + arrays["out_bias"]
    )
    chances = np.exp(margins - margins.max(1, keepdims=True))
    return np.asarray(chances / chances.sum(1, keepdims=True))
