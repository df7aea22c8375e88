"""The result of reading a source of any format."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from services.contract.messages import FeedEntry, SourceKind


@dataclass(frozen=True, slots=True)
class Child:
    """A sitemap that an index names, with its lastmod."""

    url: str
    lastmod: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The entries of a source, and what it refers to: an index's sitemaps, a page's feeds, a refresh
    target.

    - `ages`: lastmod by URL, where that is not the entry's date
    - `spare_feeds`: feeds of comments
    - `nothing`: reason and message where the page lists nothing
    """

    kind: SourceKind
    title: str | None = None
    entries: list[FeedEntry] = field(default_factory=list)
    ages: dict[str, datetime] = field(default_factory=dict)
    children: list[Child] = field(default_factory=list)
    feeds: list[str] = field(default_factory=list)
    spare_feeds: list[str] = field(default_factory=list)
    refresh: str | None = None
    nothing: tuple[str, str] | None = None
