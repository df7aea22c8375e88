"""The taggers as they are shipped, loaded once in a process, which takes two CPU seconds. No test changes
them."""

from __future__ import annotations

from functools import cache

from services.enrich.handler import Taggers


@cache
def shipped() -> Taggers:
    """Topics, regions, names and languages, without rules of a user's own."""
    return Taggers()
