"""What attacks: everything that a stranger can send, drawn by seed, from a process of its own, while it is
let loose."""

from __future__ import annotations

import itertools
import json
import os
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.synchronize import Event
from typing import Any, Protocol

import psycopg
from redis import Redis
from redis.exceptions import RedisError

from chaos import poison
from chaos.fuzz import mutated
from chaos.hostile import pages
from chaos.hostile.clients import QUICK, VISITS, Desk
from chaos.hostile.feeds import FEEDS
from chaos.hostile.site import BROKEN, DRIPPING, HOSTS, NICE, RECEIVERS
from chaos.intakes import INTAKES
from services.contract.errors import PermanentError
from services.contract.routes import QUEUES, URL_LIST
from services.store import sources, webhooks
from services.store.intake import parse_line
from services.store.ledger import Entry, record
from services.store.search_query import Query

ORIGIN = "hostile"
_CLIENTS = 6
_MOST_HOOKS = 8
_PAGES_A_HOST = 3


class Told(Protocol):
    """A queue to the process that judges."""

    def put(self, told: tuple[str, str]) -> None: ...


@dataclass(frozen=True, slots=True)
class Rates:
    """Hostile inputs a second, of each way in."""

    pages: float = 1.5
    broken: float = 0.8
    lines: float = 3.0
    messages: float = 4.0
    sources: float = 0.1
    hooks: float = 0.05


@dataclass(frozen=True, slots=True)
class Aim:
    """Where the stack under attack is. Hostile hosts are on `port`; `shared` serve honest pages too."""

    seed: int
    database_url: str
    redis_url: str
    desk_port: int
    token: str
    port: int
    shared: list[str]
    rates: Rates = field(default_factory=Rates)


class Attack:
    """One attacker: dice, and where it aims."""

    def __init__(self, aim: Aim) -> None:
        self._aim = aim
        self._dice = random.Random(aim.seed)
        half = len(HOSTS) // 2
        self._hosts = self._spread(HOSTS[:half], _PAGES_A_HOST)
        # One that does not answer is left alone for ever longer, so each broken answer has a host of its own.
        self._broken_hosts = self._spread(HOSTS[half:], 1)
        self._database = psycopg.connect(aim.database_url, autocommit=True)
        self._redis = Redis.from_url(aim.redis_url, socket_timeout=30)
        self._messages: dict[str, list[bytes]] = {}
        self.counts: Counter[str] = Counter()

    def _spread(self, hosts: list[str], times: int) -> Iterator[str]:
        for host in itertools.cycle(hosts):
            yield from itertools.repeat(f"http://{host}:{self._aim.port}", times)

    def page(self) -> str:
        """The address of a page: on a hostile host, or on one that has honest pages too."""
        if self._dice.random() < 0.15:
            return f"{next(self._hosts)}/mine/{self._dice.randrange(10**9)}"
        base = self._dice.choice(self._aim.shared) if self._dice.random() < 0.3 else next(self._hosts)
        return base + pages.drawn(self._dice)

    def pages(self) -> None:
        """A hostile page, by one of the ways in."""
        url = self.page()
        how = self._dice.randrange(3)
        if how == 0:
            self._redis.rpush(
                URL_LIST, json.dumps({"url": url, "title": "x" * self._dice.choice((0, 10, 5000))})
            )
        else:
            self._record(url)

    def broken(self) -> None:
        """A broken answer."""
        self._record(f"{next(self._broken_hosts)}/{self._kind()}?{self._dice.randrange(10**9)}")

    def _kind(self) -> str:
        """Dripping ones are rarer: each holds a thread of ingest for as long as a fetch may take."""
        kind = self._dice.choice(BROKEN)
        return self._dice.choice(BROKEN) if kind in DRIPPING else kind

    def _record(self, url: str) -> None:
        entry = parse_line(url, ORIGIN)
        if isinstance(entry, Entry):
            record(self._database, [entry])

    def lines(self) -> None:
        """A broken line on the list. What it names is an address that is refused, not one host that never
        answers."""
        known = poison.LINES if self._dice.random() < 0.2 else INTAKES["lines"].samples()
        lines = [
            re.sub(rb"host\.example|example\.org|gazette\.example", b"127.0.2.1", line) for line in known
        ]
        line = self._dice.choice(lines) if known is poison.LINES else mutated(self._dice, lines)
        self._redis.rpush(URL_LIST, line)

    def messages(self) -> None:
        """A message of any bytes on a queue: a known kind, one that is broken somewhere, or nothing but
        bytes."""
        queue = self._dice.choice(QUEUES)
        if queue not in self._messages:
            self._messages[queue] = list(poison.messages(queue))
        known = self._messages[queue]
        drawn = self._dice.random()
        if drawn < 0.5:
            message = self._dice.choice(known)
        elif drawn < 0.9:
            message = mutated(self._dice, [m for m in known if len(m) < 5000])
        else:
            message = self._dice.randbytes(self._dice.randint(0, 3000))
        self._redis.lpush(queue, message)

    def sources(self) -> None:
        """A source that is broken."""
        if self._dice.random() < 0.7:
            address = (
                f"{next(self._hosts)}/feed/{self._dice.choice(sorted(FEEDS))}/{self._dice.randrange(10**9)}"
            )
        else:
            address = f"{next(self._broken_hosts)}/{self._dice.choice(('endless', *BROKEN))}"
        sources.add(
            self._database,
            address,
            kind=self._dice.choice(("auto", "auto", "rss", "sitemap", "page", "json")),
        )

    def hooks(self) -> None:
        """A receiver of a webhook that hangs, drips, or answers with anything; a few at a time."""
        there = self._database.execute("SELECT 1 FROM webhooks WHERE starts_with(name, %s)", (ORIGIN,))
        if there.rowcount < _MOST_HOOKS:
            name = f"{ORIGIN} {self.counts['hooks']}"
            url = f"{next(self._broken_hosts)}/{self._dice.choice(RECEIVERS)}"
            webhooks.add(self._database, name, url, Query())

    def run(self, loose: Event, over: Event, tell: Told) -> None:
        """Attack at the stated rates while `loose`, until `over`."""
        acts: dict[str, Callable[[], None]] = {
            name: getattr(self, name) for name in Rates.__dataclass_fields__
        }
        rates = {name: getattr(self._aim.rates, name) for name in acts}
        due: dict[str, float] = {}
        while not over.is_set():
            if not loose.wait(0.2):
                due.clear()
                continue
            now = time.monotonic()
            for name, act in acts.items():
                if now < due.setdefault(name, now + self._dice.uniform(0, 2) / rates[name]):
                    continue
                due[name] = now + self._dice.uniform(0.2, 1.8) / rates[name]
                try:
                    act()
                except (psycopg.Error, RedisError, PermanentError) as error:
                    tell.put(("finding", f"{name}: {type(error).__name__}: {error}"[:500]))
                self.counts[name] += 1
            tell.put(("counts", json.dumps(self.counts)))
            over.wait(0.05)


def visits(aim: Aim, number: int, loose: Event, over: Event, tell: Told) -> None:
    """One client of the desk after another, while `loose`."""
    dice = random.Random(aim.seed * 1000 + number)
    desk = Desk(aim.desk_port, aim.token, f"127.3.0.{number + 1}")
    while not over.is_set():
        if not loose.wait(0.2):
            continue
        name = dice.choice(QUICK) if dice.random() < 0.7 else dice.choice(sorted(VISITS))
        for status, asked in VISITS[name](dice, desk):
            tell.put(("status", str(status)))
            if status == 500:
                tell.put(("finding", f"the desk answered 500 to a client of {name}: {asked}"))
        tell.put(("client", name))
        over.wait(dice.uniform(0, 0.5))


def attack(aim: Aim, loose: Any, over: Any, tell: Any) -> None:
    """The process: the attacker, and a few clients of the desk at the same time."""
    os.nice(NICE)
    for number in range(_CLIENTS):
        threading.Thread(target=visits, args=(aim, number, loose, over, tell), daemon=True).start()
    Attack(aim).run(loose, over, tell)
