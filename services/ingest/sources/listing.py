"""What a source lists, whatever its format."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from services.contract.messages import FeedEntry, SourceKind


@dataclass(frozen=True, slots=True)
class Child:
    """A sitemap that an index names, and the age that it gives for it."""

    url: str
    lastmod: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The entries of a source, and where else to look: an index's sitemaps, a page's feeds, where a page sends its readers.

    `ages`: when a page changed, by URL, where that is not its hint of a date. `spare_feeds`: those of comments.
    `nothing`: why a page that lists nothing is no source, as reason and message.
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
