"""Celery task of enrich."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from billiard.exceptions import TimeLimitExceeded, WorkerLostError
from celery import Celery, Task
from celery.signals import task_failure
from msgspec import Raw

from services.contract.envelopes import decode_each
from services.contract.errors import BadMessage
from services.contract.messages import ArticleEnriched, ArticleFetched, UrlSettled, worker_lost
from services.contract.routes import ROUTES
from services.enrich.handler import Taggers, enrich
from services.runtime import logs
from services.runtime.celery_app import was_lost_before
from services.runtime.publish import Publisher
from services.runtime.received import received

log = logs.get(__name__)


def register(app: Celery, taggers: Callable[[], Taggers], publisher: Publisher, *, patience_s: float) -> None:
    """Registers the task: a batch in, one batch out to the store.

    While Redis is unavailable, results are retried for up to `patience_s`. When the process that tags a batch
    is lost or hangs, each of its articles goes back to the ledger and comes again alone; so does a message
    that is redelivered.
    """

    @app.task(name=ROUTES[ArticleFetched].task, bind=True)
    def tag(self: Task, body: Raw) -> None:
        started = time.monotonic()
        messages = received(ArticleFetched, body)
        if was_lost_before(self.request):
            lost = [worker_lost(m.ticket, "enrich", "ended before it was done") for m in messages]
            publisher.send(lost, patience_s=patience_s)
            return
        results = enrich(messages, taggers())
        enriched = [r for r in results if isinstance(r, ArticleEnriched)]
        failed = [r for r in results if isinstance(r, UrlSettled)]
        publisher.send(enriched, patience_s=patience_s)
        publisher.send(failed, patience_s=patience_s)
        elapsed_ms = round((time.monotonic() - started) * 1000)
        log.info("articles_tagged", count=len(enriched), failed=len(failed), elapsed_ms=elapsed_ms)

    @task_failure.connect(sender=tag, weak=False)
    def on_lost_process(exception: BaseException, args: Any, **more: Any) -> None:
        """Runs in the parent, which survives the processes of its pool."""
        if not isinstance(exception, (WorkerLostError, TimeLimitExceeded)):
            return
        how = "took too long and was stopped" if isinstance(exception, TimeLimitExceeded) else "died"
        try:
            messages, _ = decode_each(ArticleFetched, args[0])
        except (BadMessage, IndexError, TypeError):
            return
        log.error("process_lost", how=how, count=len(messages), error=str(exception)[:200])
        publisher.send([worker_lost(m.ticket, "enrich", how) for m in messages])
