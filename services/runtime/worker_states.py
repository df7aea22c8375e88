"""The last report of each worker, in a Redis hash that `dateline status` and the metrics read."""

from __future__ import annotations

import os
import socket
import time

import msgspec
from redis import Redis

STALE_AFTER_S = 60.0
"""A worker that has not reported for so long is not well; seconds."""
WORKERS_KEY = "dateline:workers"
"""A Redis hash: worker name to its last WorkerState as JSON."""
FORGET_AFTER_S = 3600.0


class WorkerState(msgspec.Struct, frozen=True, kw_only=True):
    """The last state that a worker reported. Times are seconds since the epoch."""

    service: str
    state: str
    at: float
    since: float
    taken: int = 0
    disk_free_bytes: int | None = None
    """Free space where the service writes files; None where it writes none."""

    @property
    def healthy(self) -> bool:
        """Reported within STALE_AFTER_S, and not stuck."""
        return self.state != "stuck" and time.time() - self.at < STALE_AFTER_S


def worker_name(service: str) -> str:
    """This process's unique name among all workers."""
    return f"{service}@{socket.gethostname()}:{os.getpid()}"


def report(client: Redis, said: WorkerState) -> None:
    """Writes a worker's state to Redis, where `dateline status` and the metrics read it."""
    client.hset(WORKERS_KEY, worker_name(said.service), msgspec.json.encode(said))


def forget(client: Redis, service: str) -> None:
    """Deletes the entry of a worker that shuts down in order."""
    client.hdel(WORKERS_KEY, worker_name(service))


def workers(client: Redis) -> dict[str, WorkerState]:
    """All workers that reported in the last hour, by name. Deletes older entries."""
    found: dict[str, WorkerState] = {}
    raw: dict[bytes, bytes] = client.hgetall(WORKERS_KEY)  # type: ignore[assignment]
    for name, line in sorted(raw.items()):
        try:
            said = msgspec.json.decode(line, type=WorkerState)
        except (msgspec.DecodeError, msgspec.ValidationError):
            continue
        if time.time() - said.at > FORGET_AFTER_S:
            client.hdel(WORKERS_KEY, name)
        else:
            found[name.decode(errors="replace")] = said
    return found
