"""An export's query is cancelled in Postgres when its client disconnects, stops reading or loses its
token."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from typing import Any

import pytest
from psycopg_pool import ConnectionPool

from services.desk.state import EXPORTS_AT_ONCE
from services.store import article_reader, exporting
from tests.articles import enriched, stored
from tests.conftest import eventually
from tests.hostile.test_clients import Running, _nothing_is_held, running, status  # noqa: F401  the fixture

_UNDER_WAY = (
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'dateline export' "
    "AND state = 'active' AND query ~ 'pg_sleep|FETCH'"
)
_FOR_EVER = ", CASE WHEN a.id > {} THEN pg_sleep(600)::text END AS slept FROM articles a LEFT"


@pytest.fixture
def endless(pool: ConnectionPool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Articles of which a database would write the first few, and then ten minutes none."""
    few = stored(pool, *(enriched() for _ in range(6)))[2]
    monkeypatch.setattr(
        article_reader,
        "_EXPORT",
        article_reader._EXPORT.replace("\n    FROM articles a LEFT", _FOR_EVER.format(few)),
    )
    assert "pg_sleep" in article_reader._EXPORT


def _goes(connection: socket.socket, running: Running, pool: ConnectionPool) -> None:  # noqa: F811
    connection.close()


def _breaks_off(connection: socket.socket, running: Running, pool: ConnectionPool) -> None:  # noqa: F811
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _loses_its_token(connection: socket.socket, running: Running, pool: ConnectionPool) -> None:  # noqa: F811
    with pool.connection() as database:
        database.execute("UPDATE api_tokens SET revoked_at = now() WHERE id = %s", (running.token_id,))


@pytest.mark.parametrize("kind", exporting.FORMATS)
@pytest.mark.parametrize("ends", [_goes, _breaks_off, _loses_its_token])
def test_a_query_ends_with_its_reader(
    running: Running,  # noqa: F811
    pool: ConnectionPool,
    endless: None,
    kind: str,
    ends: Callable[[socket.socket, Running, ConnectionPool[Any]], None],
) -> None:
    opened = [running.connect() for _ in range(EXPORTS_AT_ONCE)]
    for connection in opened:
        connection.sendall(running.head(f"GET /export?format={kind}", running.bearer))

    def under_way() -> bool:
        with pool.connection() as database:
            return database.execute(_UNDER_WAY).fetchone() == (EXPORTS_AT_ONCE,)

    eventually("the queries are under way", under_way, within_s=20)
    for connection in opened:
        ends(connection, running, pool)
    eventually("all is given back", lambda: _nothing_is_held(running, pool), within_s=25)
    for connection in opened:
        connection.close()


def test_a_query_that_begins_as_its_reader_goes_ends_as_well(
    running: Running,  # noqa: F811
    pool: ConnectionPool,
    endless: None,
) -> None:
    for _ in range(EXPORTS_AT_ONCE):
        connection = running.connect()
        connection.sendall(running.head("GET /export", running.bearer))
        connection.close()
    eventually("all is given back", lambda: _nothing_is_held(running, pool), within_s=25)
    assert status(running.ask("GET /health")) == 200
