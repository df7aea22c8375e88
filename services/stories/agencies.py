"""Agencies' own pages, and the time of an article as far as its page tells it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

OWN, CREDITED, OTHER = 0, 1, 2
"""An agency's own page; a page that credits an agency; any other. Earlier ranks are parents of later ones."""
_DAY = timedelta(days=1, seconds=-1)
_PARTS = re.compile(r"[^a-z0-9]+")
_LONG_NAME = 4  # letters of an agency's name that may begin a longer label, as in xinhuanet


def rank(agency: str | None, domain: str | None) -> int:
    """How near an article's page is to the agency whose mark it carries."""
    if not agency:
        return OTHER
    labels = [part for part in _PARTS.split((domain or "").lower()) if part]
    words = [word for word in _PARTS.split(agency.lower()) if word]
    names = {"".join(words), *words[:1]}
    own = any(
        label in names
        or label.removesuffix("news") in names
        or any(len(name) >= _LONG_NAME and label.startswith(name) for name in names)
        for label in labels[:-1] or labels
    )
    return OWN if own else CREDITED


def moment(published_at: datetime | None, seen_at: datetime) -> datetime:
    """When an article appeared. A page that tells only the day, so that its time is midnight, cannot claim
    that it was earlier than those which tell the hour: it counts as of the day's end."""
    if published_at is None:
        return seen_at
    if (published_at.hour, published_at.minute, published_at.second, published_at.microsecond) == (
        0,
        0,
        0,
        0,
    ):
        try:
            return published_at + _DAY
        except OverflowError:
            return published_at
    return published_at
