"""Celery's consumer, which here acknowledges every message exactly once, whatever bytes it holds."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec
from celery.worker.consumer import Consumer

from services.runtime import quarantine
from services.runtime.celery_app import CONTENT_TYPE


class CarefulConsumer(Consumer):  # type: ignore[misc]  # Celery has no types
    """Moves messages that are not our tasks to quarantine, and acknowledges them.

    Celery 5.7 leaves a message unacknowledged when handling it raises: it is redelivered after each
    visibility timeout, and some kinds end the worker each time.
    """

    def create_task_handler(self, *args: Any, **kwargs: Any) -> Callable[[Any], Any]:
        """Celery's handler, wrapped so that any exception a message causes sends it to quarantine."""
        handle = super().create_task_handler(*args, **kwargs)
        transient = tuple(self.connection_errors)

        def on_message(message: Any) -> None:
            try:
                _check(message)
                handle(message)
            except transient:
                raise
            except Exception as error:  # noqa: BLE001  what one message holds must not end the worker
                _refuse(message, error)

        return on_message

    def on_unknown_message(self, body: Any, message: Any) -> None:
        """Called for a message without task headers."""
        _refuse(message, ValueError("it is no task: its headers name none"))

    def on_unknown_task(self, body: Any, message: Any, exc: Exception) -> None:
        """Called for a task name that is not registered here."""
        _refuse(message, exc)

    def on_invalid_task(self, body: Any, message: Any, exc: Exception) -> None:
        """Called for a task with invalid headers or content type."""
        _refuse(message, exc)

    def on_decode_error(self, message: Any, exc: Exception) -> None:
        """Called for a body that cannot be decoded."""
        _refuse(message, exc)


class _Headers(msgspec.Struct):
    """The headers that Celery reads, restricted to what our publishers write.

    Other values do harm in the worker: an `eta` in the future holds a prefetch slot until then, an invalid
    `timelimit` breaks the pool.
    """

    id: str
    task: str
    eta: None = None
    expires: None = None
    retries: int = 0
    timelimit: tuple[None, None] | None = None
    shadow: str | None = None
    root_id: str | None = None
    parent_id: str | None = None
    group: str | None = None
    stamped_headers: None = None
    stamps: dict[str, Any] | None = None
    origin: str | None = None
    argsrepr: str | None = None
    kwargsrepr: str | None = None


def _check(message: Any) -> None:
    """Raises for faults that Celery would find only in the pool, where it leaves the message
    unacknowledged."""
    if message.errors:
        raise message.errors[0][1]
    try:
        msgspec.convert(message.headers, _Headers)
    except msgspec.ValidationError as error:
        raise ValueError(f"its headers are not those of a task of ours: {error}") from error
    if message.content_type != CONTENT_TYPE:
        message.decode()


def _refuse(message: Any, error: Exception) -> None:
    info = message.delivery_info if isinstance(message.delivery_info, dict) else {}
    headers = message.headers if isinstance(message.headers, dict) else {}
    quarantine.keep(
        message.body if message.body is not None else b"",
        queue=str(info.get("routing_key") or ""),
        task=str(headers.get("task") or "unknown"),
        reason="bad_message",
        error=f"{type(error).__name__}: {error}",
    )
    if not message.acknowledged:
        with suppress(ConnectionError, OSError):
            message.reject()
    # Break the reference cycle through the traceback: garbage collection is rare in workers (memory.py).
    message.errors = None
