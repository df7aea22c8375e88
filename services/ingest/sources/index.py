"""Sitemap indexes, read within bounds: the likeliest sitemaps at each poll, the others in rotation, nested
indexes too."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from services.contract.errors import DatelineError, Deferred, PermanentError
from services.contract.messages import FeedEntry
from services.ingest.sources.children import choose
from services.ingest.sources.listing import Child, Listing
from services.ingest.sources.sitemaps import MAX_PAGES

_ALWAYS, _BY_TURNS = 5, 3
_ALWAYS_WITHIN, _BY_TURNS_WITHIN = 3, 1
_DEPTH = 3
_MOST_FETCHES = 24


class Index:
    """The entries of an index's sitemaps. A sitemap that fails does not affect the others."""

    def __init__(self, get: Callable[[str], Listing], deadline: float) -> None:
        self._get = get
        self._deadline = deadline
        self._seen: set[str] = set()
        self._failed: list[tuple[str, DatelineError]] = []
        self._read = 0
        self.entries: list[FeedEntry] = []
        self.ages: dict[str, datetime] = {}

    def read(self, url: str, children: list[Child], turn: int, depth: int = 1) -> None:
        """Reads the children that are due in this poll. Never raises: `detail` reports the failures."""
        self._seen.add(url)
        always, by_turns = (_ALWAYS, _BY_TURNS) if depth == 1 else (_ALWAYS_WITHIN, _BY_TURNS_WITHIN)
        for child, own_turn in choose(children, turn, always=always, by_turns=by_turns):
            if child in self._seen or len(self._seen) > _MOST_FETCHES or len(self.entries) >= MAX_PAGES:
                continue
            if time.monotonic() > self._deadline:
                return
            self._seen.add(child)
            try:
                listing = self._get(child)
            except DatelineError as error:
                self._failed.append((child, error))
                continue
            self._read += not listing.children
            self.entries += listing.entries
            self.ages |= listing.ages
            if listing.children and depth < _DEPTH:
                self.read(child, listing.children, own_turn, depth + 1)

    def detail(self, url: str, *, found: bool) -> str:
        """The failures, in words. Raises where no child could be read: TransientError where all of them
        may recover."""
        if not self._failed:
            if not self._read and not found:
                raise PermanentError(
                    "children_failed", f"{url} is an index that names no sitemap but indexes"
                )
            return ""
        child, error = self._failed[0]
        if self._read or found:
            said = (
                f"{len(self._failed)} of {len(self._failed) + self._read} sitemaps of {url} could not be read"
            )
            return f"{said}; the first: {child}: {error.reason}: {error}"
        if all(isinstance(each, Deferred) for _, each in self._failed):
            raise error
        raise PermanentError(
            "children_failed",
            f"none of the {len(self._failed)} sitemaps of {url} that were asked could be read; the first, "
            f"{child}, "
            f"failed with {error.reason}: {error}",
        )
