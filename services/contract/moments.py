"""Parses times as users write them: a date, a time, or an age."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_AGE = re.compile(r"(\d{1,6})([mhdw])", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
FORMS = "a date (2026-03-01), a time (2026-03-01T12:00Z) or an age (90m, 24h, 7d, 4w)"
"""The accepted forms, for error messages."""


def asked_moment(written: str) -> datetime:
    """Parses a moment, by default in UTC. Raises ValueError if it is malformed or not in 1400 to 2200."""
    try:
        if age := _AGE.fullmatch(written):
            moment = datetime.now(UTC) - timedelta(**{_UNITS[age[2]]: int(age[1])})
        else:
            moment = datetime.fromisoformat(written)
            moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError as error:
        raise ValueError(f"{written!r} is outside the calendar") from error
    if not 1400 <= moment.year <= 2200:
        raise ValueError(f"{written!r} is before 1400 or after 2200")
    return moment
