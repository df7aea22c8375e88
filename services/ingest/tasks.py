"""Ingest's door on the queue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from celery import Celery, Task

from services.contract.messages import ArticleFetched, UrlSettled, UrlSubmitted, decode, ticket_of, worker_lost
from services.contract.routes import ROUTES
from services.ingest.fetch import Fetched
from services.ingest.handler import Extract, ingest
from services.ingest.outbox import Outbox
from services.runtime import logs
from services.runtime.celery_app import was_lost_before

log = logs.get(__name__)


def register(app: Celery, fetch: Callable[[str], Fetched], outbox: Outbox, here: Extract, apart: Extract) -> None:
    """Register the task. It ends when its result is on the next queue.

    Pages are extracted `here`; those of suspects `apart`. A message that comes a second time was with a
    worker that was lost: it goes back to the ledger, which counts the attempt.
    """

    @app.task(name=ROUTES[UrlSubmitted].task, bind=True)
    def fetch_and_extract(self: Task, body: dict[str, Any]) -> None:
        lost = was_lost_before(self.request)
        for submitted in decode(UrlSubmitted, body):
            result: ArticleFetched | UrlSettled
            if lost:
                result = worker_lost(ticket_of(submitted), "ingest", "ended before it was done")
            else:
                result = ingest(submitted, fetch, apart if submitted.suspect else here)
            outbox.send(result)
            _report(submitted, result)


def _report(submitted: UrlSubmitted, result: ArticleFetched | UrlSettled) -> None:
    bound = log.bind(submission_id=submitted.submission_id, attempt=submitted.attempt, url=submitted.url)
    if isinstance(result, ArticleFetched):
        elapsed_ms = sum(s.elapsed_ms for s in result.stamps)
        bound.info("article_fetched", words=result.article.word_count, elapsed_ms=elapsed_ms)
    else:
        bound.info("url_settled", outcome=result.outcome, reason=result.reason)
