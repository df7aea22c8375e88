"""The desk's HTTP server: uvicorn with connection limits, in total and for each address, and with read and
write deadlines.

Uvicorn alone keeps a connection for ever that never completes a head or never reads its response (slowloris).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from services.desk.headers import RAW
from services.desk.proxies import Networks, caller_key, is_within
from services.desk.refusing import refuse

HEAD_BYTES = 32 * 1024
_PROGRESS = 16 * 1024  # bytes that a client must read within `write_s`
_SWEEP_S = 0.5


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Deadlines of a connection in seconds, and the most connections."""

    head_s: float = 10.0
    write_s: float = 30.0
    each: int = 128
    total: int = 450
    spare: int = 50
    """Connections beyond `total` while all are busy; further ones get 503."""
    proxies: Networks = ()
    """Trusted proxies, which serve many clients: `each` does not apply to them."""


@dataclass(slots=True)
class Connections:
    """All open connections by address. At a limit, the connection that has been idle longest is closed."""

    limits: ConnectionLimits
    _open: dict[str, dict[_Connection, None]] = field(default_factory=dict)
    _sweep: asyncio.TimerHandle | None = None

    def __iter__(self) -> Iterator[_Connection]:
        return (connection for same in self._open.values() for connection in same)

    def __len__(self) -> int:
        return sum(map(len, self._open.values()))

    def add(self, connection: _Connection) -> bool:
        """Registers a connection; False if its address is at its limit with all of them busy."""
        same = self._open.setdefault(connection.address, {})
        if (
            len(same) >= self.limits.each
            and not is_within(connection.address, self.limits.proxies)
            and not _ended(same)
        ):
            return False
        if len(self) >= self.limits.total:
            _ended(self)
        self._open.setdefault(connection.address, {})[connection] = None
        if self._sweep is None:
            self._sweep = connection.loop.call_later(_SWEEP_S, self._look, connection.loop)
        return True

    def remove(self, connection: _Connection) -> None:
        """Unregisters a connection."""
        same = self._open.get(connection.address, {})
        same.pop(connection, None)
        if not same:
            self._open.pop(connection.address, None)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for connection in [c for c in self if c.is_overdue(now)]:
            connection.cut()
        self._sweep = loop.call_later(_SWEEP_S, self._look, loop) if self._open else None


def _ended(connections: Iterable[_Connection]) -> bool:
    """Closes the connection that has been idle longest; False if all are busy."""
    waiting = [c for c in connections if c.is_waiting]
    if waiting:
        min(waiting, key=lambda c: c.since).cut()
    return bool(waiting)


class _Connection(H11Protocol):
    """A connection with read and write deadlines."""

    register: Connections

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.address = caller_key(self.client[0] if self.client else "?")
        self.since = self._moved = self.loop.time()
        self._left = 0
        if not self.register.add(self):
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self.register.remove(self)
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        self.since = self.loop.time()
        super().on_response_complete()

    def resume_writing(self) -> None:
        self._moved, self._left = self.loop.time(), 0
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Responds to invalid HTTP as to other errors: with JSON and the security headers."""
        if self.is_idle or not self.cycle.response_started:
            body = json.dumps({"detail": msg}).encode()
            headers = [
                (b"content-type", b"application/json"),
                (b"content-length", str(len(body)).encode()),
                (b"connection", b"close"),
                *RAW,
            ]
            lines = [b"HTTP/1.1 400 Bad Request", *(name + b": " + value for name, value in headers)]
            self.transport.write(b"\r\n".join([*lines, b"", body]))
        self.transport.close()

    @property
    def is_idle(self) -> bool:
        """Whether no request is in progress."""
        return self.cycle is None or self.cycle.response_complete

    @property
    def is_waiting(self) -> bool:
        """Whether the rest of a head or body is still to come."""
        return self.is_idle or self.cycle.more_body

    def is_overdue(self, now: float) -> bool:
        """Whether the client has missed a deadline."""
        left = self.transport.get_write_buffer_size()
        if left == 0 or left <= self._left - _PROGRESS:
            self._moved = now
            self._left = left
        self._left = max(left, self._left)
        if left:
            return now - self._moved > self.register.limits.write_s
        return self.is_idle and now - self.since > self.register.limits.head_s

    def cut(self) -> None:
        """Closes the connection at once and discards unsent data."""
        self.register.remove(self)
        self.transport.abort()


class _ConnectionLimitMiddleware:
    """Responds with 503 above the connection limit; uvicorn's own limit would respond without the security
    headers."""

    def __init__(self, app: ASGIApp, register: Connections) -> None:
        self._app, self._register = app, register

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one request."""
        limits = self._register.limits
        if scope["type"] == "http" and len(self._register) > limits.total + limits.spare:
            await refuse(send, 503, "too many connections: try again later", {"retry-after": "5"})
            return
        await self._app(scope, receive, send)


def server_config(
    app: Any, *, address: str, port: int, limits: ConnectionLimits | None = None
) -> uvicorn.Config:
    """Uvicorn's configuration of the desk."""
    register = Connections(limits or ConnectionLimits())
    return uvicorn.Config(
        _ConnectionLimitMiddleware(app, register), host=address, port=port, log_config=None, access_log=False,
        server_header=False, timeout_graceful_shutdown=10, proxy_headers=False, ws="none",
        h11_max_incomplete_event_size=HEAD_BYTES,
        http=type("Connection", (_Connection,), {"register": register}),
    )  # fmt: skip
