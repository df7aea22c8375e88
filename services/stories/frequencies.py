# cython: boundscheck=False, wraparound=False, cdivision=True
"""Document frequencies: in how many recent articles a term stands, and how often it is written as a name.

Counts are kept by hash in tables of a fixed size, and halved as articles go by, so that a word of last
month's news is rare again.
"""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np

Buffer = Any
"""An array of Python or numpy."""
_HALVED_AFTER = 400_000  # articles: about four days of a large installation


class Frequencies:
    """Counts of terms, 24 MB, and of articles by language: of a word that one language has, the articles of
    others say nothing."""

    def __init__(self) -> None:
        self.articles: dict[str, float] = {}
        self.counted = 0
        self.found = array("f", bytes(4 << 21))
        self.capital = array("f", bytes(4 << 21))
        self.small = array("f", bytes(4 << 21))

    def count(self, language: str, terms: Buffer, capital: Buffer, small: Buffer) -> None:
        """Counts an article: its terms, and how often each stands with and without a capital letter in the
        middle of a sentence."""
        t, c, s = terms, capital, small
        found, capitals, smalls = self.found, self.capital, self.small
        for i in range(len(terms)):
            slot = t[i] & 0x1FFFFF
            found[slot] += 1.0
            capitals[slot] += c[i]
            smalls[slot] += s[i]
        self.articles[language] = self.articles.get(language, 0.0) + 1.0
        self.counted += 1
        if self.counted > _HALVED_AFTER:
            self.halve()

    def count_pairs(self, pairs: Buffer) -> None:
        p, found = pairs, self.found
        for i in range(len(pairs)):
            found[p[i] & 0x1FFFFF] += 1.0

    def halve(self) -> None:
        """Halves all counts."""
        self.counted //= 2
        self.articles = {language: n / 2 for language, n in self.articles.items()}
        for table in (self.found, self.capital, self.small):
            np.frombuffer(table, np.float32)[:] *= np.float32(0.5)

    def of(self, terms: Buffer, found: Buffer, names: Buffer) -> None:
        """Fills in the count of each term, and whether it is mostly written as a name. Terms are uint32,
        counts float32."""
        t, f, kinds = terms, found, names
        table, capitals, smalls = self.found, self.capital, self.small
        for i in range(len(terms)):
            slot = t[i] & 0x1FFFFF
            f[i] = table[slot]
            kinds[i] = 1 if capitals[slot] > smalls[slot] else 0
