"""The linear model over words and pairs of words: what it learns from, and how it is laid out for
the tagger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from math import log

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.svm import LinearSVC

from services.enrich.topics.english import ArticleWords, Vocabulary
from services.enrich.topics.function_words import FUNCTION_WORDS, says_something

ROWS = 230_000
"""Words and pairs that are kept: those with the largest weights."""
_C = 0.7
_LEAST_SEEN = 3
_NOTHING = 1e-4

Doc = tuple[str, str, str]
"""Text, headline and level-1 code."""


def features(title: str, text: str) -> dict[str, float]:
    """{word or pair: 1 + log(count)}; the headline counts twice. Function words are none."""
    reading = ArticleWords.of(title, text)
    counts: Counter[str] = Counter()
    for words, weight in ((reading.title_words, 2), (reading.text_words, 1)):
        for feature in (*words, *map(" ".join, pairwise(words))):
            counts[feature] += weight
    return {feature: 1.0 + log(n) for feature, n in counts.items() if says_something(feature)}


class Words:
    """A linear model over a chosen vocabulary; `weights` are (features, labels)."""

    def __init__(self, vocabulary: list[str], idf: np.ndarray, weights: np.ndarray, bias: np.ndarray) -> None:
        self.vocabulary, self.idf, self.weights, self.bias = vocabulary, idf, weights, bias
        self.index = {word: n for n, word in enumerate(vocabulary)}

    @classmethod
    def fit(
        cls, bags: list[dict[str, float]], target: np.ndarray, labels: int, weight: np.ndarray | None = None
    ) -> Words:
        """`weight` is what each text counts for."""
        each = _each(target, weight)
        df: Counter[str] = Counter(word for bag in bags for word in bag)
        vocabulary = sorted(w for w, n in df.items() if n >= _LEAST_SEEN)
        idf = np.log((1 + len(bags)) / (1 + np.array([df[w] for w in vocabulary]))) + 1
        matrix = tf_idf(bags, {w: i for i, w in enumerate(vocabulary)}, idf)
        fitted = LinearSVC(C=_C, random_state=0).fit(matrix, target, sample_weight=each)
        keep = np.sort(np.argsort(-np.abs(fitted.coef_).max(0), kind="stable")[:ROWS])
        vocabulary, idf = [vocabulary[i] for i in keep], idf[keep]
        weights = np.zeros((len(vocabulary), labels), np.float32)
        bias = np.zeros(labels, np.float32)
        weights[:, fitted.classes_] = fitted.coef_.T[keep]
        bias[fitted.classes_] = fitted.intercept_
        return cls(vocabulary, idf.astype(np.float32), weights, bias)

    def scores(self, bags: list[dict[str, float]]) -> np.ndarray:
        return np.asarray(tf_idf(bags, self.index, self.idf) @ self.weights + self.bias)

    def arrays(self, with_vectors: list[str]) -> tuple[list[str], dict[str, np.ndarray]]:
        """The words, those with vectors first, and the arrays that `services.enrich.topics.english` reads."""
        pairs = [feature for feature in self.vocabulary if " " in feature]
        single = {f for f in self.vocabulary if " " not in f} | {
            part for pair in pairs for part in pair.split(" ")
        }
        words = [*with_vectors, *sorted((single | FUNCTION_WORDS).difference(with_vectors))]
        number = {word: n for n, word in enumerate(words)}
        halves = np.array([[number[part] for part in pair.split(" ")] for pair in pairs], np.int64).reshape(
            -1, 2
        )
        keys = Vocabulary.keys(halves[:, 0], halves[:, 1])
        order = np.argsort(keys)
        rows = np.array([self.index.get(w, -1) for w in words] + [self.index[pairs[n]] for n in order])
        grammar = np.array([w in FUNCTION_WORDS for w in words] + [False] * len(pairs))
        scale = np.abs(self.weights).max() / 127
        weights = np.where(rows[:, None] >= 0, np.clip(np.round(self.weights[rows] / scale), -127, 127), 0)
        return words, {
            "pairs": keys[order],
            "weights": weights.astype(np.int8),
            # Function words are known, so that a text of them is English, and weigh nothing.
            "idf": np.where(rows >= 0, self.idf[rows], np.where(grammar, _NOTHING, 0)).astype(np.float16),
            "scale": np.array(scale, np.float32),
            "bias": self.bias,
        }


def tf_idf(bags: Iterable[dict[str, float]], index: dict[str, int], idf: np.ndarray) -> csr_matrix:
    """(texts, features), each row of length 1."""
    indptr, indices, values = [0], [], []
    for bag in bags:
        row = [(index[w], tf) for w, tf in bag.items() if w in index]
        weighted = np.array([tf * idf[i] for i, tf in row]) if row else np.zeros(0)
        norm = np.sqrt((weighted**2).sum()) or 1.0
        indices.extend(i for i, _ in row)
        values.extend((weighted / norm).tolist())
        indptr.append(len(indices))
    return csr_matrix((values, indices, indptr), shape=(len(indptr) - 1, len(index)), dtype=np.float32)


def _each(target: np.ndarray, weight: np.ndarray | None) -> np.ndarray:
    """What each text counts for: more where its label is rare."""
    weight = np.ones(len(target)) if weight is None else weight
    sums = np.bincount(target, weight)
    shares = (weight.sum() / np.count_nonzero(sums) / np.maximum(sums, 1e-9)) ** 0.2
    return np.asarray(weight * shares[target])
