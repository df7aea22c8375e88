"""Weekday named in a date, in any language: it decides where a date can be read as two days."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from functools import cache, lru_cache

from services.ingest.dates.months import folded, key_of
from services.ingest.dates.weekday_names import NAMES

_SHORTEST = 3  # letters of an inflected or abbreviated name


@cache
def _table() -> tuple[dict[str, set[int]], list[str]]:
    """The days that each name can mean, and the names in sorted order."""
    found: dict[str, set[int]] = {}
    for line in NAMES.strip().splitlines():
        for day, names in enumerate(line.partition(" ")[2].split("|")):
            for name in names.split():
                key = key_of(folded(name)).replace(" ", "")
                if len(key) > 1 or key > "\u2e7f":
                    found.setdefault(key, set()).add(day)
    return found, sorted(found)


def weekday_of(words: Iterable[str]) -> int | None:
    """The weekday, Monday as 0, that one of these folded words names; None where none does, or not surely."""
    return next((day for word in words if (day := _named(word)) is not None), None)


def is_weekday(word: str) -> bool:
    """Whether a folded word is a weekday's name, written out or abbreviated as usual."""
    return key_of(word) in _table()[0]


@lru_cache(maxsize=512)
def _named(word: str) -> int | None:
    key = key_of(word)[:20]
    days = _table()[0].get(key) or (_beginning(key[:_SHORTEST]) if len(key) >= _SHORTEST else set())
    return next(iter(days)) if len(days) == 1 else None


def _beginning(start: str) -> set[int]:
    table, names = _table()
    days: set[int] = set()
    for name in names[bisect_left(names, start) :]:
        if not name.startswith(start):
            break
        days |= table[name]
    return days
