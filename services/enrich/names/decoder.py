# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""Decoder of the sequence model: the best labels of each candidate's words (Viterbi), and how sure they are.

Labels are those of BILOU for people, organisations and places, B and I for other names. Weights are
small whole numbers, a row for each feature.
"""

from __future__ import annotations

from array import array

import numpy as np
from numpy.typing import NDArray

from services.enrich.names.alphabet import WIDE, WIDTH
from services.enrich.names.features import Candidates

LABELS = (
    "O", "B-PER", "I-PER", "L-PER", "U-PER", "B-ORG", "I-ORG", "L-ORG", "U-ORG", "B-LOC", "I-LOC", "L-LOC",
    "U-LOC", "B-MISC", "I-MISC",
)  # fmt: skip
_COUNT = len(LABELS)
_NEVER = -1_000_000
_SHARED = 8  # eighths of the mean
_EVEN = 0x00FF00FF00FF00FF


def allowed(before: str, label: str) -> bool:
    """Whether a label may follow another one."""
    inside = label[0] in "IL"
    if before == "O" or before[0] in "LU":
        return not inside
    if before.endswith("MISC"):
        return label == "I-MISC" or not inside
    return inside and before[2:] == label[2:]


class Decoder:
    """The weights of a model: `states`, two numbers of 64 bits a feature, which are a byte a label, 128 for
    none; `steps`, (labels, labels), whole numbers of the same scale."""

    def __init__(self, states: NDArray[np.uint64], steps: NDArray[np.int32]) -> None:
        self.states = states
        self.steps = array("i", [_NEVER]) * (WIDE * WIDE)
        self.before = array("i", [-1]) * (WIDE * WIDE)
        self.behind, self.next = array("i", bytes(4 * WIDE)), array("i", bytes(4 * WIDE))
        for b, label in enumerate(LABELS):
            n = 0
            for a, previous in enumerate(LABELS):
                if allowed(previous, label):
                    self.steps[a * WIDE + b] = int(steps[a][b])
                    self.before[b * WIDE + n] = a
                    n += 1

    def decode(self, candidates: Candidates) -> tuple[array[int], array[int]]:
        """The label of each word, candidates' words one after the other; and its margin: by how much the best
        labels of its candidate are ahead of the best ones that make the word another kind of name."""
        found = array("i", bytes(4 * candidates.words))
        sure = array("i", bytes(4 * candidates.words))
        labels, margins = found, sure
        scores = array("i", bytes(4 * (candidates.words + 1) * WIDE))
        back = array("b", bytes((candidates.words + 1) * WIDE))
        self._score(candidates, scores)
        self._share(candidates, scores)
        at = 0
        for c in range(candidates.count):
            length = candidates.last[c] + 1 - candidates.first[c]
            if self._best(scores, back, labels, at, length):
                self._weigh(scores, labels, margins, at, length)
            at += length
        return found, sure

    def _score(self, candidates: Candidates, scores: array[int]) -> None:
        """What the features say of each label of each word: 16 sums, four side by side in 64 bits."""
        states, rows = self.states, candidates.rows
        for word in range(candidates.words):
            a = b = c = d = 0
            for k in range(word * WIDTH, word * WIDTH + candidates.filled[word]):
                low, high = states[2 * rows[k]], states[2 * rows[k] + 1]
                a += low & _EVEN
                b += (low >> 8) & _EVEN
                c += high & _EVEN
                d += (high >> 8) & _EVEN
            to = word * WIDE
            for k in range(4):
                scores[to + 2 * k] = (a >> (16 * k)) & 0xFFFF
                scores[to + 2 * k + 1] = (b >> (16 * k)) & 0xFFFF
                scores[to + 2 * k + 8] = (c >> (16 * k)) & 0xFFFF
                scores[to + 2 * k + 9] = (d >> (16 * k)) & 0xFFFF

    def _share(self, candidates: Candidates, scores: array[int]) -> None:
        """Lets what the places of a word say of it hold for all of them, where it is a candidate of its own:
        each takes a part of the mean of all."""
        number = array("i", bytes(4 * len(candidates.key)))  # of a slot's word among those that stand alone
        count = array("i", bytes(4 * (candidates.count + 1)))
        total = array("i", bytes(4 * (candidates.count + 1) * WIDE))
        kinds = 0
        for turn in range(2):
            word = 0
            for c in range(candidates.count):
                first, last = candidates.first[c], candidates.last[c]
                if first == last:
                    slot = candidates.slot(candidates.tokens.exact[first])
                    if number[slot] == 0:
                        kinds += 1
                        number[slot] = kinds
                    kind = number[slot]
                    if turn == 0:
                        count[kind] += 1
                        for k in range(WIDE):
                            total[kind * WIDE + k] += scores[word * WIDE + k] - scores[word * WIDE]
                    elif count[kind] > 1:
                        for k in range(WIDE):
                            mean = total[kind * WIDE + k] // count[kind]
                            scores[word * WIDE + k] += mean * _SHARED // 8
                word += last + 1 - first

    def _best(self, scores: array[int], back: array[int], labels: array[int], at: int, length: int) -> bool:
        """The best path through a candidate of `length` words, whose scores begin at word `at`; ends open no
        name. Returns whether there is one in it."""
        count = _COUNT
        for b in range(count):
            if not may_begin(b):
                scores[at * WIDE + b] = _NEVER
        for n in range(at + 1, at + length):
            for b in range(count):
                best, which, k = 2 * _NEVER, 0, 0
                while k < count and self.before[b * WIDE + k] >= 0:
                    a = self.before[b * WIDE + k]
                    value = scores[(n - 1) * WIDE + a] + self.steps[a * WIDE + b]
                    if value > best:
                        best, which = value, a
                    k += 1
                scores[n * WIDE + b] += best
                back[n * WIDE + b] = which
        best, which, n = 3 * _NEVER, 0, at + length - 1
        for b in range(count):
            if may_end(b) and scores[n * WIDE + b] > best:
                best, which = scores[n * WIDE + b], b
        labels[n] = which
        named = which > 0
        while n > at:
            which = back[n * WIDE + which]
            n -= 1
            labels[n] = which
            named = named or which > 0
        return named

    def _weigh(
        self, scores: array[int], labels: array[int], margins: array[int], at: int, length: int
    ) -> None:
        """The margins of a candidate's words: max-marginals, by a pass from its end to its begin. `scores`
        hold the best path up to each label, and in the end the best path through it."""
        count, own, n = _COUNT, 0, at + length - 1
        before, after = self.behind, self.next
        for b in range(count):
            after[b] = 0 if may_end(b) else _NEVER
        while True:
            best = other = 2 * _NEVER
            own = (labels[n] + 3) >> 2
            for b in range(count):
                value = scores[n * WIDE + b] + after[b]
                if (b + 3) >> 2 == own:
                    best = max(best, value)
                else:
                    other = max(other, value)
            margins[n] = best - other
            if n == at:
                return
            for b in range(count):
                before[b] = 2 * _NEVER
            for b in range(count):
                # What label b and all behind it add: its own score without the paths that lead to it.
                value = after[b] + scores[n * WIDE + b] - self._lead(scores, n - 1, b)
                k = 0
                while k < count and self.before[b * WIDE + k] >= 0:
                    a = self.before[b * WIDE + k]
                    before[a] = max(before[a], value + self.steps[a * WIDE + b])
                    k += 1
            for b in range(count):
                after[b] = before[b]
            n -= 1

    def _lead(self, scores: array[int], n: int, b: int) -> int:
        """The best path up to word `n` that label `b` may follow."""
        best, k = 2 * _NEVER, 0
        while k < _COUNT and self.before[b * WIDE + k] >= 0:
            a = self.before[b * WIDE + k]
            best = max(best, scores[n * WIDE + a] + self.steps[a * WIDE + b])
            k += 1
        return best


def may_begin(label: int) -> bool:
    """Whether a candidate may begin with a label: with all but I and L."""
    return label == 0 or label >= 13 or (label - 1) & 3 == 0 or (label - 1) & 3 == 3


def may_end(label: int) -> bool:
    """Whether it may end with one: with all but B and I of those that have L."""
    return label == 0 or label >= 13 or (label - 1) & 3 >= 2


def packed(rows: NDArray[np.int32], weights: NDArray[np.int8], features: int) -> NDArray[np.uint64]:
    """`Decoder.states` of the rows that are not zero: `weights` is (rows, labels)."""
    out = np.full((features, WIDE), 128, np.uint8)
    out[rows, : weights.shape[1]] = (weights.astype(np.int16) + 128).astype(np.uint8)
    return out.view("<u8").reshape(-1).astype(np.uint64)
