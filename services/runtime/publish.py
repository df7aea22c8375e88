"""Publishes messages of the contract to the queues that the table of routes names."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from amqp.exceptions import AMQPError
from celery import Celery
from kombu.exceptions import OperationalError
from msgspec import Raw
from redis.exceptions import RedisError

from services.contract.envelopes import encode, encode_item
from services.contract.errors import Unavailable
from services.contract.limits import MAX_BATCH, MAX_MESSAGE_BYTES
from services.contract.messages import Message, SourcePolled, UrlSettled
from services.contract.routes import ROUTES
from services.contract.unsendable import stand_in
from services.runtime import logs
from services.runtime.broker import is_amqp
from services.runtime.rabbitmq import explain

log = logs.get(__name__)


class Publisher:
    """Publishes items of one type, batched into messages of at most MAX_BATCH items and MAX_MESSAGE_BYTES.

    An item that cannot be encoded is replaced by its failure (`contract.unsendable`); the others are sent.
    """

    def __init__(self, app: Celery) -> None:
        self._app = app

    def send(self, items: Sequence[Message], *, batch: int = MAX_BATCH, patience_s: float = 0.0) -> int:
        """Publishes `items` (all of one type, in order) and returns the number of messages sent.

        Retries for `patience_s` while the broker is away, then raises Unavailable. Some messages may have
        been sent by then; that is harmless, since consumers are idempotent.
        """
        started, pause_s = time.monotonic(), 0.25
        while True:
            try:
                return self._send(items, batch)
            except Unavailable as error:
                if time.monotonic() - started + pause_s > patience_s:
                    raise
                log.warning("publishing_waits", reason=error.reason, error=str(error), pause_s=pause_s)
                time.sleep(pause_s)
                pause_s = min(pause_s * 2, 5.0)

    def _send(self, items: Sequence[Message], batch: int) -> int:
        sent = 0
        if not items:
            return sent
        refused: list[Message] = []
        with self._producer() as producer:
            for group, encoded in _grouped(items, batch, refused):
                self._publish(
                    producer,
                    type(items[0]),
                    encode(type(items[0]), encoded),
                    _described(group),
                    _oldest(group),
                )
                sent += 1
        for kind in (UrlSettled, SourcePolled):
            sent += self._send([item for item in refused if isinstance(item, kind)], batch)
        return sent

    def send_raw(self, kind: type[Any], body: Raw) -> None:
        """Publishes an encoded body as it is, such as one from quarantine. Raises Unavailable."""
        with self._producer() as producer:
            self._publish(producer, kind, body, f"{kind.__name__}, sent again", time.time())

    @contextmanager
    def _producer(self) -> Iterator[Any]:
        try:
            with self._app.producer_pool.acquire(block=True, timeout=10) as producer:
                yield producer
        except (OperationalError, RedisError, AMQPError, OSError) as error:
            raise explain(error, self._app.conf.broker_url) from error

    def _publish(
        self, producer: Any, kind: type[Any], body: Raw, described: str, dispatched_at: float
    ) -> None:
        route = ROUTES[kind]
        self._app.send_task(
            route.task,
            args=(body,),
            queue=route.queue,
            routing_key=route.queue,
            producer=producer,
            argsrepr=described,
            headers={"dispatched_at": dispatched_at},
            # A broken AMQP connection must be reopened; the Redis client reconnects by itself.
            retry=is_amqp(self._app.conf.broker_url),
            retry_policy={"max_retries": 1, "interval_start": 0, "interval_step": 0},
        )


def _grouped(
    items: Iterable[Message], batch: int, refused: list[Message]
) -> Iterator[tuple[list[Message], list[bytes]]]:
    """Yields the items of one message, and each of them encoded. Failures that stand in for items that
    cannot be encoded are appended to `refused`."""
    group: list[Message] = []
    encoded: list[bytes] = []
    size = 0
    for item in items:
        try:
            raw = encode_item(item)
        except Exception as error:  # noqa: BLE001  one result that cannot be encoded must not take the others along
            log.error(
                "message_unsendable", type=type(item).__name__, error=f"{type(error).__name__}: {error}"[:500]
            )
            refused.append(stand_in(item, error))
            continue
        if group and (len(group) >= batch or size + len(raw) > MAX_MESSAGE_BYTES):
            yield group, encoded
            group, encoded, size = [], [], 0
        group.append(item)
        encoded.append(raw)
        size += len(raw)
    if group:
        yield group, encoded


def _ticket(item: Any) -> Any:
    return getattr(item, "ticket", item)


def _described(group: Sequence[Message]) -> str:
    """The task's arguments as Flower shows them."""
    more = f" and {len(group) - 1} more" if len(group) > 1 else ""
    return f"{type(group[0]).__name__} {_ticket(group[0]).url[:120]}{more}"


def _oldest(group: Sequence[Message]) -> float:
    return min(float(_ticket(item).dispatched_at.timestamp()) for item in group)
