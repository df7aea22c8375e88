"""Time of day within a written date: 24 or 12 hours, with colons, dots, `h` or East Asian characters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

_PM = (
    r"p\.?\s?m\b\.?|下午|午後|오후|傍晚|μ\.?\s?μ\b\.?|م(?=\s|$)|مساء|بعد الظهر|ب\.?\s?ظ|بعدازظهر|अपराह्न|शाम|"
    r"অপরাহ্ন|বিকাল|বিকেল|সন্ধ্যা|"
    r"(?-i:OS\b|CH\b|MD\b)|odp\b|odpoledne|popoludni|du\.|delutan|de la tarde|da tarde|d[ei]l? pomeriggio|"
    r"(?:de l')?apres-midi|chieu\b|sore\b|"
    r"следобед|вечера\b|вечора\b"
)
_AM = (
    r"a\.?\s?m\b\.?|上午|午前|오전|凌晨|早上|清晨|새벽|아침|π\.?\s?μ\b\.?|ص(?=\s|$)|صباحا|ق\.?\s?ظ|पूर्वाह्न|"
    r"सुबह|পূর্বাহ্ন|সকাল|"
    r"(?-i:OO\b|SA\b|PD\b)|dop\b|dopoledne|dopoludnia|de\.|delelott|de la (?:manana|madrugada)|da (?:manha|"
    r"madrugada)|sang\b|pagi\b|утра\b|ранку\b"
)
_NIGHT = r"晚上|晚間|晚间|夜|밤|저녁|रात|রাত|de la noche|da noite|di sera|du soir|malam\b|toi\b"
_NOON = r"中午|昼|दोपहर|দুপুর|siang\b|дня\b"
_HALF = rf"{_PM}|{_AM}|{_NIGHT}|{_NOON}"
_IS_PM, _IS_NIGHT, _IS_NOON = (re.compile(words, re.IGNORECASE) for words in (_PM, _NIGHT, _NOON))
_AMERICAN = re.compile(r"[ap]\.?\s?m", re.IGNORECASE)
_BEFORE = re.compile(rf"(?<![^\W\d_年月日])(?:{_HALF})\s*\Z", re.IGNORECASE)
_LONGEST_WORD, _MORNING, _BEFORE_NOON = 20, 6, 10
_COLONS = re.compile(
    r"(?<![\d.,])(?P<hour>\d{1,2})\s?"
    r"(?::\s?(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,:]\d+)?)?"
    r"|(?:[hu時时點点시](?![^\W\d_]))\s?(?:(?P<minute2>\d{2})[分분]?(?:\s?(?P<second2>\d{2})[秒초])?)?)"
    rf"(?!\d)\s*(?:ч\.\s*)?(?P<after>{_HALF})?",
    re.IGNORECASE,
)
_HOUR_ONLY = re.compile(
    r"(?<![\d.:,/-])(?P<hour>\d{1,2})\s?(?P<after>[ap]\.?\s?m\b\.?|[μπ]\.?\s?μ\b\.?|下午|午後|오후|上午|午前|"
    r"오전|凌晨|[مص](?=\s|$))",
    re.IGNORECASE,
)
_DOTS = re.compile(
    r"(?<![\d.])(?P<hour>[01]?\d|2[0-4])\.(?P<minute>[0-5]\d)(?:\.(?P<second>[0-5]\d))?(?!\.?\d)"
    rf"(?:\s?(?P<after>{_HALF})|(?!\.(?:\S|\s?\d)))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day. `american`: it was written with AM or PM."""

    hour: int
    minute: int
    second: int
    american: bool = False

    def on(self, day: date, zone: tzinfo | None) -> datetime:
        """The moment at this time of a day. Raises ValueError or OverflowError where it does not exist."""
        if (self.hour, self.minute, self.second) == (24, 0, 0):
            return datetime.combine(day + timedelta(days=1), time(), zone)
        return datetime.combine(day, time(self.hour, self.minute, min(self.second, 59)), zone)


MIDNIGHT = Clock(0, 0, 0)


def find_clock(text: str) -> tuple[Clock, int, int] | None:
    """The time of day in a text, with its start and end offsets; None where there is none."""
    match = _COLONS.search(text) or _HOUR_ONLY.search(text) or _DOTS.search(text)
    if match is None:
        return None
    said, start = match.groupdict(), match.start()
    half, hour = said.get("after") or "", int(match["hour"])
    if not half and (before := _BEFORE.search(text[max(0, start - _LONGEST_WORD) : start])):
        half, start = before[0], start - len(before[0])
    if half and hour <= 12:
        hour = _of_day(hour, half)
    minute, second = said.get("minute") or said.get("minute2"), said.get("second") or said.get("second2")
    return Clock(hour, int(minute or 0), int(second or 0), bool(_AMERICAN.match(half))), start, match.end()


def _of_day(hour: int, half: str) -> int:
    """The hour from 0 to 23 of a 12-hour time in this part of the day."""
    if _IS_NIGHT.match(half):
        return hour % 12 if hour == 12 or hour < _MORNING else hour + 12
    if _IS_NOON.match(half):
        return hour if hour >= _BEFORE_NOON else hour + 12
    return hour % 12 + (12 if _IS_PM.match(half) else 0)
