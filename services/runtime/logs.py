"""Structured logs: JSON lines in containers, readable text on a terminal. Never a body, never a
credential."""

from __future__ import annotations

import logging
import sys
from typing import Any

import msgspec
import structlog


def configure(service: str, level: str = "info", log_format: str = "auto") -> None:
    """Sends our logs and the standard library's to stderr in one format, with `service` bound.

    Ours bypass the standard library's records and handlers, which cost ten times as much as writing a line.
    """
    as_json = log_format == "json" or (log_format == "auto" and not sys.stderr.isatty())

    def name_service(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        return {"service": service, **event}

    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        name_service,
        structlog.processors.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(serializer=_line) if as_json else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[*shared, renderer, _encoded],
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    # Celery logs every task received and finished; our own lines say more.
    for noisy in ("celery.worker.strategy", "urllib3", "alembic.runtime.migration"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # Rejected messages and the pool's attempts while Postgres is away: the store logs the outage once.
    for noisy in ("celery.app.trace", "psycopg.pool"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    # urllib3 warns of each connection that it closes because the pool is full.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)


def _encoded(_: object, __: str, line: Any) -> bytes:
    return str(line).encode("utf-8", "backslashreplace")


def _line(event: dict[str, Any], **_: Any) -> str:
    return msgspec.json.encode(event, enc_hook=repr).decode()


def get(name: str) -> structlog.typing.FilteringBoundLogger:
    """A logger. The event is a constant; what varies goes into fields."""
    logger: structlog.typing.FilteringBoundLogger = structlog.get_logger(name)
    return logger
