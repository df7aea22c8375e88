"""RabbitMQ as the broker: queue depths, transport options, errors as messages with a remedy, a thread-safe
frame writer."""

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
    """Queues of RabbitMQ, asked by passive declarations over a connection of its own; the marker is a
    durable queue.

    RabbitMQ shows no queue's first message without delivering it, and rejecting it would mark it as
    redelivered. So the oldest message of a queue that is not empty counts as dispatched an hour ago: URLs are
    taken for lost after an hour at the soonest. That is safe, since RabbitMQ redelivers by itself what a lost
    worker had.
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
        """Messages waiting in each queue."""
        return {queue: self.waiting(queue) for queue in QUEUES}

    def waiting(self, queue: str) -> int:
        """Messages waiting in one queue; 0 for one that no worker has declared yet."""
        found = self._declare(queue, passive=True)
        return 0 if found is None else int(found.message_count)

    def has_epoch(self) -> bool:
        """Whether the marker still exists."""
        return self._declare(EPOCH, passive=True) is not None

    def begin_epoch(self) -> None:
        """Sets the marker."""
        self._declare(EPOCH, passive=False)

    def _declare(self, queue: str, *, passive: bool) -> Any:
        """The broker's answer about a queue; None if it does not exist. Reconnects once if a kept
        connection has failed."""
        with self._lock:
            kept = self._channel is not None
            try:
                return self._asked(queue, passive)
            except AMQP_ERRORS as error:
                self._let_go()
                if not kept:
                    raise explain(error, self._url) from error
            try:  # the kept connection may just have been closed since
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
        except NotFound:  # RabbitMQ closes the channel then
            self._channel = self._connection.channel() if self._connection else None
            return None

    def _let_go(self) -> None:
        if self._connection is not None:
            with suppress(*AMQP_ERRORS):
                self._connection.release()
        self._connection = self._channel = None


def explain(error: Exception, broker_url: str) -> Unavailable:
    """The error of either broker as Unavailable, with one line that names the fault and the remedy."""
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
    """Celery's transport options: a message counts as sent once RabbitMQ has confirmed it."""
    return {"confirm_publish": True, "frame_writer": _one_at_a_time}


def _one_at_a_time(*arguments: Any, **options: Any) -> Callable[..., None]:
    """The AMQP client's frame writer behind a lock: threads of a pool acknowledge their messages over one
    connection, and the writer's buffer is not thread-safe."""
    write, lock = frame_writer(*arguments, **options), threading.Lock()

    def guarded(*frame: Any) -> None:
        with lock:
            write(*frame)

    return guarded
