# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""Tokenizer of the name recogniser: words with offsets, hashes, shapes, and what stands between them.

A possessive 's is no part of a word, a hyphen parts two words, full stops belong to abbreviations (U.S., J.).
"""

from __future__ import annotations

from array import array

from services.enrich.names.alphabet import (
    ALL,
    ALNUM,
    AMPERSAND,
    APOSTROPHE,
    BASIS,
    CASELESS,
    CLOSE,
    COLON,
    COMMA,
    DASH,
    DOTTED,
    GLUED,
    HYPHEN,
    INITIAL,
    LINE,
    LOWER,
    MIXED,
    NUMBER,
    OF,
    OPEN,
    OTHER,
    PLURAL,
    PRIME,
    QUOTE,
    SENTENCE,
    SLASH,
    SPACE,
    STOP,
    TITLE,
    UPPER,
)  # fmt: skip
from services.enrich.names.hashing import hash_of

_TABLE = 0x2000
_CLASS = bytearray(_TABLE)  # 0 none, 1 lower or mark, 2 upper, 3 digit, 4 letter without case
_FOLD = array("I", range(_TABLE))
for _n in range(_TABLE):
    _c = chr(_n)
    if _c.isdecimal():
        _CLASS[_n] = 3
    elif _c.isalpha():
        _CLASS[_n] = 2 if _c.isupper() or _c.istitle() else 1 if _c.islower() else 4
        if len(_c.lower()) == 1:
            _FOLD[_n] = ord(_c.lower())
    elif 0x300 <= _n < 0x370:
        _CLASS[_n] = 1

_ABBREVIATED = frozenset(
    hash_of(word.lower())
    for word in "Mr Mrs Ms Dr St Gen Col Lt Sen Rep Gov Prof Rev Sgt Capt Jr Sr Hon Adm Maj Cpl Ft Mt Brig Cmdr "
    "Supt Insp Sra Srta Ing Lic Mag Hr Fr Sta Ste Msgr Pres Drs Ir Mgr Phil Ch Th Wm Geo Ph".split()
)
_WITH_STOP = frozenset(hash_of(word) for word in "Inc Corp Ltd Co Bros Jr Sr Jnr Snr Chr Esq".split())
MOST_WORDS = 200_000
"""Words of a text that are read."""


class Tokens:
    """The words of a text, side by side: one entry a word in each array. `gap` is what follows the word."""

    def __init__(self, text: str, elided: bool) -> None:
        most = min(len(text), 2 * MOST_WORDS) // 2 + 2
        self.text, self.count, self.elided = text, 0, elided
        self.start, self.end = array("i", [0]) * most, array("i", [0]) * most
        self.shape, self.gap = array("b", [0]) * most, array("b", [0]) * most
        self.exact, self.lower = array("Q", [0]) * most, array("Q", [0]) * most
        self.begin, self.tail = array("Q", [0]) * most, array("Q", [0]) * most
        self._read()

    def _read(self) -> None:
        at, length, count = 0, len(self.text), 0
        most = len(self.start) - 2
        while at < length and count < most:
            kind = class_of(ord(self.text[at]))
            if kind == 0:
                if self.text[at] != "&":
                    at += 1
                    continue
                self.start[count], self.end[count], self.shape[count] = at, at + 1, AMPERSAND
                self.exact[count] = self.lower[count] = 38
                at += 1
            else:
                at = self._word(count, at, length)
            if count:
                self.gap[count - 1] = self._gap(count - 1, self.end[count - 1], self.start[count])
            count += 1
        self.count = count
        if count:
            self.gap[count - 1] = LINE

    def _word(self, n: int, start: int, length: int) -> int:  # noqa: PLR0915  one pass over the letters
        """Reads word `n`; returns where to read on."""
        at, exact, lower, begin, tail = start, BASIS, BASIS, 0, 0
        upper = small = digits = others = dots = 0
        after = -1
        text = self.text
        while at < length:
            c = ord(text[at])
            kind = class_of(c)
            if kind == 0:
                if c == 46:
                    # A full stop of an abbreviation: one capital before it, and no word of small letters.
                    if not (upper and at - start >= 1 and small == 0 and digits == 0 and upper == dots + 1):
                        break
                    following = class_of(ord(text[at + 1])) if at + 1 < length else 0
                    if following == 0 and dots == 0 and not initial(text, at, length):
                        break
                    if following in {1, 3}:
                        break
                    dots += 1
                elif c in {39, 8217}:
                    following = class_of(ord(text[at + 1])) if at + 1 < length else 0
                    if following in {0, 3}:
                        break
                    if text[at + 1] in "sS" and (at + 2 >= length or class_of(ord(text[at + 2])) == 0):
                        after = at + 2
                        break
                    if self.elided:
                        break
                    others += 1
                else:
                    break
            elif kind == 1:
                small += 1
            elif kind == 2:
                upper += 1
            elif kind == 3:
                digits += 1
            else:
                others += 1
            exact = ((exact ^ c) * PRIME) & ALL
            if c < _TABLE:
                c = _FOLD[c]
            lower = ((lower ^ c) * PRIME) & ALL
            if at - start < 3:
                begin = (begin << 16) | (c & 0xFFFF)
            tail = ((tail << 16) | (c & 0xFFFF)) & ALL
            at += 1
        if after < 0 and at < length and small and ord(text[at]) == 46 and small < 5 and exact in _WITH_STOP:
            at += 1
        self.start[n], self.end[n] = start, at
        self.exact[n], self.lower[n], self.begin[n], self.tail[n] = exact, lower, begin, tail
        if dots:
            shape = DOTTED
        elif digits:
            shape = NUMBER if digits == at - start else ALNUM
        elif upper == 0:
            shape = LOWER if small else CASELESS
        elif small == 0:
            shape = INITIAL if upper == 1 else UPPER
        elif upper == 1 and class_of(ord(text[start])) == 2:
            shape = TITLE
        else:
            shape = MIXED
        self.shape[n] = shape
        return at if after < 0 else after

    def _gap(self, n: int, start: int, end: int) -> int:
        """What stands between word `n` and the next one."""
        if start == end:
            return GLUED
        c = ord(self.text[start])
        possessive = False
        if (c in {39, 8217}) and end - start >= 2 and self.text[start + 1] in "sS":
            possessive = True
            start += 2
            if start == end:
                return OTHER
            c = ord(self.text[start])
        if end - start == 1:
            if c in {32, 160}:
                return OF if possessive else SPACE
            if c in {45, 8208, 8209}:
                return HYPHEN
            if c in {39, 8217}:
                return APOSTROPHE
            if c == 47:
                return SLASH
            if c in {8211, 8212}:
                return DASH
        if end - start == 2 and ord(self.text[start + 1]) == 32:
            if c == 46 and self.lower[n] in _ABBREVIATED:
                return STOP
            if c in {39, 8217}:
                last = self.text[start - 1]
                if last in {"s", "S"}:
                    return PLURAL
        return gap_of(self.text, start, end)


def class_of(c: int) -> int:
    """0 no part of a word, 1 lower case or mark, 2 upper case, 3 digit, 4 a letter without case."""
    if c < _TABLE:
        return _CLASS[c]
    return 4 if chr(c).isalpha() else 0


def initial(text: str, at: int, length: int) -> bool:
    """Whether the full stop at `at` is an initial's: letters go on behind it, after one blank."""
    return at + 2 < length and text[at + 1] == " " and 1 <= class_of(ord(text[at + 2])) <= 2


def gap_of(text: str, start: int, end: int) -> int:
    """The kind of a gap that is longer than one character or has a mark in it: the strongest mark counts."""
    found = SPACE
    if end - start > 40:
        end = start + 40
    for at in range(start, end):
        c = ord(text[at])
        if c in {10, 13, 8232, 8233}:
            return LINE
        if c in {46, 33, 63, 8230}:
            found = SENTENCE
        elif found == SENTENCE or c in {32, 160}:
            pass
        elif c in {34, 39, 0xAB, 0xBB, 0x2018, 0x2019, 0x201A, 0x201C, 0x201D, 0x201E, 0x2039, 0x203A}:
            found = QUOTE
        elif found == QUOTE:
            pass
        elif c in {58, 59}:
            found = COLON
        elif c == 44:
            found = COMMA
        elif c in {40, 91}:
            found = OPEN
        elif c in {41, 93}:
            found = CLOSE
        elif c in {45, 8211, 8212}:
            found = DASH
        elif found == SPACE:
            found = OTHER
    return found
