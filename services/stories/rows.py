# cython: boundscheck=False, wraparound=False, cdivision=True
"""Vectors of articles in rows of fixed length, and how alike two of them are.

A row has the article's weightiest terms in ascending order of their hashes, with the weight of each in the
whole article and in its lead, and its weightiest pairs of words. 2,300 bytes an article.
"""

from __future__ import annotations

from array import array
from typing import Any

Buffer = Any
"""An array of Python or numpy, of the type that the name tells."""
TERMS = 128
PAIRS = 64
"""Terms and pairs of words of a row."""
NAME, NUMBER, TOP = 1, 2, 4
"""Kinds of a term: mostly written with a capital letter; with a digit; one of the article's eight
weightiest."""
NORMS = 9
SIGNALS = 18
"""Signals of two rows: cosines of all terms, leads, names, numbers, other words, rare words and pairs; the
lesser and greater share of one's names, and of its weightiest terms, that the other has; and the roots of the
cosines."""


class Rows:
    """Rows, by number, in arrays that grow; the number of a row that was let go of is given out again."""

    def __init__(self) -> None:
        self.count = 0
        self.free: list[int] = []
        self.terms = array("I")
        self.weights = array("f")
        self.leads = array("f")
        self.kinds = bytearray()
        self.pairs = array("I")
        self.pair_weights = array("f")
        self.norms = array("f")
        self.signals = array("d", bytes(8 * 18))

    def take(self) -> int:
        """The number of an empty row."""
        if self.free:
            return self.free.pop()
        if self.count * 128 >= len(self.terms):
            more = max(1024, self.count // 2)
            self.terms.frombytes(bytes(4 * 128 * more))
            self.weights.frombytes(bytes(4 * 128 * more))
            self.leads.frombytes(bytes(4 * 128 * more))
            self.kinds.extend(bytes(128 * more))
            self.pairs.frombytes(bytes(4 * 64 * more))
            self.pair_weights.frombytes(bytes(4 * 64 * more))
            self.norms.frombytes(bytes(4 * 9 * more))
        self.count += 1
        return self.count - 1

    def let_go(self, row: int) -> None:
        self.free.append(row)

    def put(
        self, row: int, terms: Buffer, weights: Buffer, leads: Buffer, kinds: Buffer,
        pairs: Buffer, pair_weights: Buffer,
    ) -> None:  # fmt: skip
        """Fills a row. Terms and pairs are in ascending order, and no more than a row has; 0 is none."""
        t, w, ld, kd, norm = self.terms, self.weights, self.leads, self.kinds, self.norms
        p, pw = self.pairs, self.pair_weights
        base, at = row * 128, row * 9
        for i in range(9):
            norm[at + i] = 0.0
        for i in range(128):
            t[base + i] = 0
        for i in range(len(terms)):
            t[base + i], w[base + i], ld[base + i], kd[base + i] = terms[i], weights[i], leads[i], kinds[i]
            square = w[base + i] * w[base + i]
            norm[at] += square
            norm[at + 1] += ld[base + i] * ld[base + i]
            if kd[base + i] & 1:
                norm[at + 2] += square
                norm[at + 7] += ld[base + i]
            elif kd[base + i] & 2:
                norm[at + 3] += square
            else:
                norm[at + 4] += square
            norm[at + 5] += square**1.5
            if kd[base + i] & 4:
                norm[at + 8] += w[base + i] * (1.5 if kd[base + i] & 1 else 1.0)
        base = row * 64
        for i in range(64):
            p[base + i] = 0
        for i in range(len(pairs)):
            p[base + i], pw[base + i] = pairs[i], pair_weights[i]
            norm[at + 6] += pw[base + i] * pw[base + i]
        for i in range(7):
            norm[at + i] = norm[at + i] ** 0.5

    def alike(self, a: int, b: int) -> None:  # noqa: PLR0915  one pass over two rows
        """Fills `signals` with those of two rows."""
        t, w, ld, kd, norm = self.terms, self.weights, self.leads, self.kinds, self.norms
        p, pw, s = self.pairs, self.pair_weights, self.signals
        every = lead = name = number = other = sharp = pair = 0.0
        names_a = names_b = top_a = top_b = 0.0
        i, j, na, nb = a * 128, b * 128, a * 9, b * 9
        end_i, end_j = i + 128, j + 128
        while i < end_i and j < end_j and t[i] and t[j]:
            if t[i] < t[j]:
                i += 1
            elif t[i] > t[j]:
                j += 1
            else:
                product = w[i] * w[j]
                every += product
                lead += ld[i] * ld[j]
                if kd[i] & 1:
                    name += product
                elif kd[i] & 2:
                    number += product
                else:
                    other += product
                sharp += product**1.5
                if kd[i] & 1:
                    names_a += ld[i]
                if kd[j] & 1:
                    names_b += ld[j]
                if kd[i] & 4:
                    top_a += w[i] * (1.5 if kd[i] & 1 else 1.0)
                if kd[j] & 4:
                    top_b += w[j] * (1.5 if kd[j] & 1 else 1.0)
                i += 1
                j += 1
        i, j = a * 64, b * 64
        end_i, end_j = i + 64, j + 64
        while i < end_i and j < end_j and p[i] and p[j]:
            if p[i] < p[j]:
                i += 1
            elif p[i] > p[j]:
                j += 1
            else:
                pair += pw[i] * pw[j]
                i += 1
                j += 1
        s[0] = every / (norm[na] * norm[nb] + 1e-9)
        s[1] = lead / (norm[na + 1] * norm[nb + 1] + 1e-9)
        s[2] = name / (norm[na + 2] * norm[nb + 2] + 1e-9)
        s[3] = number / (norm[na + 3] * norm[nb + 3] + 60.0)  # a single figure in common says little
        s[4] = other / (norm[na + 4] * norm[nb + 4] + 1e-9)
        s[5] = sharp / (norm[na + 5] * norm[nb + 5] + 1e-9)
        s[6] = pair / (norm[na + 6] * norm[nb + 6] + 1e-9)
        names_a = names_a / norm[na + 7] if norm[na + 7] > 0 else 0.5
        names_b = names_b / norm[nb + 7] if norm[nb + 7] > 0 else 0.5
        top_a = top_a / (norm[na + 8] + 1e-9)
        top_b = top_b / (norm[nb + 8] + 1e-9)
        s[7] = names_a if names_a < names_b else names_b
        s[8] = names_b if names_a < names_b else names_a
        s[9] = top_a if top_a < top_b else top_b
        s[10] = top_b if top_a < top_b else top_a
        for i in range(7):
            s[11 + i] = s[i] ** 0.5

    def logit(self, a: int, b: int, coefficients: array[float]) -> float:
        """The model's logit that two articles are about the same event; the last coefficient is the
        constant."""
        self.alike(a, b)
        s, c = self.signals, coefficients
        total = c[18]
        for i in range(18):
            total += s[i] * c[i]
        return -6.0 if total < -6.0 else 6.0 if total > 6.0 else total

    def mean(self, a: int, others: list[int], coefficients: array[float]) -> float:
        """The mean logit of a row and others."""
        total = 0.0
        for b in others:
            total += self.logit(a, b, coefficients)
        return total / len(others)

    def shared(self, a: int, b: int) -> list[tuple[float, int]]:
        """(product of weights, term) of each term that two rows share."""
        t, w = self.terms, self.weights
        i, j = a * 128, b * 128
        end_i, end_j = i + 128, j + 128
        found = []
        while i < end_i and j < end_j and t[i] and t[j]:
            if t[i] < t[j]:
                i += 1
            elif t[i] > t[j]:
                j += 1
            else:
                found.append((w[i] * w[j], t[i]))
                i += 1
                j += 1
        return found

    def kinds_of(self, row: int) -> dict[int, int]:
        """The kind of each term of a row."""
        base = row * 128
        return {self.terms[i]: self.kinds[i] for i in range(base, base + 128) if self.terms[i]}
