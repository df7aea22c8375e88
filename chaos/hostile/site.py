"""The server of all hostile hosts, in a process of its own: hostile pages, broken answers, feeds, and
receivers of webhooks.

It answers at any address of this machine, so that each of the hosts 127.1.0.0/16 is one of its own to the
pipeline.
"""

from __future__ import annotations

import os
import random
import socket
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from chaos.hostile.feeds import FEEDS
from chaos.hostile.pages import canonical_page, page
from chaos.site import path_of
from tests.ingest.hostile import CHARSETS, HostileSite, _drip, _head, _reset
from tests.raw_http import whole

BROKEN: tuple[str, ...] = (
    "drip-status", "drip-headers", "drip-body", "drip-chunks", "silence", "reset-at-once", "reset-in-status",
    "reset-in-headers",
    "reset-in-body", "truncated", "truncated-chunks", "truncated-gzip", "damaged-gzip", "nothing", "not-http",
    "empty", "many-headers",
    "long-header", "bomb", "nested-bomb", "deep-bomb", "deflate-bomb", "huge", "declared-huge", "loop",
    "huge-redirect", "self",
    "chain/5", "chain/30", "to/http|~~169.254.169.254~", "to/file|~~~etc~passwd", "to/http|~~127.0.0.99|1~",
    "to/~~[|~", "lying-json",
    "lying-image", "lying-html", "pdf-as-html", "status/500", "status/503/-5", "status/429/nonsense",
    "status/999", "status/204", "status/304",
    *(f"charset/{name}/{how}" for name in CHARSETS for how in ("named", "lying")),
)  # fmt: skip
"""Paths of answers that are broken as such, or that send elsewhere."""
DRIPPING = frozenset(("drip-status", "drip-headers", "drip-body", "drip-chunks", "silence"))
"""Those that hold a thread for as long as a fetch may take."""
RECEIVERS = (
    "silence",
    "drip-headers",
    "drip-body",
    "reset-at-once",
    "huge",
    "loop",
    "status/500",
    "not-http",
    "bomb",
    "long-header",
)
HOSTS = [f"127.1.{block}.{number}" for block in range(12) for number in range(1, 251)]
FIRST_BROKEN_BLOCK = 6
"""Hosts from 127.1.6.0 on give broken answers; one in _ROBOTS_HOSTS has a broken robots.txt too."""
_ROBOTS_HOSTS = 4
NICE = 5
"""By how much what attacks yields the cores: a stranger has a machine of their own."""


class Server(HostileSite):
    """All hostile hosts. `elsewhere`: addresses of honest pages that pages claim as their own."""

    def __init__(self, elsewhere: Callable[[int], str]) -> None:
        super().__init__("0.0.0.0")
        self.asked = deque(maxlen=1000)  # the run is long
        self._elsewhere = elsewhere
        self.more = {"robots.txt": self._robots}

    def do_h(self, c: socket.socket, argument: str) -> None:
        """A page of a family."""
        made = page(f"/h/{argument}")
        body = (made or "").encode("utf-8", "surrogatepass")
        c.sendall(whole(body) if made is not None else whole(b"", status="404 Not Found"))

    def do_mine(self, c: socket.socket, argument: str) -> None:
        """`/mine/SEED`: a page that says it is an honest one."""
        dice = random.Random(argument)
        c.sendall(whole(canonical_page(dice, self._elsewhere(dice.randrange(400))).encode()))

    def do_feed(self, c: socket.socket, argument: str) -> None:
        """`/feed/KIND/SEED`."""
        kind, _, seed = argument.partition("/")
        base = f"http://{c.getsockname()[0]}:{self.port}"
        body, told = FEEDS[kind](random.Random(seed), base)
        c.sendall(whole(body, f"Content-Type: {told}"))

    def do_endless(self, c: socket.socket) -> None:
        """Items, again and again."""
        c.sendall(_head("200 OK", "Content-Type: application/rss+xml") + b"<rss><channel>")
        for n in range(10**6):
            c.sendall(b"<item><title>A</title><link>/none/%d</link></item>" % n * 50)

    def _robots(self, c: socket.socket) -> None:
        _, _, block, number = map(int, c.getsockname()[0].split("."))
        if block < FIRST_BROKEN_BLOCK or number % _ROBOTS_HOSTS:
            c.sendall(whole(b"", status="404 Not Found"))
        elif number % 3 == 0:
            c.sendall(
                whole(
                    b"User-agent: *\r\n" + b"Disallow: /*a*a*a*a*a*a*b$\n" * 20_000,
                    "Content-Type: text/plain",
                )
            )
        elif number % 3 == 1:
            c.sendall(
                whole(
                    b"\xff\xfe\0" * 1000 + b"Crawl-delay: 1e309\nUser-agent: \xff", "Content-Type: text/plain"
                )
            )
        elif number % 8:
            _reset(c)
        else:
            _drip(c, _head("200 OK", "Content-Type: text/plain"), b"#")


def serve(tell: Any, honest: list[str]) -> None:
    """The process: tells its port, and serves until it is ended."""
    os.nice(NICE)
    with Server(lambda number: honest[number % len(honest)] + path_of(number)) as server:
        tell.put(server.port)
        while True:
            time.sleep(3600)
