"""Handler of one URL: fetch, extract, report the outcome. Pure: knows no queue and no database."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec

from services.contract.bounds import bounded, storable
from services.contract.errors import Deferred, NotModified, PermanentError, Skipped, TransientError
from services.contract.limits import MAX_DETAIL_CHARS, MAX_TRACEBACK_CHARS
from services.contract.messages import (
    EXTRACTION_KILLED,
    Archived,
    Article,
    ArticleFetched,
    Outcome,
    Stamp,
    Ticket,
    UrlSettled,
    UrlSubmitted,
    ticket_of,
)
from services.contract.urls import domain_of, page_identity
from services.ingest.extract import EXTRACTOR, VERSION, Extraction, extract
from services.ingest.extract.rules import SiteRules
from services.ingest.extract.text import content_hash
from services.ingest.fetch import Fetched
from services.ingest.heap import HeapTrimmer
from services.ingest.signals import signals

_NO_ARTICLE = {
    "empty_page": "the page holds no text",
    "error_page": "the page is an error message sent as if it were a page",
    "consent_wall": "the page is a consent form",
    "home_page": "the page lists other pages and holds no article",
    "page_too_complex": "the page's elements are nested or repeated in a way that would take too long to "
    "parse",
    "no_article": "the page holds too little running text to be an article",
}


Extract = Callable[[bytes, str | None, str | None, datetime], Extraction]
"""Extracts an article from a body: (body, charset of the server, URL, fetch time)."""


@dataclass(frozen=True, slots=True)
class Page:
    """A response, and its position in the archive where it is archived."""

    fetched: Fetched
    archived: Archived | None = None


def extract_here(rules: SiteRules, apart: Extract | None = None) -> Extract:
    """Extraction in this process, with a user's site rules; pages that are much more work go to `apart`."""

    heap = HeapTrimmer()

    def here(body: bytes, charset: str | None, url: str | None, now: datetime) -> Extraction:
        unusual = (lambda: apart(body, charset, url, now)) if apart else None
        result = extract(body, url, now=now, rules=rules, charset=charset, unusual=unusual)
        heap.page_done(len(body))
        return result

    return here


def ingest(
    submitted: UrlSubmitted, read: Callable[[UrlSubmitted], Page], extract_page: Extract
) -> ArticleFetched | UrlSettled:
    """Fetches and extracts one URL. Never raises: a failure is returned as UrlSettled with its reason."""
    ticket = ticket_of(submitted)
    stamps: list[Stamp] = []
    try:
        page = read(submitted)
        fetched = page.fetched
        detail = {"status": fetched.status, "bytes": len(fetched.body), "url": fetched.url}
        event = "fetched" if submitted.archived is None else "read_from_archive"
        stamps.append(_stamp(event, fetched.fetched_at, fetched.elapsed_ms, detail))
        started = time.perf_counter()
        result = extract_page(fetched.body, fetched.charset, fetched.url, fetched.fetched_at)
        elapsed_ms = (time.perf_counter() - started) * 1000
        stamps.append(_stamp("extracted", datetime.now(UTC), elapsed_ms, {"method": result.method}))
        if result.reason:
            raise Skipped(result.reason, f"{fetched.url}: {_NO_ARTICLE[result.reason]}")
        article, cut = bounded(_article(submitted, page, result), datetime.now(UTC))
        if cut:
            stamps[-1] = msgspec.structs.replace(stamps[-1], detail=stamps[-1].detail | {"cut": cut})
        return ArticleFetched(ticket=ticket, article=article, stamps=stamps, prior=submitted.prior)
    except NotModified as error:
        return _settled(ticket, "unchanged", error, stamps)
    except Skipped as error:
        return _settled(ticket, "skipped", error, stamps)
    except PermanentError as error:
        return _settled(ticket, "failed", error, stamps)
    except Deferred as error:
        return _settled(ticket, "deferred", error, stamps, retry_after_s=error.retry_after_s)
    except TransientError as error:
        # It has killed an isolated process twice: it will again.
        again = submitted.suspect and error.reason == EXTRACTION_KILLED
        return _settled(
            ticket, "failed" if again else "retry", error, stamps, retry_after_s=error.retry_after_s
        )
    except Exception as error:  # noqa: BLE001  the last resort: a page that breaks the extractor becomes a dead letter
        return _settled(ticket, "failed", error, stamps, reason="extractor_error")


def not_begun(submitted: UrlSubmitted) -> UrlSettled:
    """The outcome of a URL for which no thread was free in time: deferred, without counting the attempt."""
    busy = Deferred(
        "worker_busy", f"{submitted.url}: its worker waited for slow sites for too long", retry_after_s=0.5
    )
    return _settled(ticket_of(submitted), "deferred", busy, [], retry_after_s=busy.retry_after_s)


def _stamp(event: str, at: datetime, elapsed_ms: float, detail: dict[str, Any]) -> Stamp:
    return Stamp(stage="ingest", event=event, at=at, elapsed_ms=round(elapsed_ms, 1), detail=detail)


def _settled(
    ticket: Ticket,
    outcome: Outcome,
    error: Exception,
    stamps: list[Stamp],
    *,
    reason: str = "",
    retry_after_s: float | None = None,
) -> UrlSettled:
    unexpected = bool(reason)
    written = "".join(traceback.format_exception(error)) if unexpected or outcome == "failed" else ""
    payload: dict[str, Any] = {"url": ticket.url}
    return UrlSettled(
        ticket=ticket,
        stage="ingest",
        outcome=outcome,
        reason=reason or getattr(error, "reason", "error"),
        detail=storable(str(error)[:MAX_DETAIL_CHARS]),
        retry_after_s=retry_after_s,
        error=storable(f"{type(error).__name__}: {error}"[:MAX_DETAIL_CHARS]),
        traceback=storable(written[-MAX_TRACEBACK_CHARS:]) or None,
        payload=payload,
        stamps=stamps,
    )


def _article(submitted: UrlSubmitted, read: Page, result: Extraction) -> Article:
    hints, page = submitted.hints, read.fetched
    canonical = result.canonical_url or page_identity(page.url, None)
    title = result.title or hints.title or ""
    return Article(
        url=page.url,
        canonical_url=canonical,
        source_domain=domain_of(canonical),
        site_name=result.site_name,
        provider=result.provider,
        agency=result.agency,
        dateline=result.dateline,
        title=title,
        authors=result.authors or hints.authors,
        published_at=result.published_at or hints.published_at,
        modified_at=result.modified_at,
        language=result.language or hints.language,
        text=result.text,
        word_count=result.word_count,
        image_url=result.image_url,
        section=result.section or hints.section,
        keywords=list(dict.fromkeys([*result.keywords, *hints.keywords])),
        paywalled=result.paywalled,
        links=result.links,
        content_hash=content_hash(title, result.text),
        extractor=EXTRACTOR,
        extractor_version=VERSION,
        fetched_at=page.fetched_at,
        signals=signals(page, result.signals),
        validators=page.validators,
        archived=read.archived,
    )
