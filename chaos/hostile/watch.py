"""What is looked at while a run lasts: processes and their memory, what was lost, the desk's health, what
waits."""

from __future__ import annotations

import http.client
import os
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from services.contract.routes import QUEUES, URL_LIST
from services.local.stack import Stack
from services.net.hosts import HOLDS_KEY
from services.runtime import quarantine

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_HEALTH_S = 1.0
SERVICES = ("ingest", "enrich", "store", "scheduler", "desk")


@dataclass(slots=True)
class Lost:
    """A process that ended while nobody stopped it: the service, when (seconds since the epoch), and what its
    log said last."""

    name: str
    at: float
    said: str


@dataclass(slots=True)
class Watch:
    """A context that looks once a second. `memory`: samples of bytes by process, taken at the end of calm
    stretches."""

    stack: Stack
    lost: list[Lost] = field(default_factory=list)
    memory: dict[str, list[tuple[float, int]]] = field(default_factory=dict)
    peaks: dict[str, int] = field(default_factory=dict)
    most_waiting: dict[str, int] = field(default_factory=dict)
    longest_silence_s: float = 0.0
    health_s: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Watch:
        for look in (self._ask_health, self._look):
            threading.Thread(target=look, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()

    def _look(self) -> None:
        while not self._over.wait(1.0):
            for name in self.stack.watch():
                self.lost.append(
                    Lost(name, time.time(), last_words(self.stack.folder / "logs" / f"{name.lower()}.log"))
                )
            for name, size in self.sizes().items():
                self.peaks[name] = max(size, self.peaks.get(name, 0))
            with suppress(RedisError):
                for name, count in self.waiting().items():
                    self.most_waiting[name] = max(count, self.most_waiting.get(name, 0))

    def waiting(self) -> dict[str, int]:
        """How long each list is."""
        with Redis.from_url(self.stack.redis.url, socket_timeout=5) as client:
            return {name: int(client.llen(name)) for name in (*QUEUES, URL_LIST, quarantine.KEY)}  # type: ignore[arg-type]

    def held(self) -> list[str]:
        """Hosts that are left alone now, since they did not answer or asked for it."""
        with Redis.from_url(self.stack.redis.url, socket_timeout=5) as client:
            hosts: list[bytes] = client.zrangebyscore(HOLDS_KEY, time.time() * 1000, "+inf")  # type: ignore[assignment]
        return [host.decode(errors="replace") for host in hosts]

    def sizes(self) -> dict[str, int]:
        """Resident bytes of each process of a service, by service and process id."""
        services = {pid: name for name in [*self.stack.workers, "desk"] if (pid := self.stack.pid(name))}
        found: dict[str, int] = {}
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError, ValueError, IndexError):
                session = int((path / "stat").read_text().rpartition(")")[2].split()[3])
                if session in services:
                    found[f"{services[session]} {path.name}"] = (
                        int((path / "statm").read_text().split()[1]) * _PAGE_BYTES
                    )
        return found

    def sample(self) -> None:
        """Keep how large everything is now, with what Redis holds."""
        sizes = self.sizes()
        with Redis.from_url(self.stack.redis.url, socket_timeout=5) as client:
            sizes["Redis"] = int(client.info("memory")["used_memory"])  # type: ignore[index]
        for name, size in sizes.items():
            self.memory.setdefault(name, []).append((time.time(), size))

    def _ask_health(self) -> None:
        answered = time.monotonic()
        while not self._over.wait(_HEALTH_S):
            begun = time.monotonic()
            with suppress(OSError, http.client.HTTPException), closing(self._connection()) as connection:
                connection.request("GET", "/health")
                status = connection.getresponse().status
                if status in (200, 503):
                    answered = time.monotonic()
                    self.health_s.append(answered - begun)
                else:
                    self.errors.append(f"the desk's health answered {status}")
            self.longest_silence_s = max(self.longest_silence_s, time.monotonic() - answered)

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.stack.desk_port, timeout=5)


def last_words(log: Path, lines: int = 12) -> str:
    """The end of a log."""
    with suppress(OSError):
        return "\n".join(log.read_text(encoding="utf-8", errors="replace")[-20_000:].splitlines()[-lines:])
    return ""
