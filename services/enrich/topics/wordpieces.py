"""WordPiece segmentation for the short-text reader: longest match first, from the left.

As in BERT's uncased vocabulary (Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers", NAACL
2019): lower case, without accents, punctuation and ideographs as single tokens. Training uses this module
too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_TOKEN = re.compile(
    r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]|[^\W_\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+|[^\w\s]|_"
)
_LONGEST = 40
_CACHE = 40_000
_INSIDE = "##"


class WordPieces:
    """A vocabulary of pieces by number; one that continues a word has the prefix `##`."""

    def __init__(self, vocabulary: Sequence[str]) -> None:
        self._index = {piece: n for n, piece in enumerate(vocabulary)}
        self._unknown = self._index["[UNK]"]
        self._first, self._last = self._index["[CLS]"], self._index["[SEP]"]
        self._cache: dict[str, list[int]] = {}

    def cut(self, text: str, limit: int) -> list[int]:
        """Numbers of the first pieces of `text`, at most `limit`, between the marks of begin and end."""
        out = [self._first]
        for match in _TOKEN.finditer(_folded(text[: 20 * limit])):
            if len(out) >= limit - 1:
                break
            out += self._word(match.group())
        return [*out[: limit - 1], self._last]

    def _word(self, word: str) -> list[int]:
        known = self._cache.get(word)
        if known is None:
            known = self._parts(word)
            if len(self._cache) >= _CACHE:
                self._cache.clear()
            self._cache[word] = known
        return known

    def _parts(self, word: str) -> list[int]:
        out: list[int] = []
        at = 0
        while at < len(word):
            prefix = _INSIDE if at else ""
            for end in range(min(len(word), at + _LONGEST), at, -1):
                number = self._index.get(prefix + word[at:end])
                if number is not None:
                    out.append(number)
                    at = end
                    break
            else:
                return [self._unknown]
        return out


def _folded(text: str) -> str:
    """Lower case without accents."""
    text = text.lower()
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")
