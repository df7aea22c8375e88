"""The scheduler's loop: one leader at a time, each job at its own pace, an outage no more than a pause."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg

from services.contract.errors import DatelineError
from services.runtime import logs
from services.store.database import AWAY, explain_connection_error

LEADER_LOCK = 0x0DA7E11F
_LEAST_PAUSE_S = 0.25
_MAX_PAUSE_S = 5.0
log = logs.get(__name__)


@dataclass(slots=True)
class Job:
    """Something done every `every_s` seconds; `work` returns fields worth a log line, or nothing."""

    name: str
    every_s: float
    work: Callable[[], Any]
    due_at: float = field(default=0.0)


class Loop:
    """Runs jobs while this process holds the leader's advisory lock in Postgres."""

    def __init__(self, database_url: str, jobs: list[Job], *, beat: Callable[..., None] = lambda **_: None) -> None:
        self._database_url = database_url
        self._jobs = jobs
        self._beat = beat
        self._stop = threading.Event()
        self._pause_s = _LEAST_PAUSE_S

    def stop(self) -> None:
        """End the loop after the job in hand."""
        self._stop.set()

    def run(self) -> None:
        """Run until stopped. While Postgres or Redis is away, wait and try again, for as long as it takes."""
        while not self._stop.is_set():
            try:
                with psycopg.connect(self._database_url, connect_timeout=5, autocommit=True) as connection:
                    self._lead(connection)
            except (*AWAY, DatelineError) as error:
                known = error if isinstance(error, DatelineError) else explain_connection_error(error)
                log.warning("scheduler_waits", reason=known.reason, error=str(known), pause_s=self._pause_s)
                self._stop.wait(self._pause_s)
                self._pause_s = min(self._pause_s * 2, _MAX_PAUSE_S)

    def _lead(self, connection: psycopg.Connection[Any]) -> None:
        """Run the jobs for as long as `connection`, which holds the lock, is alive."""
        while not self._stop.is_set():
            row = connection.execute("SELECT pg_try_advisory_lock(%s)", (LEADER_LOCK,)).fetchone()
            self._beat(leads=bool(row and row[0]))
            if row and row[0]:
                break
            self._stop.wait(1.0)  # another scheduler leads; this one stands by
        checked_at = time.monotonic()
        while not self._stop.is_set():
            now = time.monotonic()
            if now - checked_at > 2:
                connection.execute("SELECT 1")
                checked_at = now
            for job in self._jobs:
                if now >= job.due_at and not self._stop.is_set():
                    self._do(job)
                    job.due_at = time.monotonic() + job.every_s
            self._pause_s = _LEAST_PAUSE_S  # all jobs are well: the next outage is a new one
            self._beat(leads=True)
            self._stop.wait(max(0.0, min(job.due_at for job in self._jobs) - time.monotonic()))

    def _do(self, job: Job) -> None:
        started = time.monotonic()
        done = job.work()
        if done:
            log.info(job.name, done=done, elapsed_ms=round((time.monotonic() - started) * 1000))
