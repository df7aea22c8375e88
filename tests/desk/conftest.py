"""The desk in the test's own process, with a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from fastapi.testclient import TestClient
from psycopg_pool import ConnectionPool
from redis import Redis

from services.desk.app import build
from services.desk.settings import DeskSettings
from services.local.postgres import EmbeddedPostgres
from services.local.valkey import EmbeddedRedis
from services.runtime.settings import load
from tests.conftest import eventually

LOOPBACK = ("127.0.0.1", 50_000)
ELSEWHERE = ("203.0.113.9", 50_000)


def desk_client(
    database_url: str,
    redis_url: str,
    *,
    client: tuple[str, int] = LOOPBACK,
    host: str = "localhost",
    **more: Any,
) -> TestClient:
    """A client of a desk of its own; use it as a context."""
    environ = {
        "DATELINE_DATABASE_URL": database_url,
        "DATELINE_REDIS_URL": redis_url,
        "DATELINE_DESK_RATE": "100000",
    }
    settings = load(DeskSettings, environ | more)
    return TestClient(build(settings), base_url=f"http://{host}", client=client)


def ready(client: TestClient) -> None:
    """Waits until the stored articles are loaded."""
    eventually("the desk is ready", lambda: client.get("/health").status_code == 200, within_s=20)


@contextmanager
def named_database(postgres: EmbeddedPostgres, name: str) -> Iterator[str]:
    """A database for all tests of a module, which they share."""
    base = postgres.url.rsplit("/", 1)[0]
    with psycopg.connect(base + "/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE dateline")
    yield f"{base}/{name}"
    with psycopg.connect(base + "/postgres", autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def client(
    pool: ConnectionPool, database_url: str, redis_server: EmbeddedRedis, redis: Redis
) -> Iterator[TestClient]:
    with desk_client(database_url, redis_server.url) as running:
        ready(running)
        yield running
