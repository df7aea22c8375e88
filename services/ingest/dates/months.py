"""Month names in any language: nominative or inflected, complete or abbreviated."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from functools import cache, lru_cache

from services.ingest.dates.month_names import NAMES

_MARKS = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0640\u093c\u09bc\u0a3c]")
_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_LETTERS = str.maketrans({
    "ß": "ss", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "ı": "i",
    "ς": "σ",
    "ی": "ي", "ى": "ي", "ک": "ك", "−": "-", "‐": "-", "‑": "-", "–": "-", "—": "-", "’": "'", "ʼ": "'",
    "׳": "'", "：": ":", "॰": ".",
})  # fmt: skip
_SHORTEST, _INFLECTION = 3, 5


def folded(text: str) -> str:
    """A text with ASCII digits, without accents and invisible characters; case is kept."""
    if text.isascii():
        return text
    text = _MARKS.sub("", unicodedata.normalize("NFKD", _INVISIBLE.sub("", text)))
    text = unicodedata.normalize("NFC", text).translate(_LETTERS)
    return "".join(str(unicodedata.decimal(c)) if c > "\x7f" and c.isdecimal() else c for c in text)


def key_of(name: str) -> str:
    """The key under which a folded name is looked up."""
    return (
        name.lower()
        .translate(_LETTERS)
        .replace("i\u0307", "i")
        .replace(".", "")
        .replace("_", " ")
        .rstrip("'")
    )


@cache
def _table() -> tuple[dict[str, dict[int, set[str]]], list[str]]:
    """The months that each name can mean, with the languages in which it does; and the names in sorted
    order."""
    found: dict[str, dict[int, set[str]]] = {}
    for line in NAMES.strip().splitlines():
        language, _, months = line.partition(" ")
        for number, names in enumerate(months.split("|"), start=1):
            for name in names.split():
                found.setdefault(key_of(folded(name)), {}).setdefault(number, set()).add(language)
    return found, sorted(found)


def many_words() -> tuple[str, ...]:
    """Folded names of several words, a longer one before its prefix."""
    return tuple(sorted((name for name in _table()[1] if " " in name), key=len, reverse=True))


def months_named(word: str, language: str | None = None) -> list[int]:
    """The months that a folded word means exactly, those of `language` first: neighbouring languages
    differ."""
    name = key_of(word)
    table = _table()[0]
    meanings = table.get(name) or table.get(
        name[2:] if name[1:2] == "'" else name[1:] if name[:1] == "ב" else "", {}
    )
    if len(meanings) < 2:
        return list(meanings)
    return sorted(meanings, key=lambda month: (language not in meanings[month], -len(meanings[month])))


@lru_cache(maxsize=512)
def months_like(word: str) -> list[int]:
    """The one month whose names begin with this folded word: unlisted abbreviations and inflections."""
    name = key_of(word)[:20]
    for length in range(len(name), max(_SHORTEST, len(name) - _INFLECTION, 0) - 1, -1):
        if length < len(name) and length <= _SHORTEST:
            break
        months = _beginning(name[:length])
        if len(months) == 1:
            return list(months)
        if months:
            break
    return []


def _beginning(start: str) -> set[int]:
    table, names = _table()
    at = bisect_left(names, start)
    months: set[int] = set()
    while at < len(names) and names[at].startswith(start):
        months |= table[names[at]].keys()
        at += 1
    return months
