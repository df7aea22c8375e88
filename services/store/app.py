"""The store's composition root: builds its worker from the settings."""

from __future__ import annotations

from services.runtime import settings as env
from services.runtime.celery_app import make_app
from services.runtime.worker import Worker
from services.store.database import open_pool
from services.store.handler import Writer
from services.store.migrate import require_current
from services.store.settings import StoreSettings
from services.store.tasks import register


def build() -> Worker:
    """Builds the store's worker. A thread pool: its work is I/O, it waits for Postgres."""
    settings = env.load(StoreSettings)
    require_current(settings.database_url)
    app = make_app(
        "store",
        settings.broker_url,
        visibility_timeout_s=settings.visibility_timeout_s,
        concurrency=settings.concurrency,
    )
    writer = Writer(open_pool(settings.database_url, size=settings.concurrency + 1), settings.retry_policy)
    register(app, writer, patience_s=settings.visibility_timeout_s / 3)
    return Worker("store", app, settings, pool="threads", concurrency=settings.concurrency)
