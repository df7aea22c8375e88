"""The honest side: pages on hosts of their own and on hosts that serve hostile ones too, submitted evenly,
each timed."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field

import psycopg
from redis import Redis

from chaos import site as chaos_site
from chaos.hostile import pages
from services.contract.routes import URL_LIST
from services.demo.site import Site
from services.store.intake import parse_line
from services.store.ledger import Entry, record

OWN, SHARED = 8, 4
"""Hosts with honest pages only, and hosts with both."""
ORIGIN = "honest"


@dataclass(frozen=True, slots=True)
class Submitted:
    """An honest URL: when it was submitted (seconds since the epoch), and in a stretch of which kind."""

    url: str
    number: int
    at: float
    calm: bool


def page(target: str, base: str) -> str | None:
    """A hostile page where the path is one's, else what chaos runs have there."""
    if (made := pages.page(target)) is not None:
        return made.encode("utf-8", "replace").decode()
    return chaos_site.page(target, base)


@dataclass(slots=True)
class Honest:
    """Sites and a submitter; a context. Honest URLs go through the ledger, the list and the API in turn."""

    per_second: float = 2.0
    submitted: list[Submitted] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    calm: bool | None = None
    """Of what kind the stretch is; None while nothing is submitted."""
    _sites: list[Site] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Honest:
        first = Site("127.0.0.1", render=page)
        self._sites = [
            first,
            *(Site(f"127.0.0.{n}", first.port, render=page) for n in range(2, OWN + SHARED + 1)),
        ]
        for site in self._sites:
            site.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for site in self._sites:
            site.__exit__()

    @property
    def hosts(self) -> list[str]:
        return [site.host for site in self._sites]

    @property
    def shared(self) -> list[str]:
        """The addresses of hosts that serve hostile pages too."""
        return [site.url for site in self._sites[OWN:]]

    def url_of(self, number: int) -> str:
        """The address of an honest page."""
        return self._sites[number % len(self._sites)].url + chaos_site.path_of(number)

    def start(self, database_url: str, redis_url: str, desk_port: int, token: str) -> None:
        """Submit from a thread, in stretches of a kind, until the context ends."""
        threading.Thread(
            target=self._submit, args=(database_url, redis_url, desk_port, token), daemon=True
        ).start()

    def _submit(self, database_url: str, redis_url: str, desk_port: int, token: str) -> None:
        numbers = self._numbers()
        with psycopg.connect(database_url, autocommit=True) as database, Redis.from_url(redis_url) as redis:
            while not self._over.wait(1 / self.per_second):
                if (calm := self.calm) is None:
                    continue
                number = next(numbers)
                url, at = self.url_of(number), time.time()
                try:
                    way = number // len(self._sites) % 3
                    if way == 0:
                        redis.rpush(URL_LIST, url)
                    elif way == 1:
                        self._by_api(url, desk_port, token)
                    elif isinstance(entry := parse_line(url, ORIGIN), Entry):
                        record(database, [entry])
                except Exception as error:  # noqa: BLE001  a finding, told with the others
                    self.errors.append(f"{url} could not be submitted: {type(error).__name__}: {error}")
                    continue
                self.submitted.append(Submitted(url, number, at, calm))

    @staticmethod
    def _numbers() -> Iterator[int]:
        """Of pages that must be stored."""
        number = 0
        while True:
            if chaos_site.expected(number)[0] == "stored":
                yield number
            number += 1

    @staticmethod
    def _by_api(url: str, port: int, token: str) -> None:
        body = json.dumps({"urls": [url]}).encode()
        head = (
            f"POST /submissions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
            f"{token}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        )
        with closing(socket.create_connection(("127.0.0.1", port), timeout=30)) as connection:
            connection.sendall(head.encode() + body)
            answer = connection.recv(65536)
        if not answer.startswith(b"HTTP/1.1 202"):
            raise RuntimeError(f"the desk answered {answer[:60]!r}")
