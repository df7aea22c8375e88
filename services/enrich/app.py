"""Composition root of enrich."""

from __future__ import annotations

from pathlib import Path

from services.enrich.handler import Taggers
from services.enrich.settings import EnrichSettings
from services.enrich.tasks import register
from services.enrich.topics.rule_files import load_rules
from services.enrich.words import COMPILED
from services.runtime import settings as env
from services.runtime.celery_app import make_app
from services.runtime.publish import Publisher
from services.runtime.worker import Worker


def build() -> Worker:
    """The enrich worker, ready to run. It uses processes: tagging is pure computation.

    The taggers are loaded before the pool forks, so that its processes share one copy of them.
    """
    settings = env.load(EnrichSettings)
    app = make_app(
        "enrich",
        settings.broker_url,
        visibility_timeout_s=settings.visibility_timeout_s,
        concurrency=settings.concurrency,
        task_limit_s=settings.task_limit_s,
    )
    taggers = Taggers(load_rules(Path(settings.topic_rules)) if settings.topic_rules else None)
    register(app, lambda: taggers, Publisher(app), patience_s=settings.visibility_timeout_s / 3)
    return Worker(
        "enrich",
        app,
        settings,
        pool="prefork",
        concurrency=settings.concurrency,
        about={"compiled": COMPILED},
    )
