"""The service's heartbeat: a file for the health check, and a report in Redis for `dateline status`."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from services.runtime.heartbeat import touch
from services.runtime.worker_states import WorkerState, report

_EVERY_S = 2.0


class StoriesPulse:
    """Reports every two seconds, and whenever it does something else, what the service does."""

    def __init__(self, client: Redis, path: str) -> None:
        self._client = client
        self._path = Path(path) if path else None
        self._state, self._since, self._said_at = "", 0.0, 0.0

    def beat(self, state: str) -> None:
        """Called by each turn of the loop."""
        now = time.time()
        if state.partition(",")[0] == self._state.partition(",")[0] and now - self._said_at < _EVERY_S:
            return
        if state != self._state:
            self._state, self._since = state, now
        self._said_at = now
        if self._path:
            touch(self._path)
        with suppress(RedisError):  # it needs no Redis for its work
            report(self._client, WorkerState(service="stories", state=state, at=now, since=self._since))
