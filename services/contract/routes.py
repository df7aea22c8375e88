"""The architecture as a table: which message goes to which queue, and who consumes it."""

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
    """A queue, the Celery task that its messages name, and the service that consumes it."""

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
"""The Redis list into which any program may RPUSH a URL or a JSON object."""


def queue_of(service: str) -> str:
    """The queue that a service consumes."""
    return next(route.queue for route in ROUTES.values() if route.consumer == service)
