"""Every response has the security headers and is kept out of caches: routes, errors, files, streams,
refusals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from psycopg_pool import ConnectionPool

from services.desk.app import build
from services.desk.bounds import BODY_BYTES
from services.desk.headers import HEADERS
from services.desk.pages import STATIC
from services.desk.settings import DeskSettings
from services.local.postgres import EmbeddedPostgres
from services.local.valkey import EmbeddedRedis
from services.runtime.settings import load
from tests.desk.conftest import ELSEWHERE, desk_client, named_database, ready
from tests.hostile import test_clients
from tests.hostile.test_clients import Running, running, status  # noqa: F401  the fixture

_STREAM = "/events"
_NOWHERE = {
    "DATELINE_DATABASE_URL": "postgresql://dateline@127.0.0.1:1/dateline",
    "DATELINE_REDIS_URL": "redis://127.0.0.1:1/0",
}
_FILES = sorted(f"/static/{path.relative_to(STATIC)}" for path in STATIC.rglob("*") if path.is_file())


def every_route(routes: Any) -> Iterator[tuple[str, str]]:
    """Method and path of each of the application's own table, whether it is described or not."""
    for route in routes:
        if (inner := getattr(route, "original_router", None)) is not None:
            yield from every_route(inner.routes)
        elif methods := getattr(route, "methods", None):
            yield from ((method, re.sub(r"{[^}]*}", "1", route.path)) for method in sorted(methods))
        else:
            yield "GET", f"{route.path}/{_FILES[0].removeprefix('/static/')}"


_ROUTES = sorted(set(every_route(build(load(DeskSettings, _NOWHERE)).routes)))


def _check(headers: Any, where: object, *, kept: bool = False) -> None:
    for name, value in HEADERS.items():
        wanted = "no-cache" if kept and name == "cache-control" else value
        assert headers.get(name) == wanted, (where, name)


def _is_kept(path: str) -> bool:
    return path in ("/", "/favicon.ico") or path.startswith("/static/")


def test_the_policy_lets_nothing_in_from_elsewhere_and_nothing_within_the_markup() -> None:
    policy = dict(part.split(" ", 1) for part in HEADERS["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert {
        value for name, value in policy.items() if name not in ("default-src", "frame-ancestors", "base-uri")
    } == {"'self'"}


@pytest.fixture(scope="module", params=["near", "far"])
def asked(
    request: pytest.FixtureRequest, postgres: EmbeddedPostgres, redis_server: EmbeddedRedis
) -> Iterator[TestClient]:
    """The desk as the machine itself sees it, and as somebody without a token does."""
    where = {} if request.param == "near" else {"client": ELSEWHERE}
    with (
        named_database(postgres, f"headers_{request.param}") as database_url,
        desk_client(database_url, redis_server.url, **where) as client,
    ):
        ready(client)
        yield client


def test_the_table_of_routes_is_seen_whole(asked: TestClient) -> None:
    app = asked.app
    assert isinstance(app, FastAPI)
    described = {
        (m.upper(), re.sub(r"{[^}]*}", "1", path)) for path, ms in app.openapi()["paths"].items() for m in ms
    }
    assert described < set(_ROUTES)
    assert {path for _, path in set(_ROUTES) - described} == {"/", "/favicon.ico", "/openapi.json", _FILES[0]}


@pytest.mark.parametrize(("method", "path"), _ROUTES)
def test_every_address_answers_with_them(asked: TestClient, method: str, path: str) -> None:
    more: dict[str, Any] = {"json": {}} if method == "POST" else {}
    if path == _STREAM:  # one that is let in does not end: that is asked for below
        more = {"headers": {"Authorization": "Bearer dl_nobody"}}
    answer = asked.request(method, path, **more)
    assert answer.status_code != 405
    _check(answer.headers, (method, path), kept=_is_kept(path) and answer.status_code == 200)


@pytest.mark.parametrize(
    "path",
    [
        *_FILES,
        "/static/../app.py",
        "/static/none.js",
        "/docs",
        "/redoc",
        "/nowhere",
        "/articles/x",
        "/articles?limit=0",
        "/export?format=csv",
    ],
)
def test_files_and_errors_have_them(asked: TestClient, path: str) -> None:
    answer = asked.get(path)
    _check(answer.headers, path, kept=_is_kept(path) and answer.status_code == 200)
    if path in ("/docs", "/redoc"):
        assert answer.status_code == 404, "its page of documentation would load scripts from elsewhere"


def test_a_file_that_is_the_same_still_has_them(asked: TestClient) -> None:
    known = asked.get("/static/style.css").headers["etag"]
    answer = asked.get("/static/style.css", headers={"If-None-Match": known})
    assert answer.status_code == 304
    _check(answer.headers, "304", kept=True)


def test_an_address_that_fails_has_them() -> None:
    app = build(load(DeskSettings, _NOWHERE))

    @app.get("/new")
    def new() -> None:
        raise RuntimeError("it was not thought of that")

    answer = TestClient(app, raise_server_exceptions=False).get("/new")
    assert answer.status_code == 500
    assert "thought" not in answer.text
    _check(answer.headers, 500)


def test_who_hurries_is_told_so_with_them(database_url: str, redis_server: EmbeddedRedis) -> None:
    with desk_client(
        database_url, redis_server.url, DATELINE_DESK_RATE="1", DATELINE_DESK_HOSTS="desk.example"
    ) as client:
        _check(client.get("/me", headers={"Host": "another"}).headers, 421)
        answers = [client.get("/me") for _ in range(6)]
        assert answers[-1].status_code == 429
        _check(answers[-1].headers, 429)


def _headers(answer: bytes) -> dict[str, str]:
    lines = answer.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    told = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
    assert len(dict(told)) == len(told), "none is told twice"
    return dict(told)


_REFUSED = (
    (b"\x00\x01\r\n\r\n", 400), (b"GET / HTTP/1.1\r\n\r\n", 400),
    (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 70_000 + b"\r\n\r\n", 431),
    (b"PUT / HTTP/1.1\r\nHost: x\r\n\r\n", 405),
    (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
    (b"POST /submissions HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n", 401),
    (b"POST /session HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % (BODY_BYTES * 2), 413),
    (b"POST /session HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nno number\r\n", 400),
)  # fmt: skip


def test_what_is_refused_before_it_is_routed_has_them(running: Running) -> None:  # noqa: F811
    for sent, wanted in _REFUSED:
        with closing(running.connect()) as connection:
            connection.sendall(sent)
            answer = connection.recv(65536)
        # A head that is too large is refused by the parser or by the desk, by how it arrives.
        assert status(answer) in ((400, 431) if wanted == 431 else (wanted,)), sent[:100]
        _check(_headers(answer), sent[:100])


def test_streams_have_them(running: Running) -> None:  # noqa: F811
    for path in ("/events", "/export", "/export?format=parquet"):
        with closing(running.connect()) as connection:
            connection.sendall(running.head(f"GET {path}", running.bearer))
            answer = connection.recv(65536)
        assert status(answer) == 200
        _check(_headers(answer), path)


def test_a_crowd_is_told_so_with_them(
    pool: ConnectionPool[Any], database_url: str, redis_server: EmbeddedRedis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(test_clients, "_LIMITS", replace(test_clients._LIMITS, total=1, spare=1))
    desk = Running(database_url, redis_server.url, pool)
    held = []
    for _ in range(2):
        connection = desk.connect()
        held.append(connection)
        connection.sendall(desk.head("GET /events", desk.bearer))
        assert status(connection.recv(65536)) == 200
    answer = desk.ask("GET /health")
    assert status(answer) == 503
    _check(_headers(answer), "a crowd")
    for connection in held:
        connection.close()
    desk.server.should_exit = True
    desk.thread.join(20)
