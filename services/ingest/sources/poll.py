"""One poll of a source: asked conditionally and politely, read whatever its format, every failure a message."""

from __future__ import annotations

from datetime import UTC, datetime

from services.contract.errors import BadUrl, DatelineError, Deferred, NotModified, PermanentError, TransientError
from services.contract.messages import FeedEntry, SourceDue, SourceKind, SourcePolled
from services.contract.urls import parse_url
from services.ingest.fetch import Fetched, Fetcher
from services.ingest.sources.feeds import read_feed, read_json_feed
from services.ingest.sources.front_page import read_front_page
from services.ingest.sources.listing import Listing
from services.ingest.sources.sitemaps import read_sitemap, unzipped

ACCEPT = (
    "application/atom+xml,application/rss+xml,application/feed+json,application/xml;q=0.9,text/xml;q=0.9,"
    "application/json;q=0.8,text/html;q=0.7,*/*;q=0.1"
)
MAX_ENTRIES = 1_000


class Poller:
    """Polls sources over a fetcher; safe to share between threads."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher

    def poll(self, due: SourceDue) -> SourcePolled:
        """Ask the source. Nothing is raised: a failure is told with its reason."""
        try:
            return self._poll(due)
        except NotModified:
            return _polled(due, unchanged=True, validators=due.validators)
        except Deferred as error:
            return _polled(due, reason=error.reason, detail=str(error), retry_after_s=error.retry_after_s)
        except TransientError as error:
            return _polled(due, reason=error.reason, detail=str(error), retry_after_s=error.retry_after_s)
        except DatelineError as error:
            return _polled(due, reason=error.reason, detail=str(error))
        except Exception as error:  # noqa: BLE001  a source that breaks its reader is a broken source, not a dead worker
            return _polled(due, reason="source_error", detail=f"{type(error).__name__}: {error}"[:2000])

    def _poll(self, due: SourceDue) -> SourcePolled:
        token = f"source:{due.source_id}"
        answer = self._fetcher.get(due.url, token=token, validators=due.validators, accept=ACCEPT)
        now = answer.fetched_at
        listing = read(answer, due.kind, now)
        moved_to = answer.moved_to
        if listing.feed_url and due.kind in ("auto", "page"):
            moved_to = _address(listing.feed_url)
            answer = self._fetcher.get(moved_to, token=token, accept=ACCEPT)
            listing = read(answer, "auto", now)
        entries = list(listing.entries)
        for child in listing.children:
            if len(entries) >= MAX_ENTRIES:
                break
            entries += self._child(child, token, now)
        unique = {entry.url: entry for entry in reversed(entries)}
        return _polled(
            due,
            kind=listing.kind,
            title=listing.title,
            entries=list(reversed(unique.values()))[:MAX_ENTRIES],
            # Children change without their index: an index is always read.
            validators=None if listing.children else answer.validators,
            moved_to=moved_to,
        )

    def _child(self, url: str, token: str, now: datetime) -> list[FeedEntry]:
        """A sitemap of an index; one that fails does not take the others down."""
        try:
            answer = self._fetcher.get(url, token=token, accept=ACCEPT, within_fetch=True)
            return read_sitemap(answer.body, answer.url, now).entries
        except DatelineError:
            return []


def _polled(due: SourceDue, *, kind: SourceKind | None = None, **found: object) -> SourcePolled:
    return SourcePolled(
        source_id=due.source_id,
        url=due.url,
        kind=kind or due.kind,
        dispatched_at=due.dispatched_at,
        polled_at=datetime.now(UTC),
        **found,  # type: ignore[arg-type]
    )


def _address(url: str) -> str:
    try:
        return parse_url(url).url
    except BadUrl as error:
        raise PermanentError("bad_feed", f"the page names a feed that cannot be fetched: {error}") from error


def read(answer: Fetched, kind: SourceKind, now: datetime) -> Listing:
    """The listing in an answer. What it is, is seen by looking; the content type may say anything."""
    body = unzipped(answer.body, answer.url)
    start = body[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        raise PermanentError("bad_feed", f"{answer.url} is empty")
    if start.startswith(b"{"):
        return read_json_feed(body, answer.url, now)
    if b"<urlset" in start or b"<sitemapindex" in start:
        return read_sitemap(body, answer.url, now)
    if b"<rss" in start or b"<feed" in start or b"<rdf:rdf" in start or b"<channel" in start:
        return read_feed(body, answer.url, answer.charset, now)
    if b"<!doctype html" in start or b"<html" in start or (answer.kind == "text/html" and kind in ("auto", "page")):
        if kind not in ("auto", "page"):
            raise PermanentError("bad_feed", f"{answer.url} was a {kind} source and is an HTML page now")
        return read_front_page(body, answer.url, answer.charset, now)
    return read_feed(body, answer.url, answer.charset, now)
