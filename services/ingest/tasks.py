"""Ingest's door on the queue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from celery import Celery

from services.contract.messages import ArticleFetched, UrlSubmitted, decode
from services.contract.routes import ROUTES
from services.ingest.extract.rules import SiteRules
from services.ingest.fetch import Fetched
from services.ingest.handler import ingest
from services.ingest.outbox import Outbox
from services.runtime import logs

log = logs.get(__name__)


def register(app: Celery, fetch: Callable[[str], Fetched], outbox: Outbox, rules: SiteRules) -> None:
    """Register the task. It ends when its result is on the next queue."""

    @app.task(name=ROUTES[UrlSubmitted].task)
    def fetch_and_extract(body: dict[str, Any]) -> None:
        for submitted in decode(UrlSubmitted, body):
            result = ingest(submitted, fetch, rules)
            outbox.send(result)
            bound = log.bind(submission_id=submitted.submission_id, attempt=submitted.attempt, url=submitted.url)
            if isinstance(result, ArticleFetched):
                bound.info(
                    "article_fetched",
                    words=result.article.word_count,
                    elapsed_ms=sum(s.elapsed_ms for s in result.stamps),
                )
            else:
                bound.info("url_settled", outcome=result.outcome, reason=result.reason)
