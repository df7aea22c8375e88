"""The scheduler's loop: runs periodic jobs in the one process that leads; a failed job does not affect
others.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import psycopg

from services.contract.errors import DatelineError, Unavailable
from services.runtime import logs
from services.store.database import AWAY, explain_connection_error
from services.store.leadership import keep_leading, try_lead

_LEAST_PAUSE_S = 0.25
_MAX_PAUSE_S = 5.0
_LONGEST_PAUSE_S = 60.0  # for a job with a long period
log = logs.get(__name__)


@dataclass(slots=True)
class Job:
    """A periodic job: `work` runs every `every_s` seconds, and returns
    fields for the log if there are any.
    """

    name: str
    every_s: float
    work: Callable[[], Any]
    due_at: float = field(default=0.0)
    failures: int = field(default=0)
    """Failures in a row."""

    @property
    def pause_s(self) -> float:
        """Seconds until the next run after a failure: capped exponential backoff, at least the period."""
        backoff_s = min(_MAX_PAUSE_S, _LEAST_PAUSE_S * 2.0 ** min(self.failures - 1, 10))
        return max(backoff_s, min(self.every_s, _LONGEST_PAUSE_S))


class Loop:
    """Runs jobs while this process leads: it holds an advisory lock in Postgres."""

    def __init__(
        self, database_url: str, jobs: list[Job], *, beat: Callable[..., None] = lambda **_: None
    ) -> None:
        self._database_url = database_url
        self._jobs = jobs
        self._beat = beat
        self._stop = threading.Event()
        self._pause_s = _LEAST_PAUSE_S

    def stop(self) -> None:
        """Ends the loop after the current job."""
        self._stop.set()

    def run(self) -> None:
        """Runs until stopped. Reconnects to Postgres with capped exponential backoff, without a limit."""
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
        """Waits for the lock, then runs the jobs until stopped. Raises if `connection`, which holds it, is
        lost.
        """
        while not self._stop.is_set():
            leads = try_lead(connection)
            self._beat(leads=leads)
            if leads:
                break
            self._stop.wait(1.0)
        checked_at = time.monotonic()
        while not self._stop.is_set():
            now = time.monotonic()
            if now - checked_at > 2:
                keep_leading(connection)
                checked_at = now
            for job in self._jobs:
                if now >= job.due_at and not self._stop.is_set():
                    self._do(job)
            self._pause_s = _LEAST_PAUSE_S  # Postgres answers: the next outage starts with a short pause
            self._beat(leads=True)
            self._stop.wait(max(0.0, min(job.due_at for job in self._jobs) - time.monotonic()))

    def _do(self, job: Job) -> None:
        """Runs a job; if it raises, logs the error and retries that job with capped exponential backoff.

        Errors that mean Postgres is unavailable are raised: they concern all jobs.
        """
        started = time.monotonic()
        try:
            done = job.work()
        except AWAY:
            raise
        except Unavailable as error:
            job.failures += 1
            log.warning("job_waits", job=job.name, reason=error.reason, error=str(error), pause_s=job.pause_s)
        except Exception as error:  # noqa: BLE001  a failed job must not end the others
            job.failures += 1
            log.error(
                "job_failed",
                job=job.name,
                error=f"{type(error).__name__}: {error}"[:2000],
                pause_s=job.pause_s,
                traceback="".join(traceback.format_exception(error))[-4000:],
            )
        else:
            job.failures = 0
            if done:
                log.info(job.name, done=done, elapsed_ms=round((time.monotonic() - started) * 1000))
        job.due_at = time.monotonic() + (job.pause_s if job.failures else job.every_s)
