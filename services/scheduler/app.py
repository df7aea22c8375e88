"""The scheduler's composition root: builds its jobs from the settings, and runs them."""

from __future__ import annotations

import signal
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

from psycopg_pool import ConnectionPool

from services.contract.errors import DatelineError
from services.net.hosts import HostLimits
from services.runtime import broker, logs
from services.runtime import settings as env
from services.runtime.celery_app import make_app
from services.runtime.publish import Publisher
from services.runtime.queues import open_queues
from services.runtime.start_checks import cannot_listen, check_parent
from services.scheduler import metrics
from services.scheduler.dispatcher import Dispatcher
from services.scheduler.list_intake import ListIntake
from services.scheduler.loop import Job, Loop
from services.scheduler.prior_learner import PriorLearner
from services.scheduler.pulse import SchedulerPulse
from services.scheduler.raw_remover import RawRemover
from services.scheduler.reconciler import Reconciler
from services.scheduler.retention import Retention
from services.scheduler.settings import SchedulerSettings
from services.scheduler.source_clock import SourceClock
from services.store.database import open_pool
from services.store.migrate import require_current
from services.store.retention import prune

_PRUNED_BATCHES = 50
_METRICS = ("DATELINE_METRICS_ADDRESS", "DATELINE_METRICS_PORT")


def build(settings: SchedulerSettings) -> Loop:
    """Builds the loop with its jobs. Raises DatelineError: a server is unavailable, or the schema too old."""
    check_parent("DATELINE_HEARTBEAT_FILE", settings.heartbeat_file)
    require_current(settings.database_url)
    app = make_app("scheduler", settings.broker_url, visibility_timeout_s=settings.visibility_timeout_s)
    client, queues = broker.connect(settings.redis_url), open_queues(settings.broker_url)
    pool = open_pool(settings.database_url, size=4)
    dispatcher = Dispatcher(
        pool,
        client,
        queues,
        Publisher(app),
        high_water=settings.high_water,
        suspects_at_once=settings.suspects_at_once,
        limits=HostLimits(settings.host_limit, settings.host_limits),
    )
    intake = ListIntake(pool, client)
    reconciler = Reconciler(
        pool, queues, settings.retry_policy, visibility_timeout_s=settings.visibility_timeout_s
    )
    jobs = [
        Job("broker_was_emptied", 1.0, reconciler.check_epoch),
        Job("lines_recorded", settings.tick_s, lambda: _shown(intake.tick())),
        Job("urls_dispatched", settings.tick_s, dispatcher.tick),
        Job("sources_sent", 1.0, SourceClock(pool, Publisher(app)).tick),
        Job("history_pruned", 3600.0, lambda: _pruned(pool, settings)),
        Job("urls_reconciled", settings.reconcile_s, lambda: _shown(reconciler.requeue_stuck())),
    ]
    if settings.learn_priors:
        jobs.append(Job("priors_learned", 5.0, PriorLearner(pool).tick))
    if settings.warc_dir:
        jobs.append(Job("raw_answers_removed", 60.0, RawRemover(pool, Path(settings.warc_dir)).tick))
    retention = Retention(
        pool, settings.retention_rules, Path(settings.warc_dir) if settings.warc_dir else None
    )
    if settings.retention_rules.youngest_days is not None:
        jobs.append(Job("articles_let_go", 1.0, retention.tick))
    if settings.metrics_port:
        address, port = settings.metrics_address, settings.metrics_port
        try:
            metrics.serve(pool, client, queues, retention, address=address, port=port)
        except OSError as error:
            raise cannot_listen(_METRICS, address, port, error) from error
    pulse = SchedulerPulse(
        client,
        settings.heartbeat_file,
        paused_by=lambda: dispatcher.paused_by,
        failing=lambda: [job.name for job in jobs if job.failures],
    )
    return Loop(settings.database_url, jobs, beat=pulse.beat)


def _shown(counts: Any) -> Any:
    """The counts that are not zero, for the log; None if all are."""
    fields = (
        counts
        if isinstance(counts, dict)
        else {k: getattr(counts, k) for k in ("new", "known", "again", "refused")}
    )
    return {k: v for k, v in fields.items() if v} or None


def _pruned(pool: ConnectionPool[Any], settings: SchedulerSettings) -> dict[str, int] | None:
    """Deletes expired history in short transactions of a few thousand rows; the rest waits an hour."""
    total: Counter[str] = Counter()
    for _ in range(_PRUNED_BATCHES):
        with pool.connection() as connection:
            counts = prune(
                connection,
                keep_successes=timedelta(days=settings.keep_success_days),
                keep_failures=timedelta(days=settings.keep_failure_days),
            )
        total.update(counts)
        if not any(counts.values()):
            break
    return +total or None


def main() -> None:
    """Runs the scheduler until SIGTERM or SIGINT; exits with status 2 if it cannot start."""
    try:
        settings = env.load(SchedulerSettings)
        loop = build(settings)
    except DatelineError as error:
        print(f"dateline scheduler: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    logs.configure("scheduler", settings.log_level, settings.log_format)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: loop.stop())
    logs.get(__name__).info("scheduler_starts", high_water=settings.high_water)
    loop.run()
