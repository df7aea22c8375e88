"""An HTTP server on loopback whose answers are written byte by byte, so that they can be as wrong as
need be."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self

Route = bytes | Callable[..., bytes | None]
_STAYS_OPEN = re.compile(rb"connection:\s*keep-alive", re.IGNORECASE)


class RawSite:
    """Answers a path with the bytes in `routes`, or with what a function of (connection, path, headers)
    returns.

    A connection stays open behind an answer that says so, and is closed behind any other and behind None.
    `asked` lists (path, headers) of each request, `connections` counts what was accepted.
    """

    def __init__(
        self, host: str = "127.0.0.1", *, family: int = socket.AF_INET, tls: ssl.SSLContext | None = None
    ) -> None:
        self._listener = socket.create_server((host, 0), family=family, backlog=128)
        self._tls = tls
        self.port = int(self._listener.getsockname()[1])
        self.host = f"[{host}]" if ":" in host else host
        self.url = f"{'https' if tls else 'http'}://{self.host}:{self.port}"
        self.routes: dict[str, Any] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Accept no more."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    @property
    def paths(self) -> list[str]:
        """The paths that were asked for."""
        return [path for path, _ in self.asked]

    def route(self, path: str) -> Route | None:
        """What answers `path`; None where nothing does."""
        return self.routes.get(path) or self.routes.get(path.partition("?")[0])

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection:
                self._answer_all(connection)

    def _answer_all(self, connection: socket.socket) -> None:
        waiting = b""
        while True:
            while b"\r\n\r\n" not in waiting:
                more = connection.recv(65536)
                if not more:
                    return
                waiting += more
            head, waiting = waiting.split(b"\r\n\r\n", 1)
            first, *fields = head.decode("latin-1").split("\r\n")
            path = first.split(" ")[1]
            headers = {k.strip().lower(): v.strip() for k, _, v in (field.partition(":") for field in fields)}
            self.asked.append((path, headers))
            route = self.route(path)
            answer = route(connection, path, headers) if callable(route) else route
            if route is None:
                answer = whole(b"<html><body><h1>not here</h1></body></html>", status="404 Not Found")
            if answer is not None:
                connection.sendall(answer)
            if answer is None or not _STAYS_OPEN.search(answer[:2000]):
                return


def whole(
    body: bytes | str,
    *lines: bytes | str,
    status: bytes | str = "200 OK",
    ct: bytes | str | None = "text/html; charset=utf-8",
    proto: str = "HTTP/1.1",
    length: bool = True,
    keep: bool = False,
) -> bytes:
    """An answer: status line, the given header lines as they are, a type and a length unless these name
    theirs, the body."""
    head = [proto.encode() + b" " + _bytes(status), *map(_bytes, lines)]
    named = [line.lower() for line in head[1:]]
    if ct is not None and not any(line.startswith(b"content-type") for line in named):
        head.append(b"Content-Type: " + _bytes(ct))
    body = _bytes(body)
    if length and not any(line.startswith((b"content-length", b"transfer-encoding")) for line in named):
        head.append(b"Content-Length: %d" % len(body))
    head.append(b"Connection: keep-alive" if keep else b"Connection: close")
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def redirect(to: bytes | str, *lines: bytes | str, status: bytes | str = "302 Found") -> bytes:
    """A redirect with this Location."""
    return whole(b"", b"Location: " + _bytes(to), *lines, status=status)


def chunked(body: bytes, size: int = 50, end: bytes = b"0\r\n\r\n") -> bytes:
    """A body in chunks."""
    pieces = (body[i : i + size] for i in range(0, len(body), size))
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + end


def _bytes(given: bytes | str) -> bytes:
    return given.encode() if isinstance(given, str) else given
