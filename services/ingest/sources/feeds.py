"""RSS, Atom and JSON Feed: what they name, and what they already know of it."""

from __future__ import annotations

import calendar
import html
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urljoin

import feedparser

from services.contract.errors import BadUrl, PermanentError
from services.contract.messages import FeedEntry, Hints, SourceKind
from services.contract.urls import parse_url
from services.ingest.sources.listing import Listing

_TAGS = re.compile(r"<[^>]*>")
_SPACE = re.compile(r"\s+")
_FUTURE = timedelta(days=1)


def read_feed(body: bytes, url: str, charset: str | None, now: datetime) -> Listing:
    """RSS or Atom of any version. Raises PermanentError when nothing in it can be read."""
    headers = {"content-location": url, "content-type": f"application/xml{f'; charset={charset}' if charset else ''}"}
    parsed: Any = feedparser.parse(body, response_headers=headers, sanitize_html=False, resolve_relative_uris=True)
    kind: SourceKind = "atom" if (parsed.version or "").startswith("atom") else "rss"
    if not parsed.version and not parsed.entries:
        raise PermanentError(
            "bad_feed", f"{url} is no feed that can be read: {parsed.get('bozo_exception', 'nothing in it')}"
        )
    language = _language(parsed.feed.get("language"))
    entries = [entry for item in parsed.entries if (entry := _entry(item, url, language, now))]
    return Listing(kind=kind, title=plain(parsed.feed.get("title")), entries=entries)


def _entry(item: Any, base: str, language: str | None, now: datetime) -> FeedEntry | None:
    link = item.get("link") or next(
        (one.get("href") for one in item.get("links", []) if one.get("rel") == "alternate"), None
    )
    if not link and str(item.get("id", "")).startswith(("http://", "https://")):
        link = item["id"]
    # FeedBurner and its like keep the true address beside their own.
    link = item.get("feedburner_origlink") or link
    moment = dict.get(item, "published_parsed") or dict.get(item, "updated_parsed")
    published = datetime.fromtimestamp(calendar.timegm(moment), UTC) if moment else None
    authors = [plain(one.get("name")) for one in item.get("authors", [])] or [plain(item.get("author"))]
    return entry_of(
        link,
        base,
        title=plain(item.get("title")),
        published_at=published,
        authors=[a for a in authors if a],
        keywords=[k for one in item.get("tags", []) if (k := plain(one.get("label") or one.get("term")))],
        language=language,
        now=now,
    )


def read_json_feed(body: bytes, url: str, now: datetime) -> Listing:
    """JSON Feed 1.0 and 1.1. Raises PermanentError when it is none."""
    try:
        feed = json.loads(body)
    except ValueError as error:
        raise PermanentError("bad_feed", f"{url} is JSON that does not parse: {error}") from error
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise PermanentError("bad_feed", f"{url} is JSON, but no JSON Feed: it has no list of items")
    language = _language(feed.get("language"))
    entries = []
    for item in feed["items"]:
        if not isinstance(item, dict):
            continue
        authors = item.get("authors") or ([item["author"]] if isinstance(item.get("author"), dict) else [])
        entry = entry_of(
            item.get("url") or item.get("external_url") or item.get("id"),
            url,
            title=plain(item.get("title")),
            published_at=_iso(item.get("date_published") or item.get("date_modified")),
            authors=[n for one in authors if isinstance(one, dict) and (n := plain(one.get("name")))],
            keywords=[k for one in item.get("tags") or [] if (k := plain(one))],
            language=_language(item.get("language")) or language,
            now=now,
        )
        if entry:
            entries.append(entry)
    return Listing(kind="json", title=plain(feed.get("title")), entries=entries)


def entry_of(
    link: object, base: str, *, title: str | None, published_at: datetime | None, now: datetime,
    authors: list[str] | None = None, keywords: list[str] | None = None, language: str | None = None,
) -> FeedEntry | None:  # fmt: skip
    """An entry, or None where its link is no URL of a page. A date in the future is not believed."""
    if not isinstance(link, str) or not link.strip():
        return None
    try:
        found = parse_url(urljoin(base, html.unescape(link.strip())))
    except (BadUrl, ValueError):
        return None
    if published_at is not None and (published_at > now + _FUTURE or published_at.year < 1990):
        published_at = None
    hints = Hints(
        title=(title or "")[:500] or None,
        published_at=published_at,
        authors=[a[:200] for a in authors or []][:20],
        keywords=[k[:100] for k in keywords or []][:30],
        language=language,
    )
    return FeedEntry(url=found.url, hints=hints)


def plain(value: object) -> str | None:
    """Text without markup and entities, however often they were escaped."""
    if not isinstance(value, str):
        return None
    text = _TAGS.sub(" ", html.unescape(value))
    return _SPACE.sub(" ", html.unescape(text).replace("\x00", "")).strip() or None


def _language(value: object) -> str | None:
    return (
        value.replace("_", "-").split("-")[0].lower()[:3] or None if isinstance(value, str) and value.strip() else None
    )


def _iso(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
