"""A time of day within a written date: of 24 hours or twice twelve, with colons, dots, `h` or the signs of East Asia."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

_PM = r"p\.?\s?m\b\.?|下午|午後|오후|μ\.?\s?μ\b\.?|م(?=\s|$)"
_AM = r"a\.?\s?m\b\.?|上午|午前|오전|凌晨|π\.?\s?μ\b\.?|ص(?=\s|$)"
_HALF = rf"{_PM}|{_AM}"
_IS_PM = re.compile(_PM, re.IGNORECASE)
_COLONS = re.compile(
    rf"(?P<before>(?:{_HALF})\s*)?(?<![\d.,])(?P<hour>\d{{1,2}})\s?"
    r"(?::\s?(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,:]\d+)?)?"
    r"|(?:[hu時时點点시](?![^\W\d_]))\s?(?:(?P<minute2>\d{2})[分분]?(?:\s?(?P<second2>\d{2})[秒초])?)?)"
    rf"(?!\d)\s*(?P<after>{_HALF})?",
    re.IGNORECASE,
)
_HOUR_ONLY = re.compile(rf"(?<![\d.:,/-])(?P<hour>\d{{1,2}})\s?(?P<after>{_HALF})", re.IGNORECASE)
_DOTS = re.compile(r"(?<![\d.])(?P<hour>[01]?\d|2[0-4])\.(?P<minute>[0-5]\d)(?:\.(?P<second>[0-5]\d))?(?![\d.])")


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day; `american`: it was written with AM or PM."""

    hour: int
    minute: int
    second: int
    american: bool = False

    def on(self, day: date, zone: tzinfo | None) -> datetime:
        """The moment at this time of a day. Raises ValueError or OverflowError where no clock or calendar has it."""
        if (self.hour, self.minute, self.second) == (24, 0, 0):
            return datetime.combine(day + timedelta(days=1), time(), zone)
        return datetime.combine(day, time(self.hour, self.minute, min(self.second, 59)), zone)


MIDNIGHT = Clock(0, 0, 0)


def find_clock(text: str) -> tuple[Clock, int, int] | None:
    """The time of day that a date says, and from where to where it stands."""
    match = _COLONS.search(text) or _HOUR_ONLY.search(text) or _DOTS.search(text)
    if match is None:
        return None
    said = match.groupdict()
    half = said.get("before") or said.get("after") or ""
    hour = int(match["hour"])
    if half and hour <= 12:
        hour = hour % 12 + (12 if _IS_PM.match(half) else 0)
    minute, second = said.get("minute") or said.get("minute2"), said.get("second") or said.get("second2")
    return (
        Clock(hour, int(minute or 0), int(second or 0), half[:1].isascii() and bool(half)),
        match.start(),
        match.end(),
    )
