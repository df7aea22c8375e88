"""Days that a written date can mean, in any language and calendar."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from services.ingest.dates.months import many_words, months_like, months_named
from services.ingest.dates.persian import persian_day
from services.ingest.dates.weekdays import weekday_of

_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "民國": 1911, "民国": 1911}
_ERA = re.compile(rf"({'|'.join(_ERAS)})\s*(\d{{1,3}}|元)\s*年")
_BUDDHIST, _BUDDHIST_YEARS = 543, range(2400, 2700)
_THAI, _THAI_CENTURY, _THAI_YEARS = re.compile("[\u0e01-\u0e4e]"), 2500 - _BUDDHIST, 40
_SINCE_1900 = range(100, 200)  # struct tm counts years from 1900

_YEAR_FIRST = re.compile(
    r"(?<!\d)(\d{4})\s?(?:[-/._年년]|\s)\s?(\d{1,2})\s?(?:[-/._月월]|\s)\s?(\d{1,2})(?!\d)"
)
_YEAR_LAST = re.compile(r"(?<![\d.])(\d{1,2})\s?([-/.]|\s)\s?(\d{1,2})\s?(?:[-/.]|\s)\s?(\d{4}|\d{2})(?!\d)")
_YEAR_MONTH = re.compile(r"(?<!\d)(\d{4})(?:[-/](\d{1,2})|\s?[年년]\s?(\d{1,2})\s?[月월])(?![\d-])")
_CHINESE_DIGITS = "〇一二三四五六七八九零"
_CHINESE = re.compile(
    rf"(?<![{_CHINESE_DIGITS}十])([{_CHINESE_DIGITS}]{{4}}(?=年)|"
    rf"[一二三四五六七八九]?十[一二三四五六七八九]?(?=[月日])|[一二三四五六七八九](?=[月日]))"
)
_WEEK = re.compile(r"(?<!\d)(\d{4})-?W(\d{2})-?([1-7])(?!\d)")
_ORDINAL = re.compile(r"(?<![\d-])(\d{4})-(\d{3})(?!\d)")
_MONTH_NUMBER = re.compile(
    r"(?<!\d)(\d{1,2})\s?(?:[月월]|-?р\s?сар)|(?<![^\W\d_])th(?:g|ang)?\.?\s?(\d{1,2})(?!\d)", re.IGNORECASE
)
_WORD = r"[^\s\d.,;:/()\[\]{}<>|+\-\"“”«»·•،。]+"
_TOKEN = re.compile(rf"\d+|{_WORD}(?:\.{_WORD})*")
_WORDS = re.compile(r"[^\W\d_]+")
_NEAR = 5  # tokens between a day and its year in prose: `30 ta' Awwissu tal-2026`
_FILLERS = 2
"""Number of words allowed between a day and its month: `30th of August`, `30 de agosto`."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a text is to be read."""

    language: str | None
    month_first: bool
    month_first_with_am: bool  # where the clock has AM or PM
    prose: bool

    @property
    def spoken(self) -> str:
        return (self.language or "").split("-")[0]


def days_of(text: str, now: datetime, manner: Manner, *, month_first: bool) -> Iterator[date]:
    """The days that a text without its time of day can mean. The first form that matches decides."""
    if match := _ERA.search(text):
        year = _ERAS[match[1]] + (1 if match[2] == "元" else int(match[2]))
        text = f"{text[: match.start()]} {year}年{text[match.end() :]}"
    elif "年" in text:
        text = _CHINESE.sub(_chinese, text)
    if day := persian_day(text, now):
        yield day
    elif (match := _YEAR_FIRST.search(text)) and not (manner.prose and match[0].count(" ") > 1):
        yield date(era(int(match[1])), int(match[2]), int(match[3]))
    elif match := _WEEK.search(text):
        yield date.fromisocalendar(*map(int, match.groups()))
    elif not manner.prose and (match := _ORDINAL.search(text)):
        yield date(int(match[1]), 1, 1) + timedelta(days=min(max(int(match[2]), 1), 366) - 1)
    elif match := _YEAR_LAST.search(text):
        if not manner.prose or _is_usual(match):
            yield from _year_last(match, now, text, month_first=month_first)
    elif match := _MONTH_NUMBER.search(text):
        numbers = f"{text[: match.start()]} @ {text[match.end() :]}"
        months = {"@": [int(match[1] or match[2])]}
        yield from _of_month(_TOKEN.findall(numbers), months, now, long_year=manner.prose)
    elif (tokens := _tokens(text)) and (months := _named(tokens, manner)):
        yield from _of_month(tokens, months, now, long_year=manner.prose)
    elif not manner.prose and (match := _YEAR_MONTH.search(text)):
        yield date(era(int(match[1])), int(match[2] or match[3]), 1)


def _chinese(match: re.Match[str]) -> str:
    """A number in Chinese numerals: years digit by digit, months and days with tens."""
    tens, ten, ones = match[1].rpartition("十")
    if not ten:
        return "".join(str(_CHINESE_DIGITS.index(sign) % 10) for sign in match[1])
    return str(_CHINESE_DIGITS.index(tens or "一") * 10 + (_CHINESE_DIGITS.index(ones) if ones else 0))


def _is_usual(match: re.Match[str]) -> bool:
    """Whether numbers are written as a date that stands in prose: signs between, a year of four digits."""
    return not match[2].isspace() and (len(match[4]) == 4 or match[2] == ".")


def _year_last(match: re.Match[str], now: datetime, text: str, *, month_first: bool) -> Iterator[date]:
    first, second, year = int(match[1]), int(match[3]), _year(match[4], now)
    pairs = [(first, second), (second, first)]
    if match[2] == ".":
        pairs = pairs[:1]
    elif month_first:
        pairs.reverse()
    days = [
        date(year, month, day)
        for day, month in pairs
        if 1 <= month <= 12 and day <= monthrange(year, month)[1]
    ]
    if not days:
        raise ValueError(f"no calendar has {match[0]}")
    if len(days) > 1 and (weekday := weekday_of(_WORDS.findall(text))) is not None:
        days.sort(key=lambda day: day.weekday() != weekday)
    yield from days


def _tokens(text: str) -> list[str]:
    lowered = text.lower()
    for name in _many_words():
        if name in lowered:
            text = lowered = lowered.replace(name, name.replace(" ", "_"))
    return _TOKEN.findall(text)


@lru_cache(maxsize=1)
def _many_words() -> tuple[str, ...]:
    return many_words()


def _named(tokens: list[str], manner: Manner) -> dict[str, list[int]]:
    """The tokens that name a month exactly; else, but in prose, those that begin like one."""
    words = [token for token in tokens if not token[0].isdigit()]
    exact = {word: months for word in words if (months := months_named(word, manner.spoken))}
    if manner.prose:
        return exact
    return exact or {word: months for word in words if (months := months_like(word))}


def _of_month(
    tokens: list[str], months: dict[str, list[int]], now: datetime, *, long_year: bool
) -> Iterator[date]:
    """Days of the month that stands directly after or before them: `Mar` before a number may be a Tuesday
    (mardi)."""
    placed = _behind_a_day(tokens, months) or _before_a_day(tokens, months)
    if placed is None:
        return
    at, day_at = placed
    year = _year_beside(tokens, day_at, now, long=long_year)
    found = []
    for month in months[tokens[at]] if year else ():
        try:
            found.append(date(year or 0, month, int(tokens[day_at])))
        except ValueError:  # this month has no such day, but another month of the same name may
            continue
    if len(found) > 1 and (weekday := weekday_of(tokens)) is not None:
        found.sort(key=lambda day: day.weekday() != weekday)
    yield from found


def _behind_a_day(tokens: list[str], months: dict[str, list[int]]) -> tuple[int, int] | None:
    day_at = None
    for at, token in enumerate(tokens):
        if _is_day(token):
            day_at = at
        elif day_at is not None and token in months and at - day_at <= _FILLERS + 1:
            return at, day_at
        elif token[0].isdigit():
            day_at = None
    return None


def _before_a_day(tokens: list[str], months: dict[str, list[int]]) -> tuple[int, int] | None:
    month_at = None
    for at, token in enumerate(tokens):
        if token in months:
            month_at = at
        elif month_at is not None and _is_day(token):
            return month_at, at
    return None


def _is_day(token: str) -> bool:
    return token.isdigit() and len(token) <= 2 and 1 <= int(token) <= 31


def _year_beside(tokens: list[str], day_at: int, now: datetime, *, long: bool) -> int | None:
    """The year among the numbers beside a day: one of three or four digits, else two digits after the day."""
    numbers = [(at, token) for at, token in enumerate(tokens) if token.isdigit() and at != day_at]
    if long:
        numbers = [(at, token) for at, token in numbers if len(token) == 4 and abs(at - day_at) <= _NEAR]
    years = [token for _, token in numbers if len(token) in (3, 4)]
    years = years or [token for at, token in numbers if len(token) == 2 and at > day_at]
    thai = any(_THAI.match(token) for token in tokens)
    return _year(years[0], now, thai=thai) if years else None


def _year(digits: str, now: datetime, *, thai: bool = False) -> int:
    """A year of four digits, of two digits in the century that fits, or counted from 1900."""
    year = int(digits)
    if thai and len(digits) == 2 and 0 <= now.year + 1 - (_THAI_CENTURY + year) < _THAI_YEARS:
        return _THAI_CENTURY + year
    if len(digits) <= 2:
        return year + (2000 if 2000 + year <= now.year + 1 else 1900)
    return era(year + 1900 if len(digits) == 3 and year in _SINCE_1900 else year)


def era(year: int) -> int:
    return year - _BUDDHIST if year in _BUDDHIST_YEARS else year
