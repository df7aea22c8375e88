"""Ingest's doors on the queue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from celery import Celery, Task

from services.contract.messages import (
    ArticleFetched,
    SourceDue,
    SourcePolled,
    UrlSettled,
    UrlSubmitted,
    decode,
    ticket_of,
    worker_lost,
)
from services.contract.routes import ROUTES
from services.ingest.handler import Extract, Page, ingest
from services.ingest.outbox import Outbox
from services.runtime import logs
from services.runtime.celery_app import was_lost_before

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Work:
    """What the doors hand on to: pages are read, extracted `here` or, those of suspects, `apart`; sources are polled."""

    read: Callable[[UrlSubmitted], Page]
    here: Extract
    apart: Extract
    poll: Callable[[SourceDue], SourcePolled]


def register(app: Celery, work: Work, outbox: Outbox) -> None:
    """Register the tasks. Each ends when its result is on the next queue.

    A message that comes a second time was with a worker that was lost: it goes back to the ledger,
    which counts the attempt.
    """

    @app.task(name=ROUTES[UrlSubmitted].task, bind=True)
    def fetch_and_extract(self: Task, body: dict[str, Any]) -> None:
        lost = was_lost_before(self.request)
        for submitted in decode(UrlSubmitted, body):
            result: ArticleFetched | UrlSettled
            if lost:
                result = worker_lost(ticket_of(submitted), "ingest", "ended before it was done")
            else:
                result = ingest(submitted, work.read, work.apart if submitted.suspect else work.here)
            outbox.send(result)
            _report(submitted, result)

    @app.task(name=ROUTES[SourceDue].task)
    def poll(body: dict[str, Any]) -> None:
        for due in decode(SourceDue, body):
            polled = work.poll(due)
            outbox.send(polled)
            log.info(
                "source_polled", source_id=due.source_id, url=due.url, items=len(polled.entries), reason=polled.reason
            )


def _report(submitted: UrlSubmitted, result: ArticleFetched | UrlSettled) -> None:
    bound = log.bind(submission_id=submitted.submission_id, attempt=submitted.attempt, url=submitted.url)
    if isinstance(result, ArticleFetched):
        elapsed_ms = sum(s.elapsed_ms for s in result.stamps)
        bound.info("article_fetched", words=result.article.word_count, elapsed_ms=elapsed_ms)
    else:
        bound.info("url_settled", outcome=result.outcome, reason=result.reason)
