"""Runs a service's Celery worker: pool, queue, heartbeat, exit status."""

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
from services.runtime.heartbeat import exit_status, start_heartbeat
from services.runtime.memory import collect_rarely
from services.runtime.queues import open_queues
from services.runtime.settings import WorkerSettings
from services.runtime.start_checks import check_parent


@dataclass(frozen=True, slots=True)
class Worker:
    """A configured worker, ready to run."""

    service: str
    app: Celery
    settings: WorkerSettings
    pool: str
    concurrency: int
    task_floor_s: float = 0.0
    """The longest that a task may legitimately take, in seconds; it does not count as hung before that."""
    growth_bytes: int = 0
    """How far the process may grow until it is replaced after what it has in hand; 0: without limit. Where a
    pool of processes does the work, only their parent is looked at."""
    about: Mapping[str, object] = field(default_factory=dict)
    """Fields of the log line at start, beside pool and concurrency."""

    def run(self) -> None:
        """Consumes the service's queue until a signal ends it. SIGTERM is a warm shutdown: work in hand is
        finished first."""
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
            growth_bytes=self.growth_bytes,
        )
        worker_shutting_down.connect(_end_on_second_signal, weak=False)
        try:
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
        finally:
            if status := exit_status():
                sys.exit(status)


def run(service: str, build: Callable[[], Worker]) -> None:
    """Builds and runs a worker. A DatelineError ends the process with one line on stderr and status 2."""
    try:
        worker = build()
        check_parent("DATELINE_HEARTBEAT_FILE", worker.settings.heartbeat_file)
        _check_password(worker.settings)
    except DatelineError as error:
        print(f"dateline {service}: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(2)
    # Celery warns against root because of pickle, which is not accepted here.
    warnings.filterwarnings("ignore", message=".*superuser privileges.*")
    setup_logging.connect(_leave_logging_alone)
    logs.configure(service, worker.settings.log_level, worker.settings.log_format)
    logs.get(__name__).info("worker_starts", pool=worker.pool, concurrency=worker.concurrency, **worker.about)
    collect_rarely()
    worker.run()


def _keep_failed(sender: Any, exception: BaseException, args: Any, **_: Any) -> None:
    """Quarantines the message of a task that raised, since it is acknowledged. A lost process is recorded
    in the ledger instead."""
    if isinstance(exception, TimeLimitExceeded | WorkerLostError):
        return
    body = args[0] if args else b""
    error = f"{type(exception).__name__}: {exception}"
    quarantine.keep(body, queue="", task=str(getattr(sender, "name", "")), reason="task_failed", error=error)


def _check_password(settings: WorkerSettings) -> None:
    """Raises for a wrong password, which waiting does not repair. A server that is away is waited for
    later."""
    try:
        for url in {settings.redis_url, settings.broker_url}:
            open_queues(url).depths()
    except Unavailable as error:
        if error.reason == "broker_password":
            raise


def _end_on_second_signal(**_: object) -> None:
    """During a warm shutdown a second SIGTERM ends the process at once; the ledger sends again what it had
    in hand."""

    def end(*_: object) -> None:
        for child in active_children():
            child.kill()
        os._exit(128 + signal.SIGTERM)

    signal.signal(signal.SIGTERM, end)
    logs.get(__name__).info("worker_drains")


def _leave_logging_alone(**_: object) -> None:
    """Keeps Celery from configuring logging: it does so only when nothing is connected to this signal."""
