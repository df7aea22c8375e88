"""Tokenizer: words with their offsets, in any script, identical in training and at run time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from services.runtime.compiled import compiled

_compiled = compiled("services.enrich")

COMPILED = _compiled is not None
"""Whether the inner loops of tagging are compiled."""
_UNSEGMENTED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(
    rf"[{_UNSEGMENTED}]+|[^\W\d_{_UNSEGMENTED}](?:[\w{_UNSEGMENTED}]*[^\W_])?(?:['’][^\W\d_]+)?", re.UNICODE
)
_IDEOGRAPH = re.compile(rf"[{_UNSEGMENTED}]")
_ARABIC = re.compile(r"^[\u0600-\u06ff]")
_ARABIC_PREFIX = re.compile(r"^(?:[وف]?(?:ال|بال|كال|لل)|[وفبل](?=ال))")


# The same for Latin text, over a table of its letters: one and a half times as fast.
LATIN = "A-Za-z\xaa\xb2\xb3\xb5\xb9\xba\xbc-\xbe\xc0-\xd6\xd8-\xf6\xf8-\u024f"
_LATIN_TOKEN = re.compile(rf"[{LATIN}][0-9{LATIN}]*+(?:_++[0-9{LATIN}]++)*+(?:['’][{LATIN}]++)?")
_BEYOND_LATIN = re.compile(r"[^\x00-\u024f\u2010-\u2027\u2030-\u205e\u20ac\u2122]")
_POSSESSIVE = ("'s", "’s")


Spans = Sequence[tuple[int, int]]
"""Offsets of words: (start, end)."""


class Wanted:
    """Words that are looked for in texts, and stems: beginnings of two letters or more."""

    def __init__(self, wholes: Iterable[str], stems: Iterable[str] = ()) -> None:
        beginnings = list(stems)
        self._sieve = _compiled and _compiled.Sieve(list(wholes))
        self._stem_sieve = _compiled.Sieve(beginnings) if _compiled and beginnings else None

    def at(self, words: Sequence[str]) -> Sequence[int]:
        """Where among the words one may stand: all places of them, and few others where they are
        compiled, for most words need not be made to be passed over."""
        if _compiled and isinstance(words, _compiled.Words):
            return words.among(self._sieve, self._stem_sieve)  # type: ignore[no-any-return]
        return range(len(words))


def is_latin(text: str) -> bool:
    """Whether a text has only Latin letters, and no combining marks."""
    if _compiled:
        return _compiled.is_latin(text)  # type: ignore[no-any-return]
    return text.isascii() or not _BEYOND_LATIN.search(text)


def read(text: str, limit: int) -> tuple[Sequence[str], Spans]:
    """The first `limit` words of `words()` with their offsets (start, end); without its loop for Latin
    text."""
    if not is_latin(text):
        found = list(islice(words(text), limit))
        return [word for word, _, _ in found], [(start, end) for _, start, end in found]
    return (_compiled.read_latin if _compiled else read_latin)(text, limit)  # type: ignore[no-any-return]


def read_latin(text: str, limit: int) -> tuple[list[str], Spans]:
    """`read` for Latin text."""
    spans = [match.span() for match in islice(_LATIN_TOKEN.finditer(text), limit)]
    folded = [text[start:end].lower() for start, end in spans]
    for n in [n for n, word in enumerate(folded) if word[-1] == "s" and word.endswith(_POSSESSIVE)]:
        folded[n], spans[n] = folded[n][:-2], (spans[n][0], spans[n][1] - 2)
    return folded, spans


def words(text: str) -> Iterator[tuple[str, int, int]]:
    """(folded word, start, end): lower case, without possessive `'s`; scripts without spaces as pairs of
    characters."""
    for match in _TOKEN.finditer(text):
        token = match.group()
        start, end = match.span()
        if _IDEOGRAPH.match(token):
            for at in range(start, max(start + 1, end - 1)):
                yield text[at : at + 2], at, min(at + 2, end)
            continue
        folded = token.lower()
        if folded.endswith(_POSSESSIVE):
            folded, end = folded[:-2], end - 2
        if _ARABIC.match(folded) and len(folded) > 4:
            folded = _ARABIC_PREFIX.sub("", folded)
        yield folded, start, end
