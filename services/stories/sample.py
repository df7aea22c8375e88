# cython: boundscheck=False, wraparound=False
"""Inverted index of sampled shingles: which earlier articles have shingles of a text.

A shingle is sampled by its own hash, so that a cut of a text has the samples of what it keeps (Broder, 1997;
Heintze, 1996). MinHash bands would find two texts that are alike as wholes, and miss a paragraph of one.
"""

from __future__ import annotations

from array import array

import numpy as np

KEYS_MOST = 96
"""Most samples of one text; of a longer text those with the lowest hashes."""
KEYS_LEAST = 8
"""Samples of a short text, if it has as many shingles."""
OFTEN = 12
"""Postings of one shingle after which it is common: a house paragraph, a template, a legal notice."""
_SPREAD = 0x9E3779B1
_UNSAMPLED = np.uint64(1 << 60)  # of sixteen shingles one is less


def sampled(shingles: array[int]) -> array[int]:
    """The samples of a text, 32 bits each, in ascending order, without repeats."""
    hashes = np.asarray(shingles)
    chosen = np.unique(hashes[hashes < _UNSAMPLED])
    if len(chosen) < 8:
        chosen = np.unique(hashes)[:8]
    keys = (chosen[:96] >> np.uint64(24)) & np.uint64(0xFFFFFFFF)
    return array("I", keys.astype(np.uint32).tobytes())


class Samples:
    """A part of the index: postings of the articles of some days, in a table of open addresses.

    8 bytes a posting, and up to as much again that is free; an article has about 30.
    """

    def __init__(self) -> None:
        self.bits = 10
        self.held = 0
        self.keys = array("I", bytes(4 << self.bits))
        self.numbers = array("i", bytes(4 << self.bits))  # number of the article + 1; 0 is free, -1 taken out

    def add(self, keys: array[int], number: int) -> array[int]:
        """Adds an article's samples; returns those that were taken, as a sample that is common already is
        not."""
        taken = array("I")
        self.put_all(keys, number + 1, None, taken)
        return taken

    def put_all(
        self, keys: array[int], value: int, values: array[int] | None, taken: array[int] | None
    ) -> None:
        """Puts keys with one value, or each with its own, of which those below 1 are none."""
        count = len(keys)
        while (self.held + count) * 4 > 3 << self.bits and values is None:
            self.grow()
        wanted, table, numbers = keys, self.keys, self.numbers
        own = values if values is not None else self.numbers
        mask = (1 << self.bits) - 1
        for i in range(count):
            if values is not None:
                value = own[i]
                if value <= 0:
                    continue
            key = wanted[i]
            slot = (key * _SPREAD & 0xFFFFFFFF) >> (32 - self.bits)
            same = 0
            while numbers[slot]:
                if table[slot] == key and numbers[slot] > 0:
                    same += 1
                    if same >= 12 or numbers[slot] == value:
                        break
                slot = (slot + 1) & mask
            if not numbers[slot]:
                table[slot] = key
                numbers[slot] = value
                self.held += 1
                if taken is not None:
                    taken.append(key)

    def grow(self) -> None:
        keys, numbers = self.keys, self.numbers
        self.bits += 1
        self.held = 0
        self.keys = array("I", bytes(4 << self.bits))
        self.numbers = array("i", bytes(4 << self.bits))
        self.put_all(keys, 0, numbers, None)

    def find(self, keys: array[int], found: array[int], owners: array[int]) -> None:
        """Appends the number of each article that has one of the keys to `found`, and the key's place to
        `owners`."""
        wanted = keys
        table, numbers = self.keys, self.numbers
        mask = (1 << self.bits) - 1
        for i in range(len(keys)):
            key = wanted[i]
            slot = (key * _SPREAD & 0xFFFFFFFF) >> (32 - self.bits)
            while numbers[slot]:
                if table[slot] == key and numbers[slot] > 0:
                    found.append(numbers[slot] - 1)
                    owners.append(i)
                slot = (slot + 1) & mask

    def remove(self, number: int) -> None:
        """Takes an article out: a pass over the whole table."""
        numbers, value = self.numbers, number + 1
        for slot in range(len(self.numbers)):
            if numbers[slot] == value:
                numbers[slot] = -1
