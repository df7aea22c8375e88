"""The same pages and the same faults for what a good engineer writes in a day: Celery and Redis, one task a
URL.

Late acknowledgement, rejection when a worker is lost, a visibility timeout as short as ours, retries with
back-off, an insert that does nothing when the row is there; no ledger. `python -m chaos.plain --seed 1`.
The four services are one worker here, so that a fault of any of them strikes it.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import requests
from celery import Celery
from rich.console import Console

from chaos.plan import Fault, Shape, draw
from chaos.site import Unsteady, expected, page, path_of
from services.demo.site import Site
from services.ingest.extract import extract
from services.local.postgres import EmbeddedPostgres
from services.local.server import free_port
from services.local.valkey import EmbeddedRedis

VISIBILITY_S = 10

app = Celery("plain", broker=os.environ.get("PLAIN_REDIS", "redis://127.0.0.1:1/0"))
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_transport_options={"visibility_timeout": VISIBILITY_S, "socket_keepalive": True},
)


@app.task(
    name="plain.fetch",
    autoretry_for=(requests.RequestException, psycopg.OperationalError),
    max_retries=10,
    retry_backoff=1,
    retry_backoff_max=10,
)
def fetch(url: str) -> None:
    """Fetch, extract, insert."""
    response = requests.get(url, timeout=30)
    if response.status_code == 404:
        _write("INSERT INTO failures VALUES (%s, 'http_404') ON CONFLICT DO NOTHING", url)
        return
    response.raise_for_status()
    found = extract(response.text, url, now=datetime.now(UTC))
    if found.reason:
        _write("INSERT INTO failures VALUES (%s, %s) ON CONFLICT DO NOTHING", url, found.reason)
        return
    _write("INSERT INTO articles VALUES (%s, %s, %s) ON CONFLICT DO NOTHING", url, found.title, found.text)


def _write(statement: str, *values: str) -> None:
    with psycopg.connect(os.environ["PLAIN_DATABASE"], connect_timeout=5) as connection:
        connection.execute(statement, values)
        connection.execute("INSERT INTO runs (url) VALUES (%s)", (values[0],))


_SCHEMA = """
CREATE TABLE articles (url text PRIMARY KEY, title text, text text);
CREATE TABLE failures (url text PRIMARY KEY, reason text);
CREATE TABLE runs (url text);
"""


class Plain:
    """Servers, one worker, and a supervisor that starts it again at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.postgres = EmbeddedPostgres(folder)
        self.redis = EmbeddedRedis(folder)
        self.worker: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start everything."""
        self.postgres.start(port=free_port())
        self.redis.start(port=free_port())
        with psycopg.connect(self.postgres.url) as connection:
            connection.execute(_SCHEMA)
        app.conf.broker_url = self.redis.url
        self.pump()

    def pump(self) -> None:
        """Start again what has ended."""
        for server in (self.postgres, self.redis):
            if server.died:
                with suppress(Exception):
                    server.start(port=server.port)
        if self.worker is None or self.worker.poll() is not None:
            if self.worker is not None:
                with suppress(ProcessLookupError):
                    os.killpg(self.worker.pid, signal.SIGKILL)
            with (self.folder / "worker.log").open("ab") as log:
                self.worker = subprocess.Popen(
                    [sys.executable, "-m", "celery", "-A", "chaos.plain", "worker", "--concurrency=4",
                    "--loglevel=WARNING"],
                    env=os.environ | {"PLAIN_REDIS": self.redis.url, "PLAIN_DATABASE": self.postgres.url},
                    stdout=log, stderr=log, start_new_session=True,
                )  # fmt: skip

    def strike(self, fault: Fault) -> None:
        """Break something."""
        assert self.worker is not None
        if fault.kind in ("kill -9", "SIGTERM"):
            os.kill(self.worker.pid, signal.SIGKILL if fault.kind == "kill -9" else signal.SIGTERM)
        elif fault.kind in ("Redis restarted", "Redis wiped"):
            self.redis.stop(signum=signal.SIGKILL if fault.kind == "Redis wiped" else signal.SIGTERM)
            if fault.kind == "Redis wiped":
                self.redis.wipe()
            self.redis.start(port=self.redis.port)
        elif fault.kind == "Postgres stopped":
            self.postgres.stop()
            ends = time.monotonic() + fault.outage_s
            while time.monotonic() < ends:
                self.pump()
                time.sleep(0.2)
            self.postgres.start(port=self.postgres.port)
        else:
            pid = self.redis.pid if fault.kind == "Redis kill -9" else self.postgres.pid
            if pid is not None:
                os.kill(pid, signal.SIGKILL)

    def ends(self, table: str) -> dict[str, int]:
        """How often each URL stands in a table; empty while Postgres is away."""
        with (
            suppress(psycopg.OperationalError),
            psycopg.connect(self.postgres.url, connect_timeout=3) as connection,
        ):
            return dict(connection.execute(f"SELECT url, count(*) FROM {table} GROUP BY url").fetchall())
        return {}

    def stop(self) -> None:
        """Stop everything and forget it."""
        if self.worker is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.worker.pid, signal.SIGKILL)
            self.worker.wait()
        self.redis.stop()
        self.postgres.stop()
        self.postgres.wipe()
        shutil.rmtree(self.folder, ignore_errors=True)


def feed(urls: list[str], faults: list[Fault], seed: int, started: float, handed: list[str]) -> None:
    """The bursts of `chaos.run`. While Redis refuses, the feeder asks again: that much care a day's
    work has."""
    dice = random.Random(seed)
    share = len(urls) // (len(faults) + 1)
    waiting = list(urls)
    for fault in [*faults, None]:
        while fault and time.monotonic() - started < fault.at_s - dice.uniform(0.1, 1.2):
            time.sleep(0.02)
        burst, waiting = (waiting[:share], waiting[share:]) if fault else (waiting, [])
        for url in burst:
            while True:
                try:
                    fetch.delay(url)
                    break
                except Exception:  # noqa: BLE001  whatever the client says, the feeder's answer is to try again
                    time.sleep(0.25)
            handed.append(url)


def main() -> None:
    """Run, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--urls", type=int, default=3000)
    arguments = parser.parse_args()
    console = Console()
    faults = draw(arguments.seed, Shape())
    plain = Plain(Path(tempfile.mkdtemp(prefix="dateline-plain-")))
    handed: list[str] = []
    with Site(render=page, fault=Unsteady()) as site:
        urls = [site.url + path_of(n) for n in range(arguments.urls)]
        try:
            plain.start()
            started = time.monotonic()
            feeder = threading.Thread(
                target=feed, args=(urls, faults, arguments.seed, started, handed), daemon=True
            )
            feeder.start()
            for fault in faults:
                while time.monotonic() - started < fault.at_s:
                    plain.pump()
                    time.sleep(0.1)
                console.print(f"{time.monotonic() - started:6.1f} s  {fault.name}")
                plain.strike(fault)
            runs = _quiet(plain, feeder, console)
        finally:
            plain.stop()
    lost = {url for n, url in enumerate(urls) if url not in runs}
    wanted = sum(expected(n)[0] == "stored" for n in range(arguments.urls))
    console.print(
        f"lost without a trace: {len(lost):,} of {len(urls):,}; worked on more than once: "
        f"{sum(n > 1 for n in runs.values()):,}; {wanted:,} articles were to be had"
    )


def _quiet(plain: Plain, feeder: threading.Thread, console: Console) -> dict[str, int]:
    """Wait until nothing has come for twelve visibility timeouts."""
    before, changed = -1, time.monotonic()
    while feeder.is_alive() or time.monotonic() - changed < 12 * VISIBILITY_S:
        plain.pump()
        count = sum(plain.ends("runs").values())
        if count != before:
            before, changed = count, time.monotonic()
        time.sleep(0.5)
    console.print(f"nothing has come for {12 * VISIBILITY_S} s")
    return plain.ends("runs")


if __name__ == "__main__":
    main()
