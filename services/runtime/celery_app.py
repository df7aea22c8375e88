"""The Celery application: one configuration for all workers. Each deviation from the defaults has its
reason beside it."""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

import msgspec
from celery import Celery
from kombu import Exchange, Queue
from kombu import compression as packing
from kombu.serialization import register

from services.contract.limits import MAX_PLAIN_MESSAGE_BYTES
from services.contract.routes import QUEUES, ROUTES
from services.runtime import redis_transport
from services.runtime.broker import is_amqp

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

CONTENT_TYPE = "application/x-dateline+json"
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(tuple[list[msgspec.Raw], dict[str, Any], dict[str, Any]])


def _encode(body: Any) -> bytes:
    return _encoder.encode(body)


def _decode(body: bytes | memoryview | str) -> Any:
    """Decodes (args, kwargs, embed) and drops `embed` (callbacks, chains). `args` stay raw JSON until the
    task decodes them: Celery asks for them twice, and they are nearly the whole message."""
    try:
        arguments, named, _ = _decoder.decode(body)
        # Our tasks call no others, so callbacks in a message come from another program.
        return arguments, named, {}
    except (msgspec.DecodeError, ValueError, RecursionError):
        # Raising here would leave the message unacknowledged for ever: the task refuses the raw body instead.
        return [msgspec.Raw(bytes(body, "utf-8") if isinstance(body, str) else bytes(body))], {}, {}


def _unpacked(body: bytes) -> bytes:
    """Decompresses a zstd body of at most MAX_PLAIN_MESSAGE_BYTES. Raises ValueError for a larger or
    damaged one."""
    unpacker = zstd.ZstdDecompressor()
    try:
        found = unpacker.decompress(body, MAX_PLAIN_MESSAGE_BYTES)
    except zstd.ZstdError as error:
        raise ValueError(f"damaged zstd: {error}") from error
    if not unpacker.eof:
        del unpacker, found  # the traceback would keep both alive, as Celery keeps the error with the message
        raise ValueError(f"cut short, or more than {MAX_PLAIN_MESSAGE_BYTES:,} bytes after decompression")
    return bytes(found)


def _foreign(body: bytes) -> bytes:
    raise ValueError("compressed, but not by zstd, which is all that is read here")


def make_app(
    name: str,
    broker_url: str,
    *,
    visibility_timeout_s: int = 90,
    concurrency: int = 1,
    task_limit_s: float | None = None,
) -> Celery:
    """Makes a Celery app for the broker, Redis or RabbitMQ; it connects to nothing yet.

    `concurrency` sizes the connection pool. After `task_limit_s` Celery ends the process of a task; it has no
    effect in a thread pool.
    """
    redis_transport.install()
    register("dateline", _encode, _decode, content_type=CONTENT_TYPE, content_encoding="utf-8")
    # Level 1: messages are 5% longer (2.3 KB a fetched article) and are compressed in two thirds of the time.
    least = partial(zstd.compress, level=1)
    for other in packing.encoders():
        packing.register(_foreign, _foreign, other)
    packing.register(least, _unpacked, "application/zstd", aliases=["zstd"])
    app = Celery(f"dateline.{name}", broker=broker_url, set_as_current=True)
    app.conf.update(
        # Messages: compressed JSON only; a pickle is refused without being read.
        task_serializer="dateline",
        accept_content=["dateline", "json"],
        task_compression="zstd",
        task_ignore_result=True,
        # Delivery: acknowledge late, after the work. The ledger sends again what is lost all the same.
        task_acks_late=True,
        task_acks_on_failure_or_timeout=True,
        task_reject_on_worker_lost=False,
        worker_prefetch_multiplier=1,
        # After a lost connection Celery would ask RabbitMQ for more from a task's thread, and wait there for
        # an answer that the worker's own thread reads: the worker then takes nothing any more.
        worker_enable_prefetch_count_reduction=not is_amqp(broker_url),
        task_time_limit=task_limit_s,
        worker_cancel_long_running_tasks_on_connection_loss=True,
        task_queues=[Queue(queue, Exchange(queue, type="direct"), routing_key=queue) for queue in QUEUES],
        task_routes={
            route.task: {"queue": route.queue, "routing_key": route.queue} for route in ROUTES.values()
        },
        task_default_queue="dateline.unrouted",
        task_create_missing_queues=False,
        # Broker: retry without limit, and notice a dead connection soon.
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_connection_timeout=5,
        broker_heartbeat=30 if is_amqp(broker_url) else 0,
        broker_transport_options=_transport_options(broker_url, visibility_timeout_s, concurrency),
        # Events for Flower. `publish.py` describes a task's arguments; they are not printed in full.
        worker_send_task_events=True,
        worker_consumer="services.runtime.consumer:CarefulConsumer",
        task_send_sent_event=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_soft_shutdown_timeout=5,
        enable_utc=True,
        timezone="UTC",
    )
    return app


def _transport_options(broker_url: str, visibility_timeout_s: int, concurrency: int) -> dict[str, Any]:
    if is_amqp(broker_url):
        from services.runtime import rabbitmq

        return rabbitmq.transport_options()
    return {
        "visibility_timeout": visibility_timeout_s,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        # The default pool of 10 is exhausted under load, and acknowledgements are lost.
        "max_connections": concurrency + 20,
        "socket_timeout": 15,
        "socket_connect_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 15,
        "retry_on_timeout": True,
        "priority_steps": [0],
    }


def was_lost_before(request: Any) -> bool:
    """Whether the task's message is a redelivery: another worker had it and did not acknowledge it in
    time."""
    return bool((request.delivery_info or {}).get("redelivered"))
