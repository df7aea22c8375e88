"""UTC offsets of time zone names."""

from __future__ import annotations

import re
from datetime import UTC, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

_MOST_MINUTES = 14 * 60

# Minutes east of UTC. Where an abbreviation is ambiguous, the meaning that is most frequent in news.
_NAMED = """
0: z ut utc gmt wet egst azost
60: cet mez met bst wat west
120: cest mesz eet cat sast
180: eest msk мск eat trt idt fet
210: irst
240: gst msd samt azt get mut
270: irdt aft
300: pkt uzt yekt tmt tjt orat mvt
330: ist slst sltt
345: npt
360: bdt omst almt kgt btt
390: mmt
420: ict wib novt krat hovt davt
480: hkt sgt myt pht awst irkt wita bnt ulat
525: acwst
540: jst kst wit yakt tlt
570: acst
600: aest vlat pgt chst
630: acdt lhst
660: aedt magt sbt nct sakt
720: nzst fjt pett
780: nzdt tot
-60: azot cvt
-120: fnt pmdt
-150: ndt
-180: brt art uyt adt clst gft srt pyst pmst wgt
-210: nst
-240: ast edt clt bot gyt pyt amt vet
-300: est cdt cot pet ect act
-360: cst mdt galt
-420: mst pdt
-480: pst akdt
-540: akst
-600: hst hast
"""
_MINUTES = {
    name: int(minutes)
    for minutes, names in (line.split(":") for line in _NAMED.strip().splitlines())
    for name in names.split()
}
_BY_LANGUAGE = {
    ("cst", "zh"): 480,
    ("ist", "he"): 120,
    ("ist", "ga"): 60,
    ("ast", "ar"): 180,
    ("pst", "fil"): 480,
}
_REGIONS = {
    "et": "America/New_York",
    "ct": "America/Chicago",
    "mt": "America/Denver",
    "pt": "America/Los_Angeles",
}
_REGION = re.compile(
    r"\b(?:Africa|America|Asia|Atlantic|Australia|Europe|Indian|Pacific|US|Canada)/"
    r"[A-Z][A-Za-z_]{1,20}(?:/[A-Z][A-Za-z_]{1,20})?"
)
_NAME = re.compile(
    r"(?<![^\W\d_])(?:[A-Z]{1,5}|ChST|МСК|мск|utc|gmt|z)(?![^\W\d_])"
)  # upper case only: `et` and `pet` are words
_NUMERIC = re.compile(r"(?:(?<=\s)|(?<=GMT)|(?<=UTC)|(?<=\())([+-])\s?(\d{1,2})(?::?(\d{2}))?(?![\d:./-])")


def numeric_zone(sign: str, hours: str, minutes: str | None) -> tzinfo:
    """The zone of a numeric offset; UTC where the offset does not exist."""
    total = int(hours) * 60 + int(minutes or 0)
    return timezone(timedelta(minutes=-total if sign == "-" else total)) if total <= _MOST_MINUTES else UTC


def find_offset(text: str) -> tuple[tzinfo | None, str]:
    """The numeric offset anywhere in a date, and the text without it."""
    match = _NUMERIC.search(text)
    if match is None:
        return None, text
    return numeric_zone(match[1], match[2], match[3]), f"{text[: match.start()]} {text[match.end() :]}"


def find_named(after_clock: str, language: str | None) -> tzinfo:
    """The zone named after a time of day, by abbreviation or region; UTC where none is."""
    if match := _REGION.search(after_clock):
        return _region(match[0]) or UTC
    for match in _NAME.finditer(after_clock):
        if (zone := _named(match[0].lower(), language)) is not None:
            return zone
    return UTC


def _named(name: str, language: str | None) -> tzinfo | None:
    minutes = _BY_LANGUAGE.get((name, language or ""), _MINUTES.get(name))
    if minutes is not None:
        return timezone(timedelta(minutes=minutes)) if minutes else UTC
    return _region(_REGIONS[name]) if name in _REGIONS else None


def _region(name: str) -> tzinfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown region, or a system without the tz database
        return None
