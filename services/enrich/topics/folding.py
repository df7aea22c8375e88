"""Folding of words in many scripts: what makes two spellings of a word one, without changing its length in
scripts that are read by their characters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

WORD = re.compile(
    r"[\w\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0dff\u200c\u200d]+(?:\"\w(?!\w))?"
)
"""A word, with the vowel signs and joiners of its script, which `\\w` leaves out."""
_MARKS = re.compile(r"[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u093c\u0640]")
_ARABIC = str.maketrans("أإآٱىةي", "ااااييي"[:5] + "هي")
_PERSIAN = str.maketrans("يكىۀةأإ", "یکیهها" + "ا")
_ROMANIAN = str.maketrans("şţ", "șț")
_TURKISH = str.maketrans("İI", "iı")
_SERBIAN = str.maketrans(
    dict(zip("абвгдђежзијклљмнњопрстћуфхцчџш", (
        "a b v g d đ e ž z i j k l lj m n nj o p r s t ć u f h c č dž š".split()
    ), strict=True))
)  # fmt: skip
_HEBREW_PREFIXES = "והבלמשכ"
_ARABIC_PREFIX = re.compile(r"^(?:[وفبكل]?ال|لل|و)(?=..)")
_LEAST_REST, _MOST_PREFIXES = 2, 3


class Folding:
    """The folding of one language."""

    def __init__(self, language: str) -> None:
        self._language = language

    def __call__(self, word: str) -> str:
        """The folded word."""
        language = self._language
        if language == "tr":
            return word.translate(_TURKISH).lower()
        word = _lower(word)
        if language == "el":
            return _MARKS.sub("", unicodedata.normalize("NFD", word)).replace("ς", "σ")
        if language == "ar":
            return _MARKS.sub("", word).translate(_ARABIC)
        if language in ("fa", "ur"):
            return _MARKS.sub("", word).translate(_PERSIAN).replace("\u200c", "")
        if language == "sr":
            return word.translate(_SERBIAN)
        if language == "ro":
            return word.translate(_ROMANIAN)
        if language in ("hi", "bn"):
            return _MARKS.sub("", unicodedata.normalize("NFD", word)).replace("\u200d", "")
        if language == "he":
            return _MARKS.sub("", word)
        return word

    def forms(self, word: str) -> Sequence[str]:
        """The folded word, and what is left of it without the particles that are written with it."""
        if self._language == "ar":
            bare = _ARABIC_PREFIX.sub("", word)
            return (word,) if bare == word else (word, bare)
        if self._language == "he":
            found = [word]
            while (
                len(found) <= _MOST_PREFIXES and len(word) > _LEAST_REST + 1 and word[0] in _HEBREW_PREFIXES
            ):
                word = word[1:]
                found.append(word)
            return found
        return (word,)


def folding(language: str) -> Folding:
    """The folding of a language."""
    return Folding(language)


def _lower(word: str) -> str:
    small = word.lower()
    # A few letters become two in lower case.
    return (
        small if len(small) == len(word) else "".join(c.lower() if len(c.lower()) == 1 else c for c in word)
    )
