"""Times as people ask for them: a date, a time, or an age."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_AGE = re.compile(r"(\d{1,6})([mhdw])", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
FORMS = "a date (2026-03-01), a time (2026-03-01T12:00Z) or an age (90m, 24h, 7d, 4w)"
"""What `asked_moment` understands, for a message that says so."""


def asked_moment(written: str) -> datetime:
    """The moment that is asked for; without a zone it is UTC. Raises ValueError for what is none, or far from our days."""
    try:
        if age := _AGE.fullmatch(written):
            moment = datetime.now(UTC) - timedelta(**{_UNITS[age[2]]: int(age[1])})
        else:
            moment = datetime.fromisoformat(written)
            moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError as error:
        raise ValueError(f"{written!r} lies outside the calendar") from error
    if not 1400 <= moment.year <= 2200:
        raise ValueError(f"{written!r} lies before 1400 or after 2200")
    return moment
