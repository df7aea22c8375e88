"""RabbitMQ as the broker: its queues looked into, its settings, its errors, and a connection that threads may share."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from amqp.exceptions import AccessRefused, AMQPError, NotFound
from amqp.method_framing import frame_writer
from kombu import Connection
from kombu.exceptions import KombuError

from services.contract.errors import Unavailable
from services.contract.routes import QUEUES
from services.runtime import broker
from services.runtime.queue_depth import EPOCH, QueueDepth

_LONGEST_WAIT_S = 3600.0
AMQP_ERRORS = (AMQPError, KombuError, OSError)


class AmqpQueues:
    """Queues of RabbitMQ, asked by passive declarations over a connection of its own; the mark is a durable queue.

    A queue's first message cannot be looked at without taking it, and giving it back would mark it as delivered before. So
    the oldest counts as dispatched an hour ago wherever anything waits: a URL is then taken for lost after that hour at the
    soonest, which is safe because RabbitMQ itself delivers again what a lost worker had.
    """

    server = "rabbitmq"

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._connection: Connection | None = None
        self._channel: Any = None

    def depths(self) -> list[QueueDepth]:
        """The depth of every queue."""
        earliest = time.time() - _LONGEST_WAIT_S
        return [
            QueueDepth(queue, count, None, earliest if count else None)
            for queue, count in self.backlog().items()
        ]

    def backlog(self) -> dict[str, int]:
        """How many messages wait in each queue."""
        return {queue: self.waiting(queue) for queue in QUEUES}

    def waiting(self, queue: str) -> int:
        """How many messages wait in one queue; 0 for one that no worker has declared yet."""
        found = self._declare(queue, passive=True)
        return 0 if found is None else int(found.message_count)

    def has_epoch(self) -> bool:
        """Whether the broker still has its mark."""
        return self._declare(EPOCH, passive=True) is not None

    def begin_epoch(self) -> None:
        """Mark the broker."""
        self._declare(EPOCH, passive=False)

    def _declare(self, queue: str, *, passive: bool) -> Any:
        """The queue as the broker knows it; None where it knows none."""
        with self._lock:
            kept = self._channel is not None
            try:
                return self._asked(queue, passive)
            except AMQP_ERRORS as error:
                self._let_go()
                if not kept:
                    raise explain(error, self._url) from error
            try:  # the connection that was kept may only have been old
                return self._asked(queue, passive)
            except AMQP_ERRORS as error:
                self._let_go()
                raise explain(error, self._url) from error

    def _asked(self, queue: str, passive: bool) -> Any:
        if self._channel is None:
            self._connection = Connection(self._url, connect_timeout=5)
            self._connection.connect()
            self._channel = self._connection.channel()
        try:
            return self._channel.queue_declare(queue, passive=passive, durable=True, auto_delete=False)
        except NotFound:  # which ends the channel
            self._channel = self._connection.channel() if self._connection else None
            return None

    def _let_go(self) -> None:
        if self._connection is not None:
            with suppress(*AMQP_ERRORS):
                self._connection.release()
        self._connection = self._channel = None


def explain(error: Exception, broker_url: str) -> Unavailable:
    """One line that names what is wrong with the broker, whichever it is, and the remedy."""
    if isinstance(error, AccessRefused):
        return Unavailable(
            "broker_password", f"RabbitMQ refused the user or password in DATELINE_BROKER_URL: {error}"
        )
    if broker.is_amqp(broker_url):
        return Unavailable(
            "broker_away",
            f"RabbitMQ does not answer ({error}): is it running, and is DATELINE_BROKER_URL right?",
        )
    return broker.explain(error)


def transport_options() -> dict[str, Any]:
    """How Celery connects: each message confirmed by the broker before it counts as sent."""
    return {"confirm_publish": True, "frame_writer": _one_at_a_time}


def _one_at_a_time(*arguments: Any, **options: Any) -> Callable[..., None]:
    """The client's writer of frames, for one thread at a time: in a pool of threads each acknowledges its own message over
    the worker's one connection, and the writer's buffer is not made for that."""
    write, lock = frame_writer(*arguments, **options), threading.Lock()

    def guarded(*frame: Any) -> None:
        with lock:
            write(*frame)

    return guarded
