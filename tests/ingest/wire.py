"""A site whose answers are given byte by byte, one after another over connections that may stay open."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

PAGE = (
    b"<!DOCTYPE html><html><head><title>Harbour</title></head><body><p>"
    + b"The harbour stays shut. " * 40
    + b"</p></body></html>"
)
Answer = bytes | Callable[[dict[str, str]], bytes]


def answer(
    body: bytes = PAGE,
    *lines: bytes,
    status: bytes = b"200 OK",
    kind: bytes = b"text/html",
    keep: bool = False,
    length: bool = True,
) -> bytes:
    """An answer with these header lines, as they are."""
    named = b"\r\n".join(lines).lower()
    head = [b"HTTP/1.1 " + status, *lines]
    if b"content-type" not in named:
        head.append(b"Content-Type: " + kind)
    if length and b"content-length" not in named and b"transfer-encoding" not in named:
        head.append(b"Content-Length: %d" % len(body))
    head.append(b"Connection: " + (b"keep-alive" if keep else b"close"))
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def moved(to: str | bytes, *lines: bytes, status: bytes = b"302 Found") -> bytes:
    """A redirect."""
    return answer(b"", b"Location: " + (to.encode() if isinstance(to, str) else to), *lines, status=status)


class WireSite:
    """A context manager; `url` is its address, `routes` its answers by path and query, `asked` what was asked for."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = int(self._listener.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.routes: dict[str, Answer] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.connections = 0

    def __enter__(self) -> WireSite:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

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
                headers = {
                    name.lower(): value.strip() for name, _, value in (f.partition(":") for f in fields)
                }
                self.asked.append((path, headers))
                route = self.routes.get(path, answer(b"<h1>not here</h1>", status=b"404 Not Found"))
                sent = route(headers) if callable(route) else route
                connection.sendall(sent)
                if b"connection: keep-alive" not in sent[:2000].lower():
                    return
