"""Dateline on the embedded stack: a burst that is timed to its last commit, and a steady pace for latency."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from redis import Redis

from bench.pipeline.meter import Meter
from bench.pipeline.pages import HOSTS
from services.local.stack import Stack
from services.store.intake import parse_line
from services.store.ledger import Entry, record
from services.store.migrate import migrate

_PATIENCE_S = 120.0
LOOK_S = 0.25
_COUNT_S = 5.0
"""Between two counts of what has ended: each reads thousands of rows, which is a cost of Postgres that is not
the pipeline's."""
_LEFT = "FROM submissions WHERE id > %s AND state IN ('pending', 'in_flight')"
_SUBMITTED_AT_ONCE = 1_000  # a transaction, as `dateline submit` does
SETTINGS = {
    "DATELINE_ALLOW_HOSTS": ",".join(f"127.0.0.{n + 1}" for n in range(HOSTS)),
    "DATELINE_HOST_LIMIT": "1000/64",  # the site is ours: politeness counts, but holds nobody back
    "DATELINE_WARC_DIR": "",
}


@dataclass(slots=True)
class Burst:
    """What a burst of URLs took. CPU in seconds, memory and sizes in bytes, latencies in seconds."""

    articles: int
    elapsed_s: float
    cpu: dict[str, float]
    peak: dict[str, int]
    redis_peak: int = 0
    database_growth: int = 0
    wal: int = 0
    latencies: list[float] = field(default_factory=list)
    other_ends: dict[str, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Articles a second."""
        return self.articles / self.elapsed_s


@contextmanager
def pipeline(
    settings: dict[str, str] | None = None,
    prepare: Callable[[str], object] | None = None,
    folder: Path | None = None,
    scale: dict[str, int] | None = None,
) -> Iterator[Stack]:
    """A stack of its own, torn down at the end. `prepare(database_url)` runs on the migrated database before
    the workers start."""
    with tempfile.TemporaryDirectory(prefix="dateline-bench-") as temporary:
        stack = Stack(
            folder or Path(temporary),
            environ=SETTINGS | (settings or {}),
            flower=False,
            desk=False,
            scale=scale,
        )
        stack.postgres.start()
        try:
            with psycopg.connect(stack.postgres.url, autocommit=True) as connection:
                connection.execute("ALTER SYSTEM SET track_commit_timestamp = on")
            migrate(stack.postgres.url)
            if prepare:
                prepare(stack.postgres.url)
        finally:
            stack.postgres.stop()
        stack.redis.wipe()
        stack.start()
        try:
            yield stack
        finally:
            stack.hurry()
            stack.stop()
            if folder is None:
                stack.postgres.wipe()


def burst(stack: Stack, urls: list[str]) -> Burst:
    """Submit `urls` at once, wait until each has ended, and say what it took; what was submitted before may
    go on waiting."""
    size_before, wal_before = _database_bytes(stack)
    meter = Meter(lambda: _pids(stack))
    with Redis.from_url(stack.redis.url) as client, stack.connect() as connection:
        client.config_resetstat()
        first = connection.execute("SELECT coalesce(max(id), 0) FROM submissions").fetchone()
        started = time.monotonic()
        _submit(connection, urls)
        peak = 0
        left, moved, counted = len(urls), started, started
        while left:
            time.sleep(LOOK_S)
            peak = max(peak, int(client.info("memory")["used_memory"]))
            # From the last one back: all but a few of the looks find it waiting there.
            if connection.execute(f"SELECT id {_LEFT} ORDER BY id DESC LIMIT 1", first).fetchone() is None:
                left = 0
            elif time.monotonic() - counted > _COUNT_S:
                counted = time.monotonic()
                row = connection.execute(f"SELECT count(*) {_LEFT}", first).fetchone()
                if row and row[0] != left:
                    left, moved = row[0], counted
            connection.commit()
            if time.monotonic() - moved > _PATIENCE_S:
                raise RuntimeError(
                    f"{left} URLs have not moved for {_PATIENCE_S:.0f} s; logs in {stack.folder / 'logs'}"
                )
        elapsed_s = time.monotonic() - started
        _wait_for_stories(connection)
        meter.stop()
        stored, latencies, other = _ends(connection, urls)
    size, wal = _database_bytes(stack)
    return Burst(
        stored, elapsed_s, meter.cpu, meter.peak, peak, size - size_before, wal - wal_before, latencies, other
    )


def steady(stack: Stack, urls: list[str], a_second: float) -> list[float]:
    """Submit `urls` one at a time at an even pace; returns the latencies, from submission to commit, in
    seconds."""
    started = time.monotonic()
    with stack.connect() as connection:
        for number, url in enumerate(urls):
            wait_s = started + number / a_second - time.monotonic()
            if wait_s > 0:
                time.sleep(wait_s)
            _submit(connection, [url])
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            _, latencies, other = _ends(connection, urls)
            connection.commit()
            if len(latencies) + sum(other.values()) == len(urls):
                return latencies
            time.sleep(0.1)
    raise RuntimeError("not all URLs ended")


def quantiles(latencies: list[float]) -> tuple[float, float, float]:
    """p50, p95 and p99, in seconds."""
    cuts = statistics.quantiles(latencies, n=100)
    return cuts[49], cuts[94], cuts[98]


def _submit(connection: psycopg.Connection[Any], urls: list[str]) -> None:
    entries = [e for e in (parse_line(url, "bench") for url in urls) if isinstance(e, Entry)]
    for n in range(0, len(entries), _SUBMITTED_AT_ONCE):
        record(connection, entries[n : n + _SUBMITTED_AT_ONCE])
        connection.commit()


def _wait_for_stories(connection: psycopg.Connection[Any]) -> None:
    """Waits until stories have taken in what is stored, so that their cost is counted."""
    deadline = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline:
        behind = connection.execute(
            "SELECT (SELECT max(seq) FROM article_changes) > (SELECT max(cursor) FROM stories_progress)"
        ).fetchone()
        connection.commit()
        if behind == (False,):
            return
        time.sleep(LOOK_S)
    raise RuntimeError("stories do not catch up")


def _pids(stack: Stack) -> dict[str, int]:
    roles = {name: stack.pid(name) for name in stack.workers} | {
        "postgres": stack.postgres.pid,
        "redis": stack.redis.pid,
    }
    return {role: pid for role, pid in roles.items() if pid is not None}


def _database_bytes(stack: Stack) -> tuple[int, int]:
    """The database's size, and what its log of changes has written so far."""
    with stack.connect() as connection:
        row = connection.execute(
            "SELECT pg_database_size(current_database()), pg_wal_lsn_diff(pg_current_wal_lsn(), "
            "'0/0')::bigint"
        ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


def _ends(connection: psycopg.Connection[Any], urls: list[str]) -> tuple[int, list[float], dict[str, int]]:
    """How many are stored, their latencies by the server's clock at commit, and the other ends by reason."""
    rows = connection.execute(
        "SELECT state, reason, extract(epoch FROM pg_xact_commit_timestamp(xmin) - submitted_at)::float8 "
        "FROM submissions "
        "WHERE url = ANY(%s) AND state NOT IN ('pending', 'in_flight')",
        (urls,),
    ).fetchall()
    other: dict[str, int] = {}
    for state, reason, _ in rows:
        if state != "stored":
            other[reason or state] = other.get(reason or state, 0) + 1
    latencies = [latency for state, _, latency in rows if state == "stored"]
    return len(latencies), latencies, other
