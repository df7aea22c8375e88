# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""Lexicon of the name recogniser: what is known of words and names beforehand, in one hash table.

An entry is found by the upper half of its key's hash (32 bits, so that hardly any stranger is taken for it).
Keys are salted by what they are about.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from services.enrich.names.hashing import mixed

NAMES, PLACES, ORGANISATIONS, ROLES, SPEAKING, FIRST_CLUSTERS = 1, 2, 3, 4, 5, 8
"""What the value of a key is: how usual a word is as a given name (bits 0 and 1) and as a family name (2 and
3); the kind of a place; whether an organisation is listed; the roles of a word (bits below); what it is as a
word of speaking (`clauses`). From FIRST_CLUSTERS on, a language each: the Brown cluster of a word."""
CLUSTERED = ("en", "de", "es")
TITLE_WORD, SPEECH_WORD, PLACE_WORD, ARTICLE_WORD, JOINING, LEADING, BODY, CALENDAR, OF_WORD, AND_WORD = (
    1 << n for n in range(10)
)
"""Roles: "president"; "said"; "in"; "the"; what may stand inside a name of several words; what may begin one
in small letters; "University"; "Monday"; "of"; "and"."""
FACILITY = 1 << 10


class Lexicon:
    """An open-addressed table: `marks` (0: free) and `values`, as many as a power of two."""

    def __init__(self, marks: np.ndarray, values: np.ndarray) -> None:
        self.marks, self.values = marks, values
        self.mask = len(marks) - 1

    @classmethod
    def load(cls, file: Path) -> Lexicon:
        """The lexicon of a file that training wrote."""
        with np.load(file) as kept:
            return cls(*built(kept["hashes"], kept["values"]))

    def find(self, salt: int, key: int) -> int:
        """The value of a key; 0 where it is unknown."""
        hashed = mixed(salt, key)
        mark = (hashed >> 32) | 1
        at = hashed & self.mask
        while True:
            held = self.marks[at]
            if held == mark:
                return int(self.values[at])
            if held == 0:
                return 0
            at = (at + 1) & self.mask


def built(hashes: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The table of the salted hashes of keys and their values, at most half full."""
    size = 1 << int(2 * len(hashes)).bit_length()
    mark = (hashes >> np.uint64(32)).astype(np.uint32) | np.uint32(1)
    at = (hashes & np.uint64(size - 1)).astype(np.int64)
    marks, kept = np.zeros(size, np.uint32), np.zeros(size, np.uint16)
    left = np.arange(len(hashes))
    while len(left):  # all at once: those whose slot is taken try the next one
        free = left[marks[at[left]] == 0]
        slots, first = np.unique(at[free], return_index=True)
        marks[slots], kept[slots] = mark[free[first]], values[free[first]]
        left = np.setdiff1d(left, free[first], assume_unique=True)
        busy = left[marks[at[left]] != 0]
        at[busy] = (at[busy] + 1) & (size - 1)
    return marks, kept
