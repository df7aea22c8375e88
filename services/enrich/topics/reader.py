"""Topic reader of short English texts: headlines and briefs, in their word order.

A bag of words is weak for a dozen words. This is a small transformer (Vaswani et al., "Attention is all you
need", NeurIPS 2017): a sentence encoder tuned on English news by `training/topics/reader.py`, here in plain
numpy. It costs ten milliseconds and more, so it reads short texts only.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from services.enrich.topics.taxonomy import DATA
from services.enrich.topics.wordpieces import WordPieces
from services.runtime.compiled import compiled

_matrices = compiled("services.enrich.topics", "_matrices")
MOST_PIECES = 64
"""Most pieces of a text that are read: about fifty words."""
SHORT = 80
"""Most words of a short text."""

Array = NDArray[np.float32]
_TANH = np.float32((2 / np.pi) ** 0.5)


def opening(title: str, text: str) -> str:
    """The input: the headline, then the text."""
    return f"{title}. {text}" if title and text else title or text


class TransformerClassifier:
    """Probabilities by label of a short English text. Matrices are quantised to eight bits with a scale
    per column, embeddings with a scale per row."""

    def __init__(self, vocabulary: Sequence[str], kept: Mapping[str, np.ndarray]) -> None:
        self._pieces = WordPieces(vocabulary)
        self._embedding: NDArray[np.int8] = kept["embedding"]
        self._embedding_scale: Array = kept["embedding_scale"]
        self._heads = int(kept["heads"])
        self._position: Array = kept["position"]
        self._start_norm: Array = kept["start_norm"]
        self._layers = [_Layer(kept, n) for n in range(int(kept["layers"]))]
        self._out, self._out_bias = _matrix(kept, "out"), kept["out_bias"]

    @classmethod
    def shipped(cls) -> TransformerClassifier:
        """The reader with the package's weights."""
        vocabulary = gzip.decompress((DATA / "wordpieces.txt.gz").read_bytes()).decode().split("\n")
        with np.load(DATA / "reader.npz") as kept:
            return cls(vocabulary, kept)

    def read(self, title: str, text: str) -> Array:
        """Probabilities, one a label."""
        pieces = self._pieces.cut(opening(title, text), MOST_PIECES)
        state = self._embedding[pieces].astype(np.float32) * self._embedding_scale[pieces][:, None]
        state = _normal(state + self._position[: len(pieces)], self._start_norm)
        for layer in self._layers:
            state = layer.read(state, self._heads)
        margins = state.mean(0) @ self._out + self._out_bias
        chances = np.exp(margins - margins.max())
        return np.asarray(chances / chances.sum(), np.float32)


class _Layer:
    """Attention, then a feed-forward network; each with residual connection and layer normalisation."""

    def __init__(self, kept: Mapping[str, np.ndarray], number: int) -> None:
        self._look, self._say, self._widen, self._narrow = (
            times(kept, f"{part}{number}", gelu=part == "widen")
            for part in ("look", "say", "widen", "narrow")
        )
        self._first_norm, self._last_norm = kept[f"first_norm{number}"], kept[f"last_norm{number}"]

    def read(self, state: Array, heads: int) -> Array:
        """(pieces, width) in and out."""
        pieces, width = state.shape
        looked = self._look(state)
        query, key, value = looked.reshape(pieces, 3, heads, width // heads).transpose(1, 2, 0, 3)
        weights = query @ key.transpose(0, 2, 1) / np.float32((width // heads) ** 0.5)
        weights = np.exp(weights - weights.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        seen = (weights @ value).transpose(1, 0, 2).reshape(pieces, width)
        state = _normal(state + self._say(seen), self._first_norm)
        wide = self._widen(state)
        return _normal(state + self._narrow(wide), self._last_norm)


def times(kept: Mapping[str, np.ndarray], name: str, gelu: bool) -> Callable[[Array], Array]:
    """Multiplication of states (pieces, width), in eight bits a row, with a matrix of eight bits, plus its
    bias, through GELU if asked: of bytes where that is compiled, else of the same numbers as floats."""
    if _matrices:
        matrix = _matrices.Matrix(kept[name], kept[f"{name}_scale"], kept[f"{name}_bias"])
        return partial(matrix.times, gelu=gelu)
    whole, scale, bias = kept[name].astype(np.float32), kept[f"{name}_scale"], kept[f"{name}_bias"]

    def plain(state: Array) -> Array:
        steps = np.maximum(np.abs(state).max(1, keepdims=True), 1e-9) / 127
        found = np.floor(state / steps + np.float32(0.5)) @ whole * (steps * scale) + bias
        return np.asarray(_gelu(found) if gelu else found, np.float32)

    return plain


def _gelu(wide: Array) -> Array:
    cube = wide * wide * wide  # a power would cost ten times as much
    inner = _TANH * (wide + np.float32(0.044715) * cube)
    return np.asarray(wide * (np.float32(0.5) * (1 + np.tanh(inner))), np.float32)


def _matrix(kept: Mapping[str, np.ndarray], name: str) -> Array:
    return np.ascontiguousarray(kept[name].astype(np.float32) * kept[f"{name}_scale"])


def _normal(state: Array, norm: Array) -> Array:
    """Layer normalisation; `norm` is (2, width): weight and bias."""
    state = state - state.mean(-1, keepdims=True)
    state /= np.sqrt(np.square(state).mean(-1, keepdims=True) + np.float32(1e-12))
    return np.asarray(state * norm[0] + norm[1], np.float32)
