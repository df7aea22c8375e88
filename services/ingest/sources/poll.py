"""One poll of a source: a conditional request within politeness limits, a reader by format, every failure
reported."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import UTC, datetime

from services.contract.errors import DatelineError, Deferred, NotModified, PermanentError, TransientError
from services.contract.limits import MAX_PAGE_BYTES, MAX_SITEMAP_BYTES
from services.contract.messages import FeedEntry, SourceDue, SourceKind, SourcePolled
from services.ingest.fetch import Fetched, Fetcher
from services.ingest.sources.feeds import read_feed
from services.ingest.sources.front_page import read_front_page
from services.ingest.sources.index import Index
from services.ingest.sources.json_feed import read_json_feed
from services.ingest.sources.kinds import root_of, unzipped
from services.ingest.sources.listing import Listing
from services.ingest.sources.parts import MAX_ENTRIES, sound, sound_validators
from services.ingest.sources.sitemaps import MAX_PAGES, read_sitemap, read_text_sitemap

ACCEPT = (
    "application/atom+xml,application/rss+xml,application/feed+json,application/xml;q=0.9,text/xml;q=0.9,"
    "application/json;q=0.8,text/html;q=0.7,*/*;q=0.1"
)
_MOST_FEEDS = 5
_PATIENCE_S = 240.0
"""Seconds within which a poll may start further requests: well below the time after which it counts as
lost."""
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")
_JSON_FEED = re.compile(rb"\{\s*\"(?:version|items|title|home_page_url|feed_url)\"\s*:")
_FEEDS = ("rss", "feed", "rdf", "channel")


class Poller:
    """Polls sources through a fetcher. Thread-safe."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher

    def poll(self, due: SourceDue) -> SourcePolled:
        """Polls the source. Never raises: a failure is returned with its reason.

        Returns all entries, the newest first where they exceed one message.
        """
        try:
            return sound(self._poll(due))
        except NotModified:
            return sound(_polled(due, unchanged=True, validators=due.validators))
        except (Deferred, TransientError) as error:
            return sound(
                _polled(due, reason=error.reason, detail=str(error), retry_after_s=error.retry_after_s)
            )
        except DatelineError as error:
            return sound(_polled(due, reason=error.reason, detail=str(error)))
        except Exception as error:  # noqa: BLE001  a source that breaks its reader is a broken source, not a dead worker
            return sound(_polled(due, reason="source_error", detail=f"{type(error).__name__}: {error}"))

    def _poll(self, due: SourceDue) -> SourcePolled:
        token = f"source:{due.source_id}"
        validators = sound_validators(due.validators)
        answer = self._fetcher.get(
            due.url, token=token, validators=validators, accept=ACCEPT, max_bytes=MAX_SITEMAP_BYTES
        )
        now, deadline = answer.fetched_at, time.monotonic() + _PATIENCE_S
        listing, moved_to, detail = read(answer, due.kind, now), answer.moved_to, ""
        if listing.kind == "page":
            answer, listing, found_at, detail = self._page(answer, listing, token, now, deadline)
            moved_to = found_at or moved_to
        entries, ages = list(listing.entries), dict(listing.ages)
        if listing.children:
            index = Index(lambda url: self._look(url, "sitemap", token, now)[1], deadline)
            index.read(answer.url, listing.children, due.turn)
            entries, ages = entries + index.entries, ages | index.ages
            detail = index.detail(answer.url, found=bool(entries))
        unique: dict[str, FeedEntry] = {}
        for entry in entries:
            unique.setdefault(entry.url, entry)
        return _polled(
            due,
            kind=listing.kind,
            title=listing.title,
            entries=newest_first(list(unique.values()), ages)[:MAX_PAGES],
            detail=detail,
            # A child can change while its index does not, so an index is never asked for conditionally.
            validators=None if listing.children else answer.validators,
            moved_to=moved_to,
        )

    def _page(
        self, answer: Fetched, page: Listing, token: str, now: datetime, deadline: float
    ) -> tuple[Fetched, Listing, str | None, str]:
        """What a page leads to: its refresh target, the first of its feeds that works, else its own links
        to stories.

        Returns the listing, the response that was read and, for a feed, its URL and the failures of the
        others. Raises PermanentError where there is none of these.
        """
        if page.refresh and not page.entries:
            answer, page = self._look(page.refresh, "auto", token, now)
            if page.kind != "page":
                return answer, page, None, ""
        died: list[str] = []
        empty: tuple[Fetched, Listing, str] | None = None
        passing = False
        spare = [] if page.entries else page.spare_feeds
        for url in (page.feeds + spare)[:_MOST_FEEDS]:
            if time.monotonic() > deadline:
                break
            try:
                found, feed = self._look(url, "auto", token, now, MAX_PAGE_BYTES)
            except DatelineError as error:
                passing = passing or isinstance(error, TransientError)
                died.append(f"{url}: {error.reason}: {error}")
                continue
            # A feed of comments, or a substitute for one that may recover, does not replace the source's URL.
            stays = passing or url in spare
            if feed.kind in ("rss", "atom", "json") and feed.entries:
                return found, feed, None if stays else url, "; ".join(died)
            if feed.kind in ("rss", "atom", "json"):
                empty = empty or (found, feed, "" if stays else url)
            else:
                died.append(f"{url}: bad_feed: it is no feed")
        if page.entries and not page.nothing:
            return answer, replace(page, children=[]), None, "; ".join(died)
        if empty:
            return empty[0], empty[1], empty[2] or None, "; ".join(died)
        reason, message = page.nothing or ("no_entries", f"{answer.url} names no feed and no story")
        raise PermanentError(reason, f"{message} ({'; '.join(died)})" if died else message)

    def _get(self, url: str, token: str, max_bytes: int = MAX_SITEMAP_BYTES) -> Fetched:
        return self._fetcher.get(url, token=token, accept=ACCEPT, within_fetch=True, max_bytes=max_bytes)

    def _look(
        self, url: str, kind: SourceKind, token: str, now: datetime, max_bytes: int = MAX_SITEMAP_BYTES
    ) -> tuple[Fetched, Listing]:
        """Reads one part of a source. Any error becomes a DatelineError, so that it affects this part
        only."""
        try:
            answer = self._get(url, token, max_bytes)
            return answer, read(answer, kind, now)
        except DatelineError:
            raise
        except Exception as error:
            raise PermanentError("source_error", f"{url}: {type(error).__name__}: {error}") from error


def newest_first(entries: list[FeedEntry], ages: dict[str, datetime]) -> list[FeedEntry]:
    """Entries in their own order or, where they exceed one message, newest first and undated ones last."""
    if len(entries) <= MAX_ENTRIES:
        return entries
    oldest = datetime.min.replace(tzinfo=UTC)
    return sorted(entries, key=lambda e: e.hints.published_at or ages.get(e.url) or oldest, reverse=True)


def _polled(due: SourceDue, *, kind: SourceKind | None = None, **found: object) -> SourcePolled:
    return SourcePolled(
        source_id=due.source_id,
        url=due.url,
        kind=kind or due.kind,
        dispatched_at=due.dispatched_at,
        polled_at=datetime.now(UTC),
        **found,  # type: ignore[arg-type]
    )


def read(answer: Fetched, kind: SourceKind, now: datetime) -> Listing:
    """The listing in a response. The format is detected from the body; the content type is not trusted."""
    body = unzipped(answer.body, answer.url)
    if body.startswith(_WIDE):
        body = _narrow(body, answer.charset)
    start = body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n\x0b\x0c")
    if not start and not body.strip():
        raise PermanentError("bad_feed", f"{answer.url} is empty")
    name, _ = root_of(body)
    if name in ("urlset", "sitemapindex"):
        return read_sitemap(body, answer.url, now, answer.charset)
    if not start.startswith((b"<", b"{", b"[")) and (
        text := read_text_sitemap(body, answer.url, now, answer.charset)
    ):
        return text
    if len(body) > MAX_PAGE_BYTES:
        raise PermanentError(
            "too_large",
            f"{answer.url} is {len(body):,} bytes, and no sitemap; at most {MAX_PAGE_BYTES:,} are read",
        )
    if start.startswith((b"{", b"[")):
        return read_json_feed(body, answer.url, now, answer.charset)
    if not name and b"jsonfeed.org/version/" in body and (found := _JSON_FEED.search(body)):
        # JSON behind a prefix: a PHP warning, an anti-hijacking guard, a JSONP call.
        return read_json_feed(body[found.start() :], answer.url, now, answer.charset)
    if name in _FEEDS:
        return read_feed(body, answer.url, answer.charset, now)
    if name in ("html", "head", "body") or (answer.kind == "text/html" and start.startswith(b"<")):
        return _page(answer, body, kind, now)
    return read_feed(body, answer.url, answer.charset, now)


def _page(answer: Fetched, body: bytes, kind: SourceKind, now: datetime) -> Listing:
    page = read_front_page(
        body, answer.url, answer.charset, now,
        refresh=answer.header("refresh"), headers=" ".join(name.lower() for name, _ in answer.headers),
    )  # fmt: skip
    if kind in ("auto", "page"):
        return page
    if page.nothing and page.nothing[0] in ("bot_wall", "login_page", "parked_domain"):
        raise PermanentError(*page.nothing)
    raise PermanentError("bad_feed", f"{answer.url} was a {kind} source and is an HTML page now")


def _narrow(body: bytes, charset: str | None) -> bytes:
    """UTF-16 transcoded to UTF-8."""
    little = body.startswith((b"\xff\xfe", b"<\x00"))
    return (
        body.decode("utf-16-le" if little else "utf-16-be", "replace")
        .lstrip("\ufeff")
        .encode("utf-8", "replace")
    )
