"""Looking into the broker, whichever it is: how many messages wait in each queue, since when, and whether it lost its data.

Redis is the default. RabbitMQ takes its place as the broker by one URL (DATELINE_BROKER_URL); Redis then keeps what workers
share: hosts' politeness, heartbeats, the list of URLs.
"""

from __future__ import annotations

import json
import time
import uuid
from collections import Counter
from dataclasses import dataclass
from typing import Any, Protocol

from redis import Redis
from redis.exceptions import RedisError

from services.contract.routes import QUEUES
from services.runtime import broker

EPOCH = "dateline:epoch"
"""Vanishes with the broker's data; that is how a wiped broker is noticed."""

_FIRST_DAY = 1_577_836_800.0  # of 2020: nothing of ours was dispatched before
# kombu keeps what is taken as JSON [message, exchange, routing key]; bodies stay in Redis, only the last part is looked for,
# near the end: a message may be megabytes long, and Redis does nothing else meanwhile.
_UNACKNOWLEDGED = """
local found = {}
for _, value in ipairs(redis.call('HVALS', KEYS[1])) do
    found[#found + 1] = string.match(string.sub(value, -300), '"([^"]*)"%]$') or ''
end
return found
"""


@dataclass(frozen=True, slots=True)
class QueueDepth:
    """Messages waiting in a queue; those that workers have taken and not yet acknowledged (None where the broker does not
    say); and when the oldest waiting one was dispatched at the earliest (seconds since the epoch)."""

    queue: str
    waiting: int
    unacknowledged: int | None
    oldest: float | None


class Queues(Protocol):
    """What the pipeline asks of a broker beside sending and taking messages. All raise Unavailable while it does not answer."""

    server: str

    def depths(self) -> list[QueueDepth]:
        """The depth of every queue."""

    def backlog(self) -> dict[str, int]:
        """How many messages wait in each queue: what `depths` says, without its looking into any message."""

    def waiting(self, queue: str) -> int:
        """How many messages wait in one queue."""

    def has_epoch(self) -> bool:
        """Whether the broker still has what it was given last by `begin_epoch`."""

    def begin_epoch(self) -> None:
        """Mark the broker, so that a loss of its data is seen."""


def open_queues(broker_url: str) -> Queues:
    """The queues of a broker, by its URL. Connects when first asked."""
    if is_amqp(broker_url):
        from services.runtime.rabbitmq import AmqpQueues

        return AmqpQueues(broker_url)
    return RedisQueues(broker.connect(broker_url))


def is_amqp(broker_url: str) -> bool:
    """Whether a broker speaks AMQP rather than Redis' protocol."""
    return broker_url.startswith("amqp")


class RedisQueues:
    """Queues that are Redis lists."""

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
        """How many messages wait in each queue."""
        try:
            pipe = self._client.pipeline(transaction=False)
            for queue in QUEUES:
                pipe.llen(queue)
            return dict(zip(QUEUES, pipe.execute(), strict=True))
        except RedisError as error:
            raise broker.explain(error) from error

    def waiting(self, queue: str) -> int:
        """How many messages wait in one queue."""
        try:
            return int(self._client.llen(queue))  # type: ignore[arg-type]
        except RedisError as error:
            raise broker.explain(error) from error

    def has_epoch(self) -> bool:
        """Whether the broker still has its mark."""
        try:
            return bool(self._client.exists(EPOCH))
        except RedisError as error:
            raise broker.explain(error) from error

    def begin_epoch(self) -> None:
        """Mark the broker."""
        try:
            self._client.set(EPOCH, uuid.uuid4().hex)
        except RedisError as error:
            raise broker.explain(error) from error


def _dispatched_at(raw: Any) -> float | None:
    """When a waiting message was dispatched, in seconds since the epoch; None where it does not say so credibly."""
    try:
        moment = float(json.loads(raw)["headers"]["dispatched_at"])
    except (TypeError, ValueError, KeyError, IndexError, OverflowError, RecursionError):
        return None
    return moment if _FIRST_DAY < moment < time.time() + 86_400 else None
