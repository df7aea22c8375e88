"""Enrich's door on the queue."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from celery import Celery
from celery.exceptions import Reject

from services.contract.errors import Unavailable
from services.contract.messages import ArticleEnriched, ArticleFetched, UrlSettled, decode
from services.contract.routes import ROUTES
from services.enrich.handler import Taggers, enrich
from services.runtime import logs
from services.runtime.publish import Publisher

log = logs.get(__name__)


def register(app: Celery, taggers: Callable[[], Taggers], publisher: Publisher) -> None:
    """Register the task: a batch in, one batch out to the store."""

    @app.task(name=ROUTES[ArticleFetched].task)
    def tag(body: dict[str, Any]) -> None:
        started = time.monotonic()
        results = [enrich(message, taggers()) for message in decode(ArticleFetched, body)]
        enriched = [r for r in results if isinstance(r, ArticleEnriched)]
        failed = [r for r in results if isinstance(r, UrlSettled)]
        try:
            publisher.send(enriched)
            publisher.send(failed)
        except Unavailable as error:
            raise Reject(error, requeue=True) from error
        log.info(
            "articles_tagged",
            count=len(enriched),
            failed=len(failed),
            elapsed_ms=round((time.monotonic() - started) * 1000),
        )
