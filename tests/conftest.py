"""Real servers for every test that needs one: PostgreSQL, Valkey and a local news site, out of wheels."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import psycopg
import pytest
from psycopg_pool import ConnectionPool
from redis import Redis

from services.contract.messages import UrlSubmitted
from services.demo.site import Site
from services.local.postgres import EmbeddedPostgres
from services.local.stack import Stack
from services.local.valkey import EmbeddedRedis
from services.runtime import broker
from services.store import ledger
from services.store.database import open_pool
from services.store.migrate import migrate
from tests.compiled import changed_since
from tests.database import TestDatabase
from tests.distribution import (  # noqa: F401
    pytest_collection_modifyitems,
    pytest_make_parametrize_id,
    pytest_xdist_auto_num_workers,
    pytest_xdist_make_scheduler,
)
from tests.thinning import pytest_configure  # noqa: F401


def pytest_sessionstart() -> None:
    """A compiled module hides its source, so what is tested must be what was written."""
    _take_ctrl_c_again()
    if changed := changed_since(repository()):
        pytest.exit(
            f"changed since it was compiled: {', '.join(changed)}; run `make setup`, or delete "
            f"services/**/*.so",
            2,
        )


def _take_ctrl_c_again() -> None:
    """A shell starts what runs in its background with SIGINT ignored, and every child inherits that."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test sees the servers, the home or the settings of whoever runs it."""
    kept = {k: os.environ.pop(k) for k in list(os.environ) if k.startswith("DATELINE_")}
    os.environ["DATELINE_HOME"] = str(tmp_path_factory.mktemp("home"))
    yield
    os.environ.update(kept)


@pytest.fixture(scope="session", autouse=True)
def _preferred_ports_are_taken() -> Iterator[None]:
    """Stacks that start at the same time each get ports of their own: none finds the desk's or Flower's usual
    one free."""
    with ExitStack() as held:
        for port in (5555, 8080):
            with suppress(OSError):  # another has it already
                held.enter_context(socket.create_server(("127.0.0.1", port)))
        yield


def without_fsync(url: str) -> None:
    """Let a server of the tests' leave it to the kernel when to write: what it commits outlives its process,
    not the machine."""
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres"))
    server.start()
    without_fsync(server.url)
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE blank")
    migrate(server.url)
    yield server
    server.stop()
    server.wipe()


_databases: dict[str, TestDatabase] = {}
"""Of each server; no fixture, since others take `database_url` alone from here."""


@pytest.fixture
def database_url(postgres: EmbeddedPostgres) -> Iterator[str]:
    """An empty database at the newest schema."""
    database = _databases.setdefault(postgres.url, TestDatabase(postgres.url))
    yield database.ready()
    database.empty()


@pytest.fixture
def pool(database_url: str) -> Iterator[ConnectionPool]:
    opened = open_pool(database_url, size=4)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedRedis]:
    server = EmbeddedRedis(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def redis(redis_server: EmbeddedRedis) -> Iterator[Redis]:
    with broker.connect(redis_server.url) as client:
        client.flushall()
        yield client


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


STACK_SETTINGS = {
    "DATELINE_ALLOW_HOSTS": "127.0.0.1",
    "DATELINE_RETRY_BASE_S": "0.5",
    "DATELINE_RETRY_CAP_S": "1",
    "DATELINE_MAX_ATTEMPTS": "4",
    "DATELINE_VISIBILITY_TIMEOUT_S": "10",
    "DATELINE_RECONCILE_S": "1",
    "DATELINE_ENRICH_CONCURRENCY": "1",
    "DATELINE_HOST_LIMIT": "1000/64",
}


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole pipeline, running."""
    running = Stack(tmp_path_factory.mktemp("stack"), environ=STACK_SETTINGS, flower=False)
    running.start()
    without_fsync(running.postgres.url)
    yield running
    running.stop()
    running.wipe()


def eventually(
    what: str,
    holds: Callable[[], object],
    *,
    within_s: float = 60.0,
    between: Callable[[], object] = lambda: None,
) -> None:
    """Poll until `holds()` is true, ever less often; fail at the deadline. `between` runs before each
    look."""
    deadline = time.monotonic() + within_s
    pause_s = 0.01
    while True:
        between()
        if holds():
            return
        if time.monotonic() > deadline:
            pytest.fail(f"not within {within_s:.0f} s: {what}")
        time.sleep(pause_s)
        pause_s = min(0.25, pause_s * 1.5)


def repository() -> Path:
    return Path(__file__).parents[1]


def claim(connection: psycopg.Connection, limit: int = 100, **more: int) -> list[UrlSubmitted]:
    """Every due URL, whatever its host."""
    hosts = ledger.waiting_hosts(connection, "", 1000)
    return ledger.claim(connection, limit, dict.fromkeys(hosts, limit), **more)
