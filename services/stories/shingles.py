# cython: boundscheck=False, wraparound=False
"""Words of a text, and its shingles: hashes of five folded words in a row, with the offsets of each word.

Broder, "On the resemblance and containment of documents" (1997). Compiled, a text of 500 words takes 15 µs.
"""

from __future__ import annotations

from array import array

from services.stories.folding import TABLE

WIDTH = 5
"""Words of a shingle."""
# Names, since a compiler takes numbers as long as these for objects.
_ALL, _ALONE = 0xFFFFFFFFFFFFFFFF, 0x80000000
_BASIS, _PRIME = 0xCBF29CE484222325, 0x100000001B3  # of FNV-1a
_STEP, _MIX = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9  # of SplitMix64
IN_QUOTE, NUMBER, NAME, FIRST = 1, 2, 4, 8
"""Flags of a word: inside of quotation marks; with a digit; with a capital letter first; first of a sentence
or a quotation."""


class Shingled:
    """The words of a text: hash, stem, start and end offset and flags of each, and the hash of the shingle
    that begins at each word but the last four. A stem is the hash of a word's first letters; of a character
    that is a word by itself, of it and the one before."""

    def __init__(
        self, words: array[int], stems: array[int], starts: array[int], ends: array[int], flags: bytearray
    ) -> None:
        self.words = words
        self.stems = stems
        self.starts = starts
        self.ends = ends
        self.flags = flags
        self.shingles = shingled(words)

    def __len__(self) -> int:
        return len(self.words)


def read(text: str) -> Shingled:  # noqa: PLR0915  one loop over the characters
    """The words and shingles of a text of any length and any characters."""
    most = len(text) + 1
    hashes, roots = array("Q", bytes(8 * most)), array("Q", bytes(8 * most))
    begins, stops, marks = array("i", bytes(4 * most)), array("i", bytes(4 * most)), bytearray(most)
    words, stems, starts, ends, flags, table = hashes, roots, begins, stops, marks, TABLE
    h = stem = owner = 0  # hashes of the word that is being read and of its first letters, 0 between words
    start = end = flag = previous = quoted = at = count = letters = before = 0
    first = 8
    for char in text:
        point = ord(char)
        if point < 0x10000:
            code = table[point]
        elif char.isalnum():
            code = point | _ALONE if 0x20000 <= point < 0x40000 else point
        else:
            code = 0
        if code == 1:  # accents, apostrophes, soft hyphens: no part of the hash, and no end of the word
            before, owner = letters, stem
            at += 1
            continue
        if h and (code < 7 or code >= _ALONE):
            if before and letters == before + 1 and previous == 115:  # the genitive: 's
                stem = owner
            words[count], stems[count], starts[count], ends[count], flags[count] = h, stem, start, end, flag
            count += 1
            h = previous = 0
            if quoted:
                quoted -= 1
        if code >= 7:
            letter = code & 0x1FFFFFFF
            if not h:
                start = at
                h = _BASIS
                flag = (1 if quoted else 0) | (4 if code & 0x20000000 else 0) | first
                stem, letters, before, first = h, 0, 0, 0
            if code & 0x40000000:
                flag |= 2
            if letter != 115 or previous != 115:  # ss is ß elsewhere
                h = ((h ^ letter) * _PRIME) & _ALL
                letters += 1
                if letters <= 6 or (letters == 7 and letter < 0x250):  # inflection stands behind
                    stem = h
            previous = letter
            end = at + 1
            if code >= _ALONE:
                words[count], stems[count], starts[count], ends[count], flags[count] = h, h, start, end, flag
                if count and ends[count - 1] == start:
                    stems[count] = ((words[count - 1] * _STEP) ^ h) & _ALL
                count += 1
                h = previous = 0
                if quoted:
                    quoted -= 1
        elif code == 3 or (code == 2 and not quoted):
            quoted = 250  # words: a quotation that is never closed ends there
            first = 8
        elif code == 6:
            first = 8
        elif code != 0:  # a closing mark, or the end of the paragraph
            quoted = 0
            if code == 5:
                first = 8
        at += 1
    if h:
        if before and letters == before + 1 and previous == 115:
            stem = owner
        words[count], stems[count], starts[count], ends[count], flags[count] = h, stem, start, end, flag
        count += 1
    return Shingled(hashes[:count], roots[:count], begins[:count], stops[:count], marks[:count])


def shingled(words: array[int]) -> array[int]:
    """The hash of each five words in a row; of fewer words than that, one of them all."""
    n = len(words)
    width = WIDTH if n >= WIDTH else n
    found = array("Q", bytes(8 * (n - width + 1 if n else 0)))
    read, hashes = words, found
    for i in range(n - width + 1 if n else 0):
        h = 0
        for k in range(width):
            h = (h * _STEP + read[i + k]) & _ALL
        h ^= h >> 31
        h = (h * _MIX) & _ALL
        hashes[i] = h ^ (h >> 29)
    return found
