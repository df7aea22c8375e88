"""Connections that keep the interpreter as long as there is nothing to wait for.

Python lets go of its interpreter around each call of the system, also around one that returns at once, and where threads wait
for it another one has it then: the caller waits for its turn, and what was in its core's caches is gone. Compiled
(`_compiled.pyx`), sending and receiving let go only in order to wait. Uncompiled they are Python's own.
"""

from __future__ import annotations

import os
import socket
from typing import Any

import redis

from services.runtime.compiled import compiled

_compiled = compiled("services.runtime")
_BUFFER = 64 * 1024


class Socket(socket.socket):
    """A socket without TLS."""

    __slots__ = ()

    @classmethod
    def of(cls, other: socket.socket) -> Socket:
        """Take over the connection of `other`, which is closed by that."""
        timeout_s = other.gettimeout()
        own = cls(other.family, other.type, other.proto, fileno=other.detach())
        own.settimeout(timeout_s)
        return own

    def settimeout(self, value: float | None) -> None:
        """Only where it is another one than before."""
        if value != self.gettimeout():
            super().settimeout(value)

    def sendall(self, data: Any, flags: int = 0) -> None:
        """At once, as far as it goes; a request is far smaller than what the system takes without waiting."""
        try:
            sent = _compiled.send_some(self.fileno(), data) if _compiled else os.write(self.fileno(), data)
        except BlockingIOError:
            sent = 0
        if sent < len(data):
            super().sendall(memoryview(data)[sent:], flags)

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        """At most 64 KiB at a time."""
        if _compiled and not flags:
            return _compiled.receive(self.fileno(), bufsize, self.gettimeout())  # type: ignore[no-any-return]
        return super().recv(bufsize, flags)

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        """As a socket's."""
        if _compiled and not nbytes and not flags:
            return _compiled.receive_into(self.fileno(), buffer, self.gettimeout())  # type: ignore[no-any-return]
        return super().recv_into(buffer, nbytes, flags)

    def makefile(self, mode: str = "r", buffering: int | None = None, **kwargs: Any) -> Any:  # type: ignore[override]
        """With room for a usual page, so that it is read in one go."""
        return super().makefile(mode, _BUFFER if buffering is None and mode == "rb" else buffering, **kwargs)  # type: ignore[call-overload]


def is_quiet(connection: object) -> bool:
    """Whether it is certain that the connection stands and nothing has come over it."""
    return bool(_compiled) and isinstance(connection, Socket) and _compiled.is_quiet(connection.fileno())


class RedisConnection(redis.Connection):
    """A connection to Redis without TLS. A pool looks at each before it gives it away, which here asks the system once, not thrice."""

    def _connect(self) -> socket.socket:
        return Socket.of(super()._connect())  # type: ignore[no-untyped-call]

    def can_read(self, timeout: float = 0) -> bool:
        """Whether something stands to be read within `timeout` seconds."""
        buffered = getattr(self._parser, "_buffer", None)
        if timeout == 0 and buffered is not None and not buffered.unread_bytes() and is_quiet(self._sock):
            return False
        return bool(super().can_read(timeout))
