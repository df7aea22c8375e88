# cython: boundscheck=False, wraparound=False, cdivision=True
"""Document frequencies: in how many recent articles a term stands, and how often it is written as a name.

Counts are kept by hash in tables of a fixed size, and halved as articles go by, so that a word of last
month's news is rare again.
"""

from __future__ import annotations

import json
import zlib
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
        self.journal: list[Any] | None = None

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
        if self.journal is not None:
            self.journal.append((language, terms, capital, small))
        self.articles[language] = self.articles.get(language, 0.0) + 1.0
        self.counted += 1
        if self.counted > _HALVED_AFTER:
            self.halve()

    def count_pairs(self, pairs: Buffer) -> None:
        p, found = pairs, self.found
        if self.journal is not None:
            self.journal.append((None, pairs, None, None))
        for i in range(len(pairs)):
            found[p[i] & 0x1FFFFF] += 1.0

    def halve(self) -> None:
        """Halves all counts."""
        if self.journal is not None:
            self.journal.append(None)
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

    def whole(self) -> bytes:
        """All counts, compressed."""
        head = json.dumps({"articles": self.articles, "counted": self.counted}).encode() + b"\n"
        tables = (self.found, self.capital, self.small)
        return head + zlib.compress(b"".join(table.tobytes() for table in tables), 1)

    def restore(self, whole: bytes) -> None:
        """Takes over the counts that `whole` wrote."""
        head, _, packed = whole.partition(b"\n")
        known = json.loads(head)
        self.articles, self.counted = known["articles"], known["counted"]
        tables = zlib.decompress(packed)
        size = len(tables) // 3
        for n, table in enumerate((self.found, self.capital, self.small)):
            np.frombuffer(table, np.uint8)[:] = np.frombuffer(tables, np.uint8, size, n * size)

    def written(self) -> bytes | None:
        """What was counted since the journal was last taken, for `replay`, if anything; None where the counts
        were halved meanwhile, so that only all of them will do."""
        entries, self.journal = self.journal or [], []
        if not entries:
            return b""
        if None in entries:
            return None
        counted = [entry for entry in entries if entry[0] is not None]
        articles: dict[str, int] = {}
        for language, *_ in counted:
            articles[language] = articles.get(language, 0) + 1
        parts = [_slots(entry[1]) for entry in entries]
        terms = [_slots(entry[1]) for entry in counted]
        tables = [_summed(parts, None)]
        tables += [_summed(terms, [entry[at] for entry in counted]) for at in (2, 3)]
        head = {"articles": articles, "sizes": [len(slots) for slots, _ in tables]}
        body = b"".join(part.tobytes() for table in tables for part in table)
        return json.dumps(head).encode() + b"\n" + zlib.compress(body, 1)

    def replay(self, written: bytes) -> None:
        """Counts again what `written` tells."""
        line, _, packed = written.partition(b"\n")
        head, body, at = json.loads(line), zlib.decompress(packed), 0
        for size, table in zip(head["sizes"], (self.found, self.capital, self.small), strict=True):
            gaps = np.frombuffer(body, np.uint32, size, at)
            counts = np.frombuffer(body, np.float32, size, at + 4 * size)
            np.frombuffer(table, np.float32)[np.cumsum(gaps)] += counts
            at += 8 * size
        for language, n in head["articles"].items():
            self.articles[language] = self.articles.get(language, 0.0) + n
            self.counted += n


def _slots(terms: Any) -> Any:
    return np.asarray(terms) & np.uint32(0x1FFFFF)


def _summed(parts: list[Any], counts: list[Any] | None) -> tuple[Any, Any]:
    """Gaps between the slots that were counted, and the sum of each."""
    slots = np.concatenate(parts) if parts else np.empty(0, np.uint32)
    if counts is None:
        found, sums = np.unique(slots, return_counts=True)
    else:
        weights = np.concatenate(counts) if counts else np.empty(0, np.float32)
        found, where = np.unique(slots[weights > 0], return_inverse=True)
        sums = np.bincount(where, weights[weights > 0], minlength=len(found))
    return np.diff(found, prepend=np.uint32(0)).astype(np.uint32), sums.astype(np.float32)
