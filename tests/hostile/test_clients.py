"""Clients that take their time, send too much or never go cost the desk nothing, and nobody else their
answer."""

from __future__ import annotations

import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest
import uvicorn
from psycopg_pool import ConnectionPool

from services.desk import bounds
from services.desk.app import build
from services.desk.metrics import REGISTRY
from services.desk.serving import HEAD_BYTES, ConnectionLimits, server_config
from services.desk.settings import DeskSettings
from services.desk.state import EXPORTS_AT_ONCE
from services.local.server import free_port
from services.local.valkey import EmbeddedRedis
from services.runtime.settings import load
from services.store import exporting, tokens
from tests.articles import enriched, stored
from tests.conftest import eventually

_LIMITS = ConnectionLimits(head_s=1.5, write_s=1.5, each=20, total=60)


class Running:
    """A desk on a port of its own, in the production profile: nobody gets in without a token."""

    def __init__(self, database_url: str, redis_url: str, pool: ConnectionPool[Any]) -> None:
        environ = {
            "DATELINE_DATABASE_URL": database_url, "DATELINE_REDIS_URL": redis_url,
            "DATELINE_DESK_RATE": "100000",
            "DATELINE_DESK_OPEN_TO": "192.0.2.0/24",
        }  # fmt: skip
        self.port = free_port()
        self.app = build(load(DeskSettings, environ))
        self.server = uvicorn.Server(
            server_config(self.app, address="127.0.0.1", port=self.port, limits=_LIMITS)
        )
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        with pool.connection() as connection:
            self.token_id, self.token = tokens.add(connection, "test", ["read", "submit"])
        eventually("the desk runs", lambda: self.server.started, within_s=20)
        eventually(
            "the desk is ready", lambda: self.ask("GET /health").startswith(b"HTTP/1.1 200"), within_s=20
        )

    def connect(self, source: str = "127.0.0.1") -> socket.socket:
        made = socket.create_connection(("127.0.0.1", self.port), timeout=20, source_address=(source, 0))
        made.settimeout(20)
        return made

    def ask(self, line: str, body: bytes = b"", *headers: str, source: str = "127.0.0.1") -> bytes:
        """The whole answer to one request."""
        with closing(self.connect(source)) as connection:
            connection.sendall(self.head(line, *headers, "Connection: close") + body)
            return everything(connection)

    def head(self, line: str, *headers: str) -> bytes:
        return "\r\n".join([f"{line} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()

    @property
    def bearer(self) -> str:
        return f"Authorization: Bearer {self.token}"


def everything(connection: socket.socket) -> bytes:
    """What comes until the other side closes."""
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionError:
        pass
    return b"".join(parts)


def status(answer: bytes) -> int:
    found = re.match(rb"HTTP/1\.1 (\d+)", answer)
    return int(found[1]) if found else 0


@pytest.fixture
def running(pool: ConnectionPool, database_url: str, redis_server: EmbeddedRedis) -> Iterator[Running]:
    desk = Running(database_url, redis_server.url, pool)
    yield desk
    desk.server.should_exit = True
    desk.thread.join(20)


@pytest.mark.parametrize(
    "line",
    [
        "POST /submissions",
        "POST /dead-letters/replay",
        "POST /webhooks",
        "DELETE /webhooks/1",
        "GET /articles",
        "POST /nowhere",
    ],
)
@pytest.mark.parametrize(
    "length", ["Content-Length: 1000000000", "Content-Length: 1000", "Transfer-Encoding: chunked"]
)
def test_who_has_no_token_is_refused_before_the_body(running: Running, line: str, length: str) -> None:
    with closing(running.connect()) as connection:
        connection.sendall(running.head(line, length, "Content-Type: application/json"))
        assert status(connection.recv(65536)) == 401


def test_a_body_that_goes_on_for_ever_is_cut_off(running: Running) -> None:
    block = b"10000\r\n" + b" " * 65536 + b"\r\n"
    with closing(running.connect()) as connection:
        connection.sendall(running.head("POST /submissions", "Transfer-Encoding: chunked", running.bearer))
        for _ in range(bounds.BODY_BYTES // 65536 + 2):
            connection.sendall(block)
        assert status(connection.recv(65536)) == 413

        def cut() -> bool:
            try:
                connection.sendall(block)
            except OSError:
                return True
            return False

        eventually("the connection is cut", cut, within_s=20)


@pytest.mark.parametrize(
    "path, most", [("/submissions", bounds.BODY_BYTES), ("/session", bounds.SIGN_IN_BYTES)]
)
def test_a_body_that_says_it_is_too_large_is_not_waited_for(running: Running, path: str, most: int) -> None:
    with closing(running.connect()) as connection:
        connection.sendall(running.head(f"POST {path}", f"Content-Length: {most + 1}", running.bearer))
        answer = connection.recv(65536)
    assert status(answer) == 413
    assert b"content-security-policy" in answer


def test_a_body_of_a_fair_size_arrives(running: Running) -> None:
    urls = [f"https://example.org/{n}/{'x' * 1500}" for n in range(1000)]
    body = json.dumps({"urls": urls}).encode()
    answer = running.ask(
        "POST /submissions",
        body,
        f"Content-Length: {len(body)}",
        "Content-Type: application/json",
        running.bearer,
    )
    assert status(answer) == 202


def test_a_large_body_without_a_token_is_told_why(running: Running) -> None:
    """The answer is not lost to a reset while the body is still under way."""
    body = b" " * 5_000_000
    with closing(running.connect()) as connection:
        sender = threading.Thread(
            target=connection.sendall,
            args=(running.head("POST /submissions", f"Content-Length: {len(body)}") + body,),
        )
        sender.start()
        assert status(connection.recv(65536)) == 401
        sender.join(20)


@pytest.mark.parametrize(
    "part", [b"", b"G", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Drip: "]
)
def test_a_head_that_drips_is_cut(running: Running, part: bytes) -> None:
    with closing(running.connect()) as connection:
        connection.sendall(part)
        connection.settimeout(0.2)

        def cut() -> bool:
            try:
                connection.sendall(b"a")
                return connection.recv(65536) == b""
            except TimeoutError:
                return False
            except OSError:
                return True

        eventually("the connection is cut", cut, within_s=20)


def test_a_body_that_drips_is_cut(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    layer: Any = running.app.middleware_stack
    while not isinstance(layer, bounds.RequestLimitsMiddleware):
        layer = getattr(layer, "_app", None) or layer.app
    monkeypatch.setattr(layer, "_body_s", 1.0)
    with closing(running.connect()) as connection:
        connection.sendall(running.head("POST /submissions", "Content-Length: 1000", running.bearer))
        connection.settimeout(0.1)
        got = b""

        def answered() -> bool:
            nonlocal got
            try:
                connection.sendall(b" ")
                got += connection.recv(65536)
            except TimeoutError:
                pass
            except OSError:
                return bool(got)
            return b"\r\n\r\n" in got

        eventually("it is answered", answered, within_s=20)
    assert status(got) == 408


@pytest.mark.parametrize("source", ["127.0.0.1", "127.0.0.2"])
@pytest.mark.parametrize(
    "part",
    [
        b"",
        b"GET / HTTP/1.1\r\nX-Half: ",
        b"POST /session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n\r\n",
    ],
)
def test_half_open_connections_shut_nobody_out(running: Running, source: str, part: bytes) -> None:
    with ExitStack() as stack:
        for _ in range(505):
            connection = stack.enter_context(closing(running.connect()))
            try:
                connection.sendall(part)
            except OSError:
                continue  # it was cut already
        assert status(running.ask("GET /health", source=source)) == 200
        assert len(running.server.server_state.connections) <= _LIMITS.total + 1


def test_a_client_that_takes_nothing_of_its_answers_is_cut(running: Running) -> None:
    with closing(socket.socket()) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", running.port))
        connection.settimeout(0.2)
        ask = running.head("GET /openapi.json", running.bearer)

        def cut() -> bool:
            try:
                connection.sendall(ask * 20)
            except TimeoutError:
                return False
            except OSError:
                return True
            return False

        eventually("the connection is cut", cut, within_s=30)
    eventually("its place is free", lambda: len(running.server.server_state.connections) == 0, within_s=20)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "X" * 200])
def test_a_made_up_method_is_refused_and_makes_no_label(running: Running, method: str) -> None:
    assert status(running.ask(f"{method} /articles")) == 405
    seen = {
        sample.labels[name]
        for family in REGISTRY.collect()
        for sample in family.samples
        for name in ("method", "route", "status")
        if name in sample.labels
    }
    assert method not in seen
    assert "other" in seen


def test_made_up_paths_are_one_label(running: Running) -> None:
    for n in range(5):
        assert status(running.ask(f"GET /made-up/{n}")) == 404
        running.ask(f"GET /static/made-up/{n}")
        running.ask(f"GET /articles/{n}/made-up")
    routes = {s.labels["route"] for f in REGISTRY.collect() for s in f.samples if "route" in s.labels}
    assert not [r for r in routes if "made-up" in r]


@pytest.mark.parametrize(
    "line, headers, wanted",
    [
        ("GET /articles?text=" + "a" * 9000, [], {414}),
        ("GET /" + "a" * 9000, [], {414}),
        ("GET /health", ["X-Long: " + "a" * (HEAD_BYTES + 1)], {400, 431}),
        ("GET /health", [f"X-{n}: {'a' * 100}" for n in range(400)], {400, 431}),
        ("GET /health",
        ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Key: eA==", "Sec-WebSocket-Version: 13"],
        {200}),
    ],
)  # fmt: skip
def test_heads_have_a_fair_size(running: Running, line: str, headers: list[str], wanted: set[int]) -> None:
    assert status(running.ask(line, b"", *headers)) in wanted


_EXPORTS = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'dateline export'"


@pytest.fixture
def large(pool: ConnectionPool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Articles of which an export is far larger than what sockets hold, in several blocks."""
    monkeypatch.setattr(exporting, "_BATCH", 5)
    stored(pool, *(enriched() for _ in range(60)))
    with pool.connection() as connection:
        connection.execute("UPDATE articles SET text = repeat(md5(id::text), 10000)")


def _opened(running: Running, path: str, header: str = "") -> socket.socket:
    """A stream that has begun, to a client that has hardly any room for it."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(20)
    connection.connect(("127.0.0.1", running.port))
    connection.sendall(running.head(f"GET {path}", header or running.bearer))
    assert status(connection.recv(1000)) == 200
    return connection


def _nothing_is_held(running: Running, pool: ConnectionPool[Any]) -> bool:
    desk = running.app.state.desk
    with pool.connection() as connection:
        row = connection.execute(_EXPORTS).fetchone()
    return row == (0,) and bool(desk.exports._value == EXPORTS_AT_ONCE and desk.watchers == 0)


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
@pytest.mark.parametrize("goes", [True, False])
def test_an_export_that_nobody_reads_gives_back_all_it_holds(
    running: Running, pool: ConnectionPool[Any], large: None, kind: str, goes: bool
) -> None:
    opened = [_opened(running, f"/export?format={kind}") for _ in range(EXPORTS_AT_ONCE)]
    if kind != "parquet":  # small enough to be under way as a whole
        assert not _nothing_is_held(running, pool)
    if goes:
        for connection in opened:
            connection.close()
    eventually("all is given back", lambda: _nothing_is_held(running, pool), within_s=20)
    assert status(running.ask("GET /export?language=xx", b"", running.bearer)) == 200
    for connection in opened:
        connection.close()


@pytest.mark.parametrize("path", ["/events", "/export"])
@pytest.mark.parametrize("how", ["revoked_at = now()", "expires_at = now()"])
def test_a_stream_ends_with_its_token(
    running: Running, pool: ConnectionPool[Any], large: None, path: str, how: str
) -> None:
    with closing(_opened(running, path)) as connection:
        with pool.connection() as database:
            database.execute(f"UPDATE api_tokens SET {how} WHERE id = %s", (running.token_id,))
        eventually("all is given back", lambda: _nothing_is_held(running, pool), within_s=20)
        assert not everything(connection).endswith(b"0\r\n\r\n"), "it does not look whole"


def test_watchers_that_go_give_back_their_places(running: Running, pool: ConnectionPool[Any]) -> None:
    opened = [_opened(running, "/events") for _ in range(15)]
    assert running.app.state.desk.watchers == 15
    for connection in opened:
        connection.close()
    eventually("all is given back", lambda: _nothing_is_held(running, pool), within_s=20)


def test_a_stream_goes_on_where_it_broke(running: Running, pool: ConnectionPool[Any]) -> None:
    second = stored(pool, enriched(), enriched())[1]
    desk = running.app.state.desk
    eventually("both are known", lambda: len(desk.follower.recent) == 2, within_s=20)
    before = desk.follower.recent[0].seq
    with closing(running.connect()) as connection:
        connection.sendall(running.head("GET /events", running.bearer, f"Last-Event-ID: {before}"))
        got = b""

        def told() -> bool:
            nonlocal got
            got += connection.recv(65536)
            return b"event: change" in got and f'"articles": [{second}]'.encode() in got

        eventually("the second is told", told, within_s=20)
