"""Looking into the broker: how many messages wait in each queue, and since when."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, RedisError
from redis.retry import Retry

from services.contract.errors import Unavailable
from services.contract.routes import QUEUES

EPOCH_KEY = "dateline:epoch"
"""Vanishes with the broker's data; that is how a wiped broker is noticed."""


# kombu keeps what is taken as JSON [message, exchange, routing key]; bodies stay in Redis, only the last part leaves it.
_UNACKNOWLEDGED = """
local found = {}
for _, value in ipairs(redis.call('HVALS', KEYS[1])) do
    found[#found + 1] = string.match(value, '"([^"]*)"%]$') or ''
end
return found
"""


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """Messages waiting in a queue, those that workers have taken and not yet acknowledged, and when the
    oldest waiting one was dispatched (seconds since the epoch)."""

    queue: str
    waiting: int
    unacknowledged: int
    oldest: float | None


def connect(redis_url: str) -> Redis:
    """A client with short time-outs that does not retry: callers are loops with a pace of their own."""
    return Redis.from_url(
        redis_url, socket_timeout=5, socket_connect_timeout=3, health_check_interval=15, retry=Retry(NoBackoff(), 0)
    )


def depths(client: Redis) -> list[QueueDepth]:
    """The depth of every queue. Raises Unavailable when Redis does not answer."""
    try:
        pipe = client.pipeline(transaction=False)
        for queue in QUEUES:
            pipe.llen(queue)
            pipe.lindex(queue, -1)
        pipe.eval(_UNACKNOWLEDGED, 1, "unacked")
        *answers, taken = pipe.execute()
    except RedisError as error:
        raise explain(error) from error
    counts = Counter(name.decode(errors="replace") for name in taken)
    return [
        QueueDepth(queue, answers[2 * n], counts[queue], _dispatched_at(answers[2 * n + 1]))
        for n, queue in enumerate(QUEUES)
    ]


def explain(error: Exception) -> Unavailable:
    """One line that names what is wrong with the broker, and the remedy. All of it can be mended while we wait."""
    said = " ".join(str(error).split())
    if isinstance(error, AuthenticationError) or "WRONGPASS" in said or "NOAUTH" in said:
        return Unavailable("broker_password", f"Redis refused the password in DATELINE_REDIS_URL: {said}")
    if "OOM" in said or "maxmemory" in said:
        return Unavailable("broker_full", f"Redis is at its maxmemory ({said}): raise it, or let the workers catch up")
    if "MISCONF" in said or "No space left" in said:
        return Unavailable("broker_disk_full", f"Redis cannot write to its disk ({said}): free some space")
    return Unavailable(
        "broker_away", f"Redis does not answer ({said}): is it running, and is DATELINE_REDIS_URL right?"
    )


def _dispatched_at(raw: Any) -> float | None:
    try:
        return float(json.loads(raw)["headers"]["dispatched_at"])
    except (TypeError, ValueError, KeyError):
        return None
