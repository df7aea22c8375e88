"""Receivers of webhooks that hang or respond slowly delay only their own deliveries."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from typing import Any

import pytest
from psycopg_pool import ConnectionPool

from services.desk.delivery import Deliverer
from services.desk.settings import DeskSettings
from services.runtime.settings import load
from services.store import webhooks
from services.store.search_query import Query
from tests.articles import enriched, stored
from tests.conftest import eventually
from tests.desk.test_webhooks import Receiver, _add


def _says_nothing(connection: socket.socket, over: threading.Event) -> None:
    over.wait(60)


def _drips_its_head(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not over.wait(0.1):
        connection.sendall(b"a")


def _drips_its_status(connection: socket.socket, over: threading.Event) -> None:
    for byte in b"HTTP/1.1 200 " + b"a" * 1000:
        connection.sendall(bytes([byte]))
        if over.wait(0.1):
            return


def _says_to_go_on(connection: socket.socket, over: threading.Event) -> None:
    while not over.wait(0.1):
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


def _talks_without_end(connection: socket.socket, over: threading.Event) -> None:
    connection.sendall(b"HTTP/1.1 500 Oh\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not over.is_set():
        connection.sendall(b"1000\r\n" + b"a" * 4096 + b"\r\n")


_SLOW = [_says_nothing, _drips_its_head, _drips_its_status, _says_to_go_on]


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[socket.socket, threading.Event], None]], str]]:
    """Servers that take a connection and then do as they are told, until the test ends."""
    over = threading.Event()
    opened: list[socket.socket] = []

    def one(connection: socket.socket, does: Callable[[socket.socket, threading.Event], None]) -> None:
        with closing(connection), suppress(OSError):
            connection.recv(65536)
            does(connection, over)

    def started(does: Callable[[socket.socket, threading.Event], None]) -> str:
        server = socket.create_server(("127.0.0.1", 0))
        opened.append(server)

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    threading.Thread(target=one, args=(connection, does), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        return f"http://127.0.0.1:{server.getsockname()[1]}/hook"

    yield started
    over.set()
    for server in opened:
        server.close()


def _deliverer(pool: ConnectionPool, database_url: str, timeout_s: str) -> Deliverer:
    environ = {
        "DATELINE_DATABASE_URL": database_url,
        "DATELINE_REDIS_URL": "redis://127.0.0.1:1/0",
        "DATELINE_ALLOW_HOSTS": "127.0.0.1",
    }
    return Deliverer(pool, load(DeskSettings, environ | {"DATELINE_WEBHOOK_TIMEOUT_S": timeout_s}))


@pytest.mark.parametrize("does", _SLOW)
def test_the_whole_request_has_a_deadline(
    pool: ConnectionPool,
    database_url: str,
    serve: Callable[[Callable[[socket.socket, threading.Event], None]], str],
    does: Callable[[socket.socket, threading.Event], None],
) -> None:
    _add(pool, serve(does), Query())
    stored(pool, enriched())
    assert _deliverer(pool, database_url, "1").tick() == 1
    with pool.connection() as connection:
        (row,) = webhooks.listed(connection)
    assert (row["failures"], row["last_error"]) == (1, "the receiver did not answer within 1 s")


def test_an_answer_without_end_is_not_read(
    pool: ConnectionPool,
    database_url: str,
    serve: Callable[[Callable[[socket.socket, threading.Event], None]], str],
) -> None:
    _add(pool, serve(_talks_without_end), Query())
    stored(pool, enriched())
    assert _deliverer(pool, database_url, "30").tick() == 1
    with pool.connection() as connection:
        (row,) = webhooks.listed(connection)
    assert (row["failures"], row["last_error"]) == (1, "the receiver answered 500")


def test_slow_receivers_hold_up_no_other(
    pool: ConnectionPool,
    database_url: str,
    serve: Callable[[Callable[[socket.socket, threading.Event], None]], str],
) -> None:
    """The honest one has all its articles, delivery by delivery, while the others still hang."""
    honest = Receiver()
    hanging = [_add(pool, serve(does), Query())[0] for does in _SLOW]
    _add(pool, honest.url, Query())
    deliverer = _deliverer(pool, database_url, "20")
    deliverer.start()
    wanted: list[int] = []
    for _ in range(3):
        wanted.extend(stored(pool, enriched()))
        eventually(
            "the honest receiver is told", lambda: sorted(honest.articles()) == sorted(wanted), within_s=15
        )
    with pool.connection() as connection:
        rows = {row["id"]: row["failures"] for row in webhooks.listed(connection)}
        connection.execute("DELETE FROM webhooks")
    assert [rows[number] for number in hanging] == [0] * len(hanging), "they hang still"
    honest.server.shutdown()
    deliverer._stop.set()


@pytest.fixture
def hanging_names(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A system whose name server says nothing of the hosts below `hangs.example`."""
    over = threading.Event()
    asked = socket.getaddrinfo

    def getaddrinfo(host: str, *more: Any, **named: Any) -> Any:
        if str(host).endswith("hangs.example"):
            over.wait(60)
            raise socket.gaierror(socket.EAI_AGAIN, "no name server answers")
        return asked(host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield
    over.set()


def test_a_name_that_is_not_answered_for_ends_with_the_deadline(
    pool: ConnectionPool, database_url: str, hanging_names: None
) -> None:
    _add(pool, "https://a.hangs.example/hook", Query())
    stored(pool, enriched())
    delivery = threading.Thread(target=_deliverer(pool, database_url, "1").tick, daemon=True)
    delivery.start()
    delivery.join(20)
    assert not delivery.is_alive()
    with pool.connection() as connection:
        (row,) = webhooks.listed(connection)
    assert row["failures"] == 1
    assert "within 1 s" in row["last_error"] or "within 0.9" in row["last_error"]


def test_names_that_are_not_answered_for_hold_up_no_other(
    pool: ConnectionPool, database_url: str, hanging_names: None
) -> None:
    honest = Receiver()
    hanging = [_add(pool, f"https://{n}.hangs.example/hook", Query())[0] for n in range(8)]
    _add(pool, honest.url, Query())
    deliverer = _deliverer(pool, database_url, "20")
    deliverer.start()
    wanted: list[int] = []
    for _ in range(3):
        wanted.extend(stored(pool, enriched()))
        eventually(
            "the honest receiver is told", lambda: sorted(honest.articles()) == sorted(wanted), within_s=15
        )
    with pool.connection() as connection:
        rows = {row["id"]: row["failures"] for row in webhooks.listed(connection)}
        connection.execute("DELETE FROM webhooks")
    assert [rows[number] for number in hanging] == [0] * len(hanging), "they hang still"
    honest.server.shutdown()
    deliverer._stop.set()
