"""Quarantine: messages that cannot be processed, in a bounded Redis list with their reason, to be
inspected, replayed or dropped.

No URL is lost with them: the ledger sends again what a broken message carried.
"""

from __future__ import annotations

import time
import uuid
from contextlib import suppress
from typing import Any

import msgspec
from redis import Redis
from redis.exceptions import RedisError

from services.runtime import broker, logs

KEY = "dateline:quarantine"
MOST = 1_000
"""Maximum number of messages; the oldest are dropped first."""
WHOLE_BYTES = 64 * 1024
"""Of a larger message only the beginning is kept; it cannot be replayed."""
_HEAD_BYTES = 4 * 1024
log = logs.get(__name__)


class Quarantined(msgspec.Struct, frozen=True, kw_only=True):
    """A refused message. `queue`: where it came from; `task`: None if it is kept with its envelope; `at`:
    seconds since the epoch; `size`: of the whole message, in bytes."""

    id: str
    at: float
    queue: str
    task: str | None
    reason: str
    error: str
    size: int
    body: bytes

    @property
    def whole(self) -> bool:
        """Whether the message was kept in full."""
        return self.size == len(self.body)


class Quarantine:
    """The list in Redis. `keep` never raises: while Redis is away the refusal is logged only."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    def keep(self, body: bytes, *, queue: str, task: str | None, reason: str, error: object) -> None:
        """Adds a message, truncated to the size limit. Never raises."""
        said = ascii(str(error))[1:-1][:500]
        log.error(
            "message_quarantined", queue=ascii(queue)[1:-1][:100], reason=reason, error=said, size=len(body)
        )
        kept = Quarantined(
            id=uuid.uuid4().hex[:12], at=time.time(), queue=ascii(queue)[1:-1][:200],
            task=task and ascii(task)[1:-1][:200], reason=reason, error=said,
            size=len(body), body=body if len(body) <= WHOLE_BYTES else body[:_HEAD_BYTES],
        )  # fmt: skip
        with suppress(RedisError):
            pipe = self._client.pipeline(transaction=False)
            pipe.lpush(KEY, msgspec.json.encode(kept))
            pipe.ltrim(KEY, 0, MOST - 1)
            pipe.execute()

    def messages(self) -> list[Quarantined]:
        """All messages, newest first. Raises Unavailable."""
        try:
            lines: list[bytes] = self._client.lrange(KEY, 0, MOST - 1)  # type: ignore[assignment]
        except RedisError as error:
            raise broker.explain(error) from error
        return [found for line in lines if (found := _read(line))]

    def count(self) -> int:
        """The number of messages. Raises Unavailable."""
        try:
            return int(self._client.llen(KEY))  # type: ignore[arg-type]
        except RedisError as error:
            raise broker.explain(error) from error

    def drop(self, ids: set[str] | None = None) -> int:
        """Deletes the messages with these ids, or all for None; returns their number. Raises Unavailable."""
        try:
            lines: list[bytes] = self._client.lrange(KEY, 0, -1)  # type: ignore[assignment]
            chosen = [line for line in lines if ids is None or ((found := _read(line)) and found.id in ids)]
            return sum(int(self._client.lrem(KEY, 1, line)) for line in chosen)  # type: ignore[arg-type,misc]
        except RedisError as error:
            raise broker.explain(error) from error


def _read(line: bytes) -> Quarantined | None:
    try:
        return msgspec.json.decode(line, type=Quarantined)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None


_of_this_process: list[Quarantine] = []


def use(redis_url: str) -> None:
    """Makes the Redis at `redis_url` this process's quarantine."""
    _of_this_process[:] = [Quarantine(broker.connect(redis_url))]


def keep(body: Any, *, queue: str, task: str | None, reason: str, error: object) -> None:
    """Keep a message in this process' quarantine; where it has none the log has it. Never raises."""
    raw = (
        body
        if isinstance(body, bytes)
        else body.encode("utf-8", "surrogatepass")
        if isinstance(body, str)
        else _bytes(body)
    )
    if _of_this_process:
        _of_this_process[0].keep(raw, queue=queue, task=task, reason=reason, error=error)
    else:
        log.error(
            "message_refused",
            queue=queue,
            task=task,
            reason=reason,
            error=ascii(str(error))[:500],
            size=len(raw),
        )


def _bytes(body: Any) -> bytes:
    try:
        return bytes(body) if isinstance(body, bytearray | memoryview | msgspec.Raw) else ascii(body).encode()
    except Exception as error:  # noqa: BLE001  it may be anything, nested as deeply as it likes
        return f"{type(body).__name__}: {type(error).__name__}".encode()
