"""Written dates as moments: RFC 822 and RFC 3339 with their usual errors, timestamps, and prose in any
language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from services.contract.limits import believable
from services.ingest.dates.clocks import MIDNIGHT, Clock, find_clock
from services.ingest.dates.days import Manner, days_of, era
from services.ingest.dates.months import folded
from services.ingest.dates.zones import find_named, find_offset, numeric_zone

_MOST_CHARS = 160
_NUMBER = re.compile(r"(\d{8,19})(?:\.\d*)?")
_DIGITS_ONLY = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?")
_ISO = re.compile(
    r"(\d{4})-?(\d{2})-?(\d{2})[T_ ]\s?(\d{2}):?(\d{2})(?::?(\d{2})(?:[.,]\d+)?)?\s*(?:Z|"
    r"([+-])(\d{2}):?(\d{2})?)?",
    re.IGNORECASE,
)
_PERSIAN_YEARS = "1499"
_OFFSET = re.compile(
    r"\s*(?:Z|GMT|UTC|UT)?\s*([+-])\s?(0?\d|1[0-4])(?::?([0-5]\d)(?::?\d{2})?)?(?![\d./-])", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Written:
    """A written moment, in the zone that it is written in, and whether it has a time of day."""

    moment: datetime
    timed: bool


def read_date(text: object, now: datetime, *, language: str | None = None) -> datetime | None:
    """The moment, in UTC, that a text or number means; None where it means none, or an implausible one
    (`believable`).

    A time without a zone, or in an unknown one, is taken as UTC; a date without a time is its midnight.
    `language` decides where a form means different days in two languages. Never raises; linear time.
    """
    written = read_moment(text, now, language=language)
    return written.moment.astimezone(UTC) if written else None


def read_moment(
    text: object,
    now: datetime,
    *,
    language: str | None = None,
    month_first: bool | None = None,
    prose: bool = False,
) -> Written | None:
    """The same, with its zone and whether it has a time of day.

    `month_first` says how a page writes days of numbers (None: by language and clock). `prose`: the text may
    be a sentence, so only a whole date of usual signs, full names and a year of four digits is one.
    """
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        return None
    language = language.replace("_", "-").lower() if isinstance(language, str) else None
    if month_first is None:
        manner = Manner(language, language in ("en-us", "en-ph"), _may_be_american(language), prose)
    else:
        manner = Manner(language, month_first, month_first, prose)
    try:
        return next(
            (
                Written(moment, timed)
                for moment, timed in _moments(text, now, manner)
                if believable(moment, now)
            ),
            None,
        )
    except (ValueError, OverflowError, OSError):  # a day or time that does not exist
        return None


def _moments(text: str | int | float, now: datetime, manner: Manner) -> Iterator[tuple[datetime, bool]]:
    said = folded(str(text)[:_MOST_CHARS]).strip()
    if match := _NUMBER.fullmatch(said):
        if found := _number(match[1]):
            yield found, len(match[1]) != 8
    elif (match := _ISO.fullmatch(said)) and match[1] > _PERSIAN_YEARS:
        yield _iso(match), True
    else:
        yield from _prose(said, now, manner)


def _number(digits: str) -> datetime | None:
    """Unix time in seconds, milliseconds, microseconds or nanoseconds; or a date without separators."""
    if len(digits) in (8, 12, 14) and (match := _DIGITS_ONLY.fullmatch(digits)):
        return datetime(*(int(part or 0) for part in match.groups()), tzinfo=UTC)  # type: ignore[arg-type,misc]
    if len(digits) in (9, 10, 13, 16, 19):
        return datetime.fromtimestamp(int(digits) / 10 ** max(0, len(digits) - 10), UTC)
    return None


def _iso(match: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second, sign, hours, minutes = match.groups()
    zone = numeric_zone(sign, hours, minutes) if sign else UTC
    return Clock(int(hour), int(minute), int(second or 0)).on(
        date(era(int(year)), int(month), int(day)), zone
    )


def _prose(said: str, now: datetime, manner: Manner) -> Iterator[tuple[datetime, bool]]:
    """The moments that a text can mean, likeliest first: clock and zone are cut out, the rest is the day."""
    clock, zone, rest = MIDNIGHT, None, said
    if found := find_clock(said):
        clock, start, end = found
        behind = said[end:]
        if match := _OFFSET.match(behind):
            zone, behind = numeric_zone(match[1], match[2], match[3]), behind[match.end() :]
        rest = f"{said[:start]} {behind}"
    if zone is None:
        zone, rest = find_offset(rest)
    if zone is None:
        zone = find_named(said[end:], manner.spoken) if found else UTC
    month_first = manner.month_first or (clock.american and manner.month_first_with_am)
    for day in days_of(rest, now, manner, month_first=month_first):
        yield clock.on(day, zone), found is not None


def _may_be_american(language: str | None) -> bool:
    """Whether AM or PM suggests that the month comes before the day: in American English and what follows
    it."""
    return language in (None, "en", "en-us", "en-ph", "en-ca", "fil", "tl")
