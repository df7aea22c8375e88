"""Celery tasks of ingest."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from celery import Celery, Task
from msgspec import Raw

from services.contract.messages import (
    ArticleFetched,
    SourceDue,
    SourcePolled,
    UrlSettled,
    UrlSubmitted,
    ticket_of,
    worker_lost,
)
from services.contract.routes import ROUTES
from services.ingest.batcher import Batcher
from services.ingest.handler import Extract, Page, ingest, not_begun
from services.ingest.sources.parts import parts
from services.ingest.url_pool import UrlPool
from services.runtime import logs
from services.runtime.celery_app import was_lost_before
from services.runtime.received import received

log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Work:
    """What the tasks call: `read` a page, extract it `here` (which may delegate) or, for a suspect,
    `apart`; `poll` a source."""

    read: Callable[[UrlSubmitted], Page]
    here: Extract
    apart: Extract
    poll: Callable[[SourceDue], SourcePolled]


def register(app: Celery, work: Work, pool: UrlPool, batcher: Batcher) -> None:
    """Registers the tasks. Each ends when its results are on the next queue.

    A message that is delivered again was with a worker that was lost: its URLs go back to the ledger, which
    counts the attempt.
    """

    def done(submitted: UrlSubmitted) -> Future[None]:
        with batcher.making():
            extract = work.apart if submitted.suspect else work.here
            return _send(batcher, submitted, ingest(submitted, work.read, extract))

    def late(submitted: UrlSubmitted) -> Future[None]:
        return _send(batcher, submitted, not_begun(submitted))

    @app.task(name=ROUTES[UrlSubmitted].task, bind=True)
    def fetch_and_extract(self: Task, body: Raw) -> None:
        urls = received(UrlSubmitted, body)
        if was_lost_before(self.request):
            for url in urls:
                _send(
                    batcher, url, worker_lost(ticket_of(url), "ingest", "ended before it was done")
                ).result()
        else:
            pool.work(urls, done, late)

    @app.task(name=ROUTES[SourceDue].task)
    def poll(body: Raw) -> None:
        for due in received(SourceDue, body):
            polled = work.poll(due)
            for part in parts(polled):
                batcher.send(part).result()
            log.info(
                "source_polled",
                source_id=due.source_id,
                url=due.url,
                items=len(polled.entries),
                reason=polled.reason,
            )


def _send(batcher: Batcher, submitted: UrlSubmitted, result: ArticleFetched | UrlSettled) -> Future[None]:
    _report(submitted, result)
    return batcher.send(result)


def _report(submitted: UrlSubmitted, result: ArticleFetched | UrlSettled) -> None:
    bound = log.bind(submission_id=submitted.submission_id, attempt=submitted.attempt, url=submitted.url)
    if isinstance(result, ArticleFetched):
        elapsed_ms = sum(s.elapsed_ms for s in result.stamps)
        bound.info("article_fetched", words=result.article.word_count, elapsed_ms=elapsed_ms)
    else:
        bound.info("url_settled", outcome=result.outcome, reason=result.reason)
