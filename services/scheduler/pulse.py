"""The scheduler's heartbeat: a file for the health check, and a report in Redis for `dateline status`."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from services.runtime.heartbeat import touch
from services.runtime.worker_states import WorkerState, report

_EVERY_S = 2.0


class SchedulerPulse:
    """Reports that the loop is alive, and its state: `leads`, `stands by`, `paused by QUEUE`, `failing:
    JOBS`.
    """

    def __init__(
        self,
        client: Redis,
        path: str,
        *,
        paused_by: Callable[[], str | None],
        failing: Callable[[], list[str]] = list,
    ) -> None:
        self._client = client
        self._path = Path(path) if path else None
        self._paused_by = paused_by
        self._failing = failing
        self._state, self._since, self._said_at = "", 0.0, 0.0

    def beat(self, *, leads: bool) -> None:
        """Called by each iteration of the loop; reports every two seconds, and when the state changes."""
        paused_by = self._paused_by() if leads else None
        failing = self._failing() if leads else []
        state = "stands by" if not leads else f"paused by {paused_by}" if paused_by else "leads"
        state += f"; failing: {', '.join(failing)}" if failing else ""
        now = time.time()
        if state == self._state and now - self._said_at < _EVERY_S:
            return
        if state != self._state:
            self._state, self._since = state, now
        self._said_at = now
        if self._path:
            touch(self._path)
        with suppress(RedisError):  # the jobs report an outage of Redis themselves
            report(self._client, WorkerState(service="scheduler", state=state, at=now, since=self._since))
