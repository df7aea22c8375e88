"""Feeds of other projects' tests through the reader that a poll uses."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

from services.contract.messages import FeedEntry
from services.ingest.dates import read_date
from services.ingest.fetch import Fetched
from services.ingest.sources.listing import Listing
from services.ingest.sources.poll import read

NOW = datetime.now(UTC)
_ITEM = re.compile(rb"<((?:[\w.-]+:)?)(item|entry)(?=[\s>])([^<>]*?)(?<!/)>", re.IGNORECASE)
_MAIL = re.compile(r"\s*\(?\s*[^\s()<>@]+@[^\s()<>]+\s*\)?\s*")


def listing(
    body: bytes, url: str, *, kind: str = "", charset: str | None = None, now: datetime = NOW
) -> Listing:
    """What a poll reads in an answer."""
    answer = Fetched(
        url=url, status=200, body=body, charset=charset, fetched_at=now, elapsed_ms=0.0, kind=kind
    )
    return read(answer, "auto", now)


def with_links(body: bytes) -> bytes:
    """The same feed with a link in each item: an item without one is no page and is not listed, whatever else
    it says."""
    if body.lstrip().startswith(b"{"):
        return _json_with_links(body)
    count = iter(range(10_000_000))

    def linked(item: re.Match[bytes]) -> bytes:
        address = b"http://example.com/given/%d" % next(count)
        link = (
            b"<link>%s</link>" % address
            if item[2].lower() == b"item"
            else b'<%slink href="%s"/>' % (item[1], address)
        )
        return item[0] + link

    return _ITEM.sub(linked, body)


def _json_with_links(body: bytes) -> bytes:
    try:
        feed = json.loads(body)
    except ValueError:
        return body
    for number, item in enumerate(feed.get("items") or [] if isinstance(feed, dict) else []):
        if isinstance(item, dict):
            item["url"] = f"http://example.com/given/{number}"
    return json.dumps(feed).encode()


def said(entry: FeedEntry | None, field: str, theirs: object) -> object:
    """Our answer to what another reader says of an entry; of several names or tags theirs, where it is among
    them."""
    if entry is None:
        return None
    if field == "link":
        return entry.url
    if field == "title":
        return entry.hints.title
    if field == "date":
        return entry.hints.published_at
    ours = entry.hints.authors if field == "author" else entry.hints.keywords
    return theirs if theirs in ours else ours


def moment(value: object) -> object:
    """Their date, in whichever form they give it, as a moment; the text itself where it is none."""
    if isinstance(value, tuple):
        year, month, day, hour, minute, second = value[:6]
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    return read_date(value, NOW) or value


def name(value: object) -> object:
    """A person without the mail address beside it; the address itself where there is nothing else."""
    return _MAIL.sub("", value).strip() or value if isinstance(value, str) else value
