"""What a source lists, whatever its format."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.contract.messages import FeedEntry, SourceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The entries of a source; or, for an index of sitemaps and a front page with a feed, where to look instead."""

    kind: SourceKind
    title: str | None = None
    entries: list[FeedEntry] = field(default_factory=list)
    children: list[str] = field(default_factory=list)
    feed_url: str | None = None
