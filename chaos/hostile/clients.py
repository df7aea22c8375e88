"""Hostile clients of the desk: each is one visit over raw sockets, and gives the statuses that it was
answered with."""

from __future__ import annotations

import json
import random
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from urllib.parse import quote

from chaos.fuzz import mutated

_STATUS = re.compile(rb"HTTP/1\.1 (\d{3})")
_PATHS = (
    "/", "/articles", "/articles/1", "/articles/1/diff", "/facets", "/topics", "/regions", "/changes",
    "/events", "/export", "/names",
    "/submissions", "/submissions/1", "/pipeline", "/sources", "/sources/report", "/dead-letters",
    "/webhooks", "/me", "/audit", "/health",
    "/deletions", "/openapi.json", "/static/x", "/../../etc/passwd", "/%00",
)  # fmt: skip
_NAMES = (
    "text", "topic", "region", "together", "role", "near", "place", "source", "provider", "language", "since",
    "until", "limit", "cursor",
    "after", "before", "days", "url", "format", "facet", "query", "sort", "x",
)  # fmt: skip
_VALUES = (
    "²", "٣", "-1", "0", "1e309", "NaN", "9" * 40, "\x00", "\ud800", "'", '"', "%", "a" * 499, "Sahel",
    "M49:11", "health", "fr", "7d", "99999999w",
    "0001-01-01", "9999-12-31", "2026-13-45", "0,0,1", "90,180,20000", "nan,nan,nan", "true", "[]", "../",
    "jsonl", "csv", "parquet", "\u202e",
    "(((", '"a', "a OR OR b", "-", "rule:x", "eyJhIjoxfQ==", "",
)  # fmt: skip
_TIMEOUT_S = 12.0


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the desk is, a token that reads and submits, and whom the requests come from."""

    port: int
    token: str
    source: str = "127.3.0.1"

    def connect(self) -> socket.socket:
        """A connection from `source`."""
        made = socket.create_connection(
            ("127.0.0.1", self.port), timeout=_TIMEOUT_S, source_address=(self.source, 0)
        )
        made.settimeout(_TIMEOUT_S)
        return made

    def head(self, line: str, *headers: str, token: bool = True) -> bytes:
        """A request's head."""
        lines = [f"{line} HTTP/1.1", "Host: localhost", *headers]
        if token:
            lines.append(f"Authorization: Bearer {self.token}")
        return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogatepass")


def asked(desk: Desk, sent: bytes, *, most: int = 200_000) -> list[tuple[int, str]]:
    """Send, and read up to `most` bytes: the status of the answer, 0 for none, with what was sent."""
    got = b""
    try:
        with closing(desk.connect()) as connection:
            connection.sendall(sent)
            while len(got) < most and (part := connection.recv(65536)):
                got += part
    except OSError:
        pass
    found = _STATUS.match(got)
    return [(int(found[1]) if found else 0, ascii(sent[:600]))]


Visit = Callable[[random.Random, Desk], list[tuple[int, str]]]


def _parameters(dice: random.Random, desk: Desk) -> list[tuple[int, str]]:
    pairs = "&".join(
        f"{dice.choice(_NAMES)}={quote(dice.choice(_VALUES), errors='surrogatepass')}"
        for _ in range(dice.randint(0, 5))
    )
    method = dice.choice(("GET", "GET", "GET", "GET", "HEAD", "POST", "DELETE", "PUT"))
    # No deletions: those are what a token of another scope may do.
    return asked(desk, desk.head(f"{method} {dice.choice(_PATHS)}?{pairs}", "Connection: close"))


def _bytes(dice: random.Random, desk: Desk) -> list[tuple[int, str]]:
    samples = [desk.head(f"GET {path}?limit=1", "Connection: close") for path in _PATHS]
    return asked(desk, mutated(dice, samples))


def _wrong_token(dice: random.Random, desk: Desk) -> list[tuple[int, str]]:
    token = dice.choice(("x", "a" * 5000, "\xff", desk.token[:-1], desk.token.swapcase(), "", "Bearer"))
    return asked(
        desk,
        desk.head(
            f"GET {dice.choice(_PATHS)}", f"Authorization: Bearer {token}", "Connection: close", token=False
        ),
    )


def _huge_head(dice: random.Random, desk: Desk) -> list[tuple[int, str]]:
    how = dice.choice(
        (["X: " + "a" * 3_000_000], [f"X-{n}: y" for n in range(20_000)], ["Cookie: " + "a=b; " * 50_000])
    )
    return asked(desk, desk.head("GET /articles", *how))


def _body(dice: random.Random, desk: Desk) -> list[tuple[int, str]]:
    """A body of JSON that is broken somewhere."""
    sample = json.dumps(
        {
            "urls": [
                "http://127.0.2.1/a",
                {"url": "http://127.0.2.1/b", "title": "t", "published_at": "2026-03-01"},
            ],
            "again": False,
        }
    )
    path, body = (
        dice.choice(("/submissions", "/webhooks", "/session", "/dead-letters/replay")),
        mutated(dice, [sample.encode()]),
    )
    return asked(
        desk,
        desk.head(
            f"POST {path}",
            f"Content-Length: {len(body)}",
            "Content-Type: application/json",
            "Connection: close",
        )
        + body,
    )


def _dripping(start: Callable[[Desk], bytes], piece: bytes) -> Visit:
    def visit(dice: random.Random, desk: Desk) -> list[tuple[int, str]]:
        ends = time.monotonic() + dice.uniform(2, 15)
        try:
            with closing(desk.connect()) as connection:
                connection.sendall(start(desk))
                while time.monotonic() < ends:
                    connection.sendall(piece)
                    time.sleep(0.2)
        except OSError:
            pass
        return []

    return visit


def _half_open(dice: random.Random, desk: Desk) -> list[tuple[int, str]]:
    part = dice.choice(
        (
            b"",
            b"GET / HTTP/1.1\r\nX-Half: ",
            b"POST /session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n",
        )
    )
    with ExitStack() as stack:
        for _ in range(dice.randint(10, 200)):
            try:
                stack.enter_context(closing(desk.connect())).sendall(part)
            except OSError:
                continue
        time.sleep(dice.uniform(1, 8))
    return []


@contextmanager
def _narrow(desk: Desk) -> Iterator[socket.socket]:
    """A connection with hardly any room for what comes back."""
    with closing(socket.socket()) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(_TIMEOUT_S)
        connection.bind((desk.source, 0))
        connection.connect(("127.0.0.1", desk.port))
        yield connection


def _slow_reader(dice: random.Random, desk: Desk) -> list[tuple[int, str]]:
    """Asks for a stream, takes a little of it now and then, and goes without a word."""
    path = dice.choice(
        (
            "/export?format=jsonl",
            "/export?format=csv",
            "/export?format=parquet",
            "/events",
            "/changes?limit=1000",
        )
    )
    ends, got = time.monotonic() + dice.uniform(1, 15), b""
    try:
        with _narrow(desk) as connection:
            connection.sendall(desk.head(f"GET {path}"))
            while time.monotonic() < ends and (part := connection.recv(256)):
                got += part
                time.sleep(0.3)
    except OSError:
        pass
    found = _STATUS.match(got)
    return [(int(found[1]), path)] if found else []


VISITS: dict[str, Visit] = {
    "parameters": _parameters,
    "bytes": _bytes,
    "wrong tokens": _wrong_token,
    "huge heads": _huge_head,
    "broken bodies": _body,
    "dripping heads": _dripping(lambda desk: b"GET / HTTP/1.1\r\nX-Drip: ", b"a"),
    "dripping bodies": _dripping(lambda desk: desk.head("POST /submissions", "Content-Length: 100000"), b" "),
    "half-open": _half_open,
    "slow readers": _slow_reader,
}
QUICK = ("parameters", "bytes", "wrong tokens", "broken bodies")
"""Those that end with the answer."""
