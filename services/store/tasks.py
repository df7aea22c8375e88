"""The store's Celery tasks: decode messages, and retry while Postgres is unavailable."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from celery import Celery
from celery.exceptions import Reject
from msgspec import Raw

from services.contract.errors import Unavailable
from services.contract.messages import ArticleEnriched, SourcePolled, UrlSettled
from services.contract.routes import ROUTES
from services.runtime import logs
from services.runtime.heartbeat import extend
from services.runtime.received import received
from services.store.handler import Writer

log = logs.get(__name__)


def register(app: Celery, writer: Writer, *, patience_s: float) -> None:
    """Registers the tasks. While Postgres is unavailable a task retries for up to
    `patience_s` seconds, then requeues its message.
    """

    @app.task(name=ROUTES[ArticleEnriched].task)
    def write(body: Raw) -> None:
        _handle(partial(writer.write, received(ArticleEnriched, body)), "articles_stored", patience_s)

    @app.task(name=ROUTES[UrlSettled].task)
    def settle(body: Raw) -> None:
        _handle(partial(writer.settle, received(UrlSettled, body)), "urls_settled", patience_s)

    @app.task(name=ROUTES[SourcePolled].task)
    def source(body: Raw) -> None:
        for polled in received(SourcePolled, body):
            _handle(partial(writer.source, polled), "source_polled", patience_s)


def _handle(work: Callable[[], dict[str, int]], event: str, patience_s: float) -> None:
    started = time.monotonic()
    pause_s = 0.5
    while True:
        try:
            log.info(event, **work(), elapsed_ms=round((time.monotonic() - started) * 1000))
            return
        except Unavailable as error:
            log.warning("store_waits", reason=error.reason, error=str(error), pause_s=pause_s)
            extend(error.reason)
            if time.monotonic() - started + pause_s > patience_s:
                raise Reject(error, requeue=True) from error
            time.sleep(pause_s)
            pause_s = min(pause_s * 2, 5.0)
