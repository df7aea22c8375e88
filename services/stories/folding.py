"""Character folding: texts that differ in case, accents, quotation marks, dashes or spaces read alike."""

from __future__ import annotations

import unicodedata
from array import array

SEPARATOR, UNSEEN, QUOTE, OPENS, CLOSES, BREAK, STOP = 0, 1, 2, 3, 4, 5, 6
"""What a character is that belongs to no word: between words; skipped inside of them; a quotation mark
that opens or closes, that opens, or that closes; the end of a paragraph, or of a sentence. Higher codes are
letters and digits."""
ALONE = 1 << 31
"""Set in the code of a character that is a word by itself, in scripts without spaces."""
DIGIT = 1 << 30
"""Set in the code of a digit."""
CAPITAL = 1 << 29
"""Set in the code of a capital letter."""
BEYOND = 0x10000
"""The first code point that is not in the table."""

_MARKS = (
    (0x300, 0x36F), (0x591, 0x5C7), (0x610, 0x61A), (0x64B, 0x65F), (0x670, 0x670), (0x6D6, 0x6ED),
    (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF), (0x20D0, 0x20FF), (0xFE00, 0xFE0F), (0xFE20, 0xFE2F),
)  # fmt: skip
"""Accents and vowel points that a reprint may drop. The vowel signs of Indian scripts are letters."""
_WITHOUT_SPACES = (
    (0xE00, 0xEFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x2E80, 0x2FDF), (0x3005, 0x3007),
    (0x3040, 0x30FF), (0x31F0, 0x31FF), (0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF),
)  # fmt: skip
"""Scripts without spaces between words: a character counts as a word."""
_APOSTROPHES = "'’ʼ‘`´′ʹ"
_STOPS = ".!?…。！？｡؟।։"
_OPENING, _CLOSING, _EITHER = "“„«‹「『〝", "”»›」』〞", '"＂‟'


def _letter(code: int) -> int:
    """The folded letter of a code point."""
    char = chr(code)
    if 0xAC00 <= code <= 0xD7A3:  # Hangul syllables would fall into their parts
        return code
    if any(first <= code <= last for first, last in _WITHOUT_SPACES):
        return ord(unicodedata.normalize("NFC", char)[0]) | ALONE
    folded = unicodedata.normalize("NFKD", char.casefold())
    return ord(folded[0]) if folded else code


def _code(code: int) -> int:
    char = chr(code)
    if code < 0x3040 and char in _APOSTROPHES:
        return UNSEEN
    for kind, marks in ((OPENS, _OPENING), (CLOSES, _CLOSING), (QUOTE, _EITHER), (STOP, _STOPS)):
        if char in marks:
            return kind
    if char in "\n\r\u2029":
        return BREAK
    category = unicodedata.category(char)
    if category == "Cf" or any(first <= code <= last for first, last in _MARKS):
        return UNSEEN
    if category[0] in "MN" or char.isalnum():
        digit = category == "Nd"
        letter = ord(str(unicodedata.digit(char))) if digit else _letter(code)
        return max(letter, 7) | (DIGIT if digit else 0) | (CAPITAL if category in ("Lu", "Lt") else 0)
    return SEPARATOR


TABLE = array("I", map(_code, range(BEYOND)))
"""The code of each character of the basic plane. Later ones are letters where Python says so."""
