"""Weekday names in languages where one month name has two meanings: Croatian, Polish, Czech."""

from __future__ import annotations

from collections.abc import Iterable

from services.ingest.dates.months import key_of

_NAMES = (
    "pon po",
    "uto ute ut wto wt",
    "sri sro sr str st",
    "cet ctv ct czw",
    "pet pat pa pia pt",
    "sub sob so",
    "ned nie ne nd",
)
_DAYS = {name: day for day, names in enumerate(_NAMES) for name in names.split()}


def weekday_of(words: Iterable[str]) -> int | None:
    """The weekday, Monday as 0, that one of these folded words names; None where none does."""
    return next((day for word in words if (day := _DAYS.get(key_of(word)[:3])) is not None), None)
