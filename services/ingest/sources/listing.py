"""What a source lists, whatever its format."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urljoin

from services.contract.errors import BadUrl
from services.contract.limits import believable
from services.contract.messages import FeedEntry, Hints, SourceKind
from services.contract.urls import parse_url


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


def address(link: object, base: str) -> str | None:
    """The absolute URL of a link that its format's parser has decoded, or None where it is none.

    Only `&amp;` is decoded once more, which some sites escape twice; `&section=` and `&copy=` are parameters.
    """
    if not isinstance(link, str) or not (link := link.strip()):
        return None
    try:
        return parse_url(urljoin(base, link.replace("&amp;", "&"))).url
    except (BadUrl, ValueError):
        return None


def page_entry(
    link: object, base: str, *, now: datetime, title: str | None = None, published_at: datetime | None = None,
    keywords: list[str] | None = None, language: str | None = None,
) -> FeedEntry | None:  # fmt: skip
    """An entry for a link of a sitemap or a page, or None where it is no URL of a page."""
    url = address(link, base)
    if url is None:
        return None
    hints = Hints(
        title=(title or "")[:500] or None,
        published_at=believable(published_at, now),
        keywords=[k[:100] for k in keywords or []][:30],
        language=language,
    )
    return FeedEntry(url=url, hints=hints)
