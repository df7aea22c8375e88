"""Segmentation of text in any script into the pieces of the multilingual table: longest match, word by
word."""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.enrich.words import LATIN, is_latin

_RUN = re.compile(r"[^\W_]+", re.UNICODE)
_LATIN_RUN = re.compile(rf"[0-9{LATIN}]++")
_LONGEST = 16
_LONGEST_WORD = 3_000  # characters that are read of one: more than all that is read of a text
_LONGEST_KEPT = 100
_CACHE = 60_000
START = "\u2581"
"""Prefix of a piece that begins a word."""


class Pieces:
    """A vocabulary of pieces. A piece that begins a word has the prefix START."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self._index = {piece: n for n, piece in enumerate(vocabulary)}
        self._cache: dict[str, tuple[tuple[int, int, int], ...]] = {}

    def cut(self, text: str, limit: int) -> tuple[list[int], list[int], list[int]]:
        """Up to `limit` pieces of `text` with their start and end; what no piece covers is skipped.

        Stops after the word that reaches the limit.
        """
        pieces: list[int] = []
        starts: list[int] = []
        ends: list[int] = []
        for match in (_LATIN_RUN if is_latin(text) else _RUN).finditer(text):
            at = match.start()
            for piece, a, b in self._word(match.group()):
                pieces.append(piece)
                starts.append(at + a)
                ends.append(at + b)
            if len(pieces) >= limit:
                break
        return pieces, starts, ends

    def _word(self, word: str) -> tuple[tuple[int, int, int], ...]:
        known = self._cache.get(word)
        if known is None:
            known = tuple(self._whole(word) or self._parts(word[:_LONGEST_WORD]))
            if len(self._cache) < _CACHE and len(word) <= _LONGEST_KEPT:
                self._cache[word] = known
        return known

    def _whole(self, word: str) -> list[tuple[int, int, int]]:
        for form in (word, word.lower(), word.capitalize()):
            n = self._index.get(START + form)
            if n is not None:
                return [(n, 0, len(word))]
        return []

    def _parts(self, word: str) -> list[tuple[int, int, int]]:
        forms = (word, word.lower())
        out: list[tuple[int, int, int]] = []
        at = 0
        while at < len(word):
            # Fewer than three letters of an alphabet carry nothing; a single ideograph is a word.
            shortest = 1 if word[at] >= "\u2e80" else 3
            for length in range(min(_LONGEST, len(word) - at), shortest - 1, -1):
                n = self._find(forms, at, length)
                if n is not None:
                    out.append((n, at, at + length))
                    at += length
                    break
            else:
                at += 1
        return out

    def _find(self, forms: tuple[str, ...], at: int, length: int) -> int | None:
        for form in forms:
            part = form[at : at + length]
            n = self._index.get(START + part) if at == 0 else None
            n = self._index.get(part) if n is None else n
            if n is not None:
                return n
        return None
