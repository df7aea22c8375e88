"""Running a service's Celery worker: its pool, its queue, its heartbeat, its exit status."""

from __future__ import annotations

import os
import signal
import sys
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from billiard import active_children
from billiard.exceptions import TimeLimitExceeded, WorkerLostError
from celery import Celery
from celery.signals import setup_logging, task_failure, worker_shutting_down

from services.contract.errors import DatelineError, Unavailable
from services.contract.routes import queue_of
from services.runtime import logs, quarantine
from services.runtime.heartbeat import start_heartbeat
from services.runtime.memory import collect_rarely
from services.runtime.queues import open_queues
from services.runtime.settings import WorkerSettings
from services.runtime.start_checks import check_parent


@dataclass(frozen=True, slots=True)
class Worker:
    """A worker that its service has composed, ready to run."""

    service: str
    app: Celery
    settings: WorkerSettings
    pool: str
    concurrency: int
    task_floor_s: float = 0.0
    """A task's own longest honest duration, in seconds; it never counts as hung before that."""
    about: Mapping[str, object] = field(default_factory=dict)
    """What its log says of it when it starts, beside its pool."""

    def run(self) -> None:
        """Consume the service's queue until a signal ends it (SIGTERM: finish what is in hand first)."""
        quarantine.use(self.settings.redis_url)
        task_failure.connect(_keep_failed, weak=False)
        start_heartbeat(
            self.app,
            self.settings.redis_url,
            self.service,
            queue_of(self.service),
            self.settings.heartbeat_file,
            task_limit_s=max(self.settings.task_limit_s, self.task_floor_s),
            folder=getattr(self.settings, "warc_dir", ""),
        )
        worker_shutting_down.connect(_end_on_second_signal, weak=False)
        self.app.worker_main(
            [
                "--quiet",
                "worker",
                f"--hostname={self.settings.worker_name or self.service}@%h",
                f"--queues={queue_of(self.service)}",
                f"--pool={self.pool}",
                f"--concurrency={self.concurrency}",
                "--without-gossip",
                "--without-mingle",
            ]
        )


def run(service: str, build: Callable[[], Worker]) -> None:
    """Build and run; an error of ours ends the process with one clear message and status 2."""
    try:
        worker = build()
        check_parent("DATELINE_HEARTBEAT_FILE", worker.settings.heartbeat_file)
        _check_password(worker.settings)
    except DatelineError as error:
        print(f"dateline {service}: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    # Celery warns of root because of pickle; nothing here accepts one.
    warnings.filterwarnings("ignore", message=".*superuser privileges.*")
    setup_logging.connect(_leave_logging_alone)
    logs.configure(service, worker.settings.log_level, worker.settings.log_format)
    logs.get(__name__).info("worker_starts", pool=worker.pool, concurrency=worker.concurrency, **worker.about)
    collect_rarely()
    worker.run()


def _keep_failed(sender: Any, exception: BaseException, args: Any, **_: Any) -> None:
    """A message whose task failed is acknowledged: what it held is kept. One whose process was lost is told to the ledger."""
    if isinstance(exception, TimeLimitExceeded | WorkerLostError):
        return
    body = args[0] if args else b""
    error = f"{type(exception).__name__}: {exception}"
    quarantine.keep(body, queue="", task=str(getattr(sender, "name", "")), reason="task_failed", error=error)


def _check_password(settings: WorkerSettings) -> None:
    """A server that is away is waited for; one that knows us not will not change its mind."""
    try:
        for url in {settings.redis_url, settings.broker_url}:
            open_queues(url).depths()
    except Unavailable as error:
        if error.reason == "broker_password":
            raise


def _end_on_second_signal(**_: object) -> None:
    """While the worker drains, one more SIGTERM ends it at once; what it had in hand comes again from the ledger."""

    def end(*_: object) -> None:
        for child in active_children():
            child.kill()
        os._exit(128 + signal.SIGTERM)

    signal.signal(signal.SIGTERM, end)
    logs.get(__name__).info("worker_drains")


def _leave_logging_alone(**_: object) -> None:
    """Celery configures logging only where nothing is connected to this signal; ours is configured already."""
