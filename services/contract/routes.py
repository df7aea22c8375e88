"""The routing table: for each message its queue, its Celery task and the service that consumes it."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import Struct

from services.contract.messages import (
    ArticleEnriched,
    ArticleFetched,
    SourceDue,
    SourcePolled,
    UrlSettled,
    UrlSubmitted,
)


@dataclass(frozen=True, slots=True)
class Route:
    """A queue, a Celery task name, and the service that consumes it."""

    queue: str
    task: str
    consumer: str


ROUTES: dict[type[Struct], Route] = {
    #  message          queue              task             consumer   published by
    UrlSubmitted: Route("dateline.ingest", "ingest.fetch", "ingest"),  # scheduler
    ArticleFetched: Route("dateline.enrich", "enrich.tag", "enrich"),  # ingest
    ArticleEnriched: Route("dateline.store", "store.write", "store"),  # enrich
    UrlSettled: Route("dateline.store", "store.settle", "store"),  # ingest, enrich, store
    SourceDue: Route("dateline.ingest", "ingest.poll", "ingest"),  # scheduler
    SourcePolled: Route("dateline.store", "store.source", "store"),  # ingest
}

QUEUES: tuple[str, ...] = tuple(dict.fromkeys(route.queue for route in ROUTES.values()))

URL_LIST = "dateline:urls"
"""The Redis list that is an intake: any program may RPUSH a URL or a JSON object to it."""


def queue_of(service: str) -> str:
    """The queue that `service` consumes."""
    return next(route.queue for route in ROUTES.values() if route.consumer == service)
