"""Ingest's composition root."""

from __future__ import annotations

from services.contract.limits import MAX_BATCH
from services.ingest.fetch import Fetcher, FetchPolicy
from services.ingest.outbox import Outbox
from services.ingest.settings import IngestSettings
from services.ingest.tasks import register
from services.runtime import settings as env
from services.runtime.celery_app import make_app
from services.runtime.publish import Publisher
from services.runtime.worker import Worker


def build() -> Worker:
    """Ingest's worker, ready to run: threads, since its work is mostly waiting for sites."""
    settings = env.load(IngestSettings)
    app = make_app(
        "ingest",
        settings.redis_url,
        visibility_timeout_s=settings.visibility_timeout_s,
        concurrency=settings.concurrency,
    )
    policy = FetchPolicy(timeout_s=settings.fetch_timeout_s, allow_hosts=settings.allow_hosts, contact=settings.contact)
    fetcher = Fetcher(policy, connections=settings.concurrency)
    outbox = Outbox(Publisher(app), wait_s=settings.batch_wait_s, limit=min(MAX_BATCH, settings.concurrency))
    register(app, fetcher.fetch, outbox)
    return Worker("ingest", app, settings, pool="threads", concurrency=settings.concurrency)
