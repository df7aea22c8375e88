"""Solar Hijri (Persian) calendar dates, as Iran's news uses them."""

from __future__ import annotations

import re
from datetime import date, timedelta

from services.ingest.dates.months import key_of

_MONTHS = {
    key_of(name): number
    for number, name in enumerate(
        "فروردين ارديبهشت خرداد تير مرداد شهريور مهر آبان آذر دي بهمن اسفند".split(), start=1
    )
} | {"امرداد": 5, "ابان": 8, "اذر": 9}
_LEAP = (1, 5, 9, 13, 17, 22, 26, 30)
"""The leap years of the 33-year cycle."""
_ANCHOR_YEAR, _ANCHOR = 1400, date(2021, 3, 21)
_BEHIND = 621
_LOOKED_BACK = 60
_NAMED = re.compile(
    rf"(?<!\d)(\d{{1,2}})\s*(?:م\s+)?({'|'.join(_MONTHS)})\s*(?:ماه\s*)?[,،]?\s*(1[34]\d\d)(?!\d)"
)
_NUMBERS = re.compile(r"(?<!\d)(1[34]\d\d)\s?[/.\-]\s?(\d{1,2})\s?[/.\-]\s?(\d{1,2})(?!\d)")


def persian_day(text: str, now: date) -> date | None:
    """The day that a folded text gives in this calendar; None where it gives none of the last decades.

    Raises ValueError for a day that the calendar does not have.
    """
    if match := _NAMED.search(text):
        day, month, year = int(match[1]), _MONTHS[match[2]], int(match[3])
    elif match := _NUMBERS.search(text):
        year, month, day = map(int, match.groups())
    else:
        return None
    if not 0 <= now.year - _BEHIND + 1 - year <= _LOOKED_BACK:
        return None
    return _day(year, month, day)


def _day(year: int, month: int, day: int) -> date:
    length = 31 if month <= 6 else 30 if month < 12 or year % 33 in _LEAP else 29
    if not 1 <= month <= 12 or not 1 <= day <= length:
        raise ValueError(f"the Persian calendar has no {year}-{month}-{day}")
    days = (year - _ANCHOR_YEAR) * 365 + _leaps(year) - _leaps(_ANCHOR_YEAR)
    days += (month - 1) * 30 + min(month - 1, 6) + day - 1
    return _ANCHOR + timedelta(days=days)


def _leaps(year: int) -> int:
    """The number of leap years before this one."""
    return year // 33 * len(_LEAP) + sum(1 for remainder in _LEAP if remainder < year % 33)
