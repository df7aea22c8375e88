"""Opens the queues of either broker by its URL; queues in Redis.

Redis is the default broker. DATELINE_BROKER_URL puts RabbitMQ in its place; Redis then still holds what
workers share: host limits, heartbeats, the list of URLs.
"""

from __future__ import annotations

import json
import time
import uuid
from collections import Counter
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from services.contract.routes import QUEUES
from services.runtime import broker
from services.runtime.queue_depth import EPOCH, QueueDepth, Queues

_FIRST_DAY = 1_577_836_800.0  # of 2020: nothing of ours was dispatched before
# kombu keeps what is taken as JSON [message, exchange, routing key]; bodies stay in Redis, only the last part
# is looked for, near the end: a message may be megabytes long, and Redis does nothing else meanwhile.
_UNACKNOWLEDGED = """
local found = {}
for _, value in ipairs(redis.call('HVALS', KEYS[1])) do
    found[#found + 1] = string.match(string.sub(value, -300), '"([^"]*)"%]$') or ''
end
return found
"""


def open_queues(broker_url: str) -> Queues:
    """The queues of a broker by its URL. Connects at the first call."""
    if broker.is_amqp(broker_url):
        from services.runtime.rabbitmq import AmqpQueues

        return AmqpQueues(broker_url)
    return RedisQueues(broker.connect(broker_url))


class RedisQueues:
    """Queues as kombu keeps them in Redis: one list each."""

    server = "redis"

    def __init__(self, client: Redis) -> None:
        self._client = client

    def depths(self) -> list[QueueDepth]:
        """The depth of every queue."""
        try:
            pipe = self._client.pipeline(transaction=False)
            for queue in QUEUES:
                pipe.llen(queue)
                pipe.lindex(queue, -1)
            pipe.eval(_UNACKNOWLEDGED, 1, "unacked")
            *answers, taken = pipe.execute()
        except RedisError as error:
            raise broker.explain(error) from error
        counts = Counter(name.decode(errors="replace") for name in taken)
        return [
            QueueDepth(queue, answers[2 * n], counts[queue], _dispatched_at(answers[2 * n + 1]))
            for n, queue in enumerate(QUEUES)
        ]

    def backlog(self) -> dict[str, int]:
        """Messages waiting in each queue."""
        try:
            pipe = self._client.pipeline(transaction=False)
            for queue in QUEUES:
                pipe.llen(queue)
            return dict(zip(QUEUES, pipe.execute(), strict=True))
        except RedisError as error:
            raise broker.explain(error) from error

    def waiting(self, queue: str) -> int:
        """Messages waiting in one queue."""
        try:
            return int(self._client.llen(queue))  # type: ignore[arg-type]
        except RedisError as error:
            raise broker.explain(error) from error

    def has_epoch(self) -> bool:
        """Whether the marker still exists."""
        try:
            return bool(self._client.exists(EPOCH))
        except RedisError as error:
            raise broker.explain(error) from error

    def begin_epoch(self) -> None:
        """Sets the marker."""
        try:
            self._client.set(EPOCH, uuid.uuid4().hex)
        except RedisError as error:
            raise broker.explain(error) from error


def _dispatched_at(raw: Any) -> float | None:
    """When a waiting message was dispatched, in seconds since the epoch; None without a plausible header."""
    try:
        moment = float(json.loads(raw)["headers"]["dispatched_at"])
    except (TypeError, ValueError, KeyError, IndexError, OverflowError, RecursionError):
        return None
    return moment if _FIRST_DAY < moment < time.time() + 86_400 else None
