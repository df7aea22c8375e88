"""Ingest's composition root."""

from __future__ import annotations

import gc
from pathlib import Path

from services.contract.limits import MAX_BATCH
from services.ingest.extract.rules import SiteRules, load_rules
from services.ingest.fetch import Fetcher, FetchPolicy
from services.ingest.handler import extract_here
from services.ingest.isolation import PAGE_DEADLINE_S, Isolation
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
    rules = load_rules(Path(settings.extract_rules)) if settings.extract_rules else SiteRules()
    # Extraction makes many small objects that die together; looking for cycles among them less often made it 7% faster
    # on 150 pages of naeb (251 to 270 pages a CPU second).
    gc.set_threshold(50_000, 20, 100)
    # A page must be done before its message counts as lost.
    deadline_s = min(PAGE_DEADLINE_S, settings.visibility_timeout_s / 2)
    apart = Isolation(rules_path=settings.extract_rules, deadline_s=deadline_s)
    register(app, fetcher.fetch, outbox, extract_here(rules), apart.extract)
    return Worker(
        "ingest",
        app,
        settings,
        pool="threads",
        concurrency=settings.concurrency,
        task_floor_s=settings.fetch_timeout_s + 30,
    )
