"""A site's front page as a source: the feed that it names or, where it names none, its links to stories."""

from __future__ import annotations

import re
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from services.contract.messages import FeedEntry
from services.contract.urls import domain_of
from services.ingest.extract.charset import decode_page
from services.ingest.sources.feeds import entry_of, plain
from services.ingest.sources.listing import Listing

_FEED_TYPES = {"application/rss+xml": 0, "application/atom+xml": 1, "application/feed+json": 2, "application/json": 3}
_STORY_PATH = re.compile(r"/\d{4}/\d{1,2}/|[-_][^/]*[-_][^/]*[-_]|\d{5,}|\.html?$")
_MIN_WORDS = 4


def read_front_page(body: bytes, url: str, charset: str | None, now: datetime) -> Listing:
    """The first feed of stories that the page names, else its links with a headline's length."""
    tree = LexborHTMLParser(decode_page(body, charset))
    title = plain(node.text()) if (node := tree.css_first("title")) else None
    feeds = []
    for order, link in enumerate(tree.css('link[rel~="alternate"][type][href]')):
        kind = (link.attributes.get("type") or "").lower().strip()
        name = (link.attributes.get("title") or "").lower()
        if kind in _FEED_TYPES and "comment" not in name:
            feeds.append((_FEED_TYPES[kind] > 2, order, urljoin(url, link.attributes.get("href") or "")))
    if feeds:
        return Listing(kind="page", title=title, feed_url=min(feeds)[2])
    return Listing(kind="page", title=title, entries=_stories(tree, url, now))


def _stories(tree: LexborHTMLParser, url: str, now: datetime) -> list[FeedEntry]:
    found: dict[str, FeedEntry] = {}
    for link in tree.css("a[href]"):
        text = plain(link.text()) or ""
        target = urljoin(url, link.attributes.get("href") or "")
        path = urlsplit(target).path
        if len(text.split()) < _MIN_WORDS or domain_of(target) != domain_of(url) or not _STORY_PATH.search(path):
            continue
        if entry := entry_of(target, url, title=text, published_at=None, now=now):
            found.setdefault(entry.url, entry)
    return list(found.values())
