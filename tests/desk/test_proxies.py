"""Behind a proxy: the client's address and scheme, and the accepted Host headers."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from psycopg_pool import ConnectionPool

from services.desk.proxies import apply_forwarded, caller_key
from services.local.valkey import EmbeddedRedis
from services.store import tokens
from tests.desk.conftest import desk_client

PROXIES = (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8"))
PROXY = ("10.0.0.1", 40_000)


def _scope(client: str, **headers: str) -> dict[str, Any]:
    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "client": (client, 1), "scheme": "http", "headers": named}


@pytest.mark.parametrize(
    "client, forwarded, seen",
    [
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "127.0.0.1, 203.0.113.9", "203.0.113.9"),  # the first was made up by the client
        ("10.0.0.1", "203.0.113.9, 10.2.2.2", "203.0.113.9"),
        ("10.0.0.1", "[2001:db8::1]", "2001:db8::1"),
        ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("fd00::1", "2001:db8::1", "2001:db8::1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "127.0.0.1, unknown", "10.0.0.1"),
        ("10.0.0.1", "127.0.0.1:80", "10.0.0.1"),
        ("10.0.0.1", "1.1.1.1," * 1000, "10.0.0.1"),
        ("192.0.2.1", "127.0.0.1", "192.0.2.1"),
        ("127.0.0.1", "203.0.113.9", "127.0.0.1"),
        ("testclient", "203.0.113.9", "testclient"),
    ],
)
def test_a_trusted_proxy_says_who_calls_and_nobody_else(client: str, forwarded: str, seen: str) -> None:
    scope = _scope(client, x_forwarded_for=forwarded, x_forwarded_proto="https")
    apply_forwarded(scope, PROXIES)
    assert scope["client"][0] == seen
    trusted = client not in ("192.0.2.1", "127.0.0.1", "testclient")
    assert scope["scheme"] == ("https" if trusted else "http")


@pytest.mark.parametrize(
    "proto, seen",
    [("https", "https"), ("HTTPS", "https"), ("https, http", "http"), ("gopher", "http"), ("", "http")],
)
def test_only_http_and_https_are_schemes(proto: str, seen: str) -> None:
    scope = _scope("10.0.0.1", x_forwarded_proto=proto)
    apply_forwarded(scope, PROXIES)
    assert scope["scheme"] == seen


def test_several_headers_of_a_name_are_one_list() -> None:
    scope = _scope("10.0.0.1")
    scope["headers"] = [(b"x-forwarded-for", b"127.0.0.1"), (b"x-forwarded-for", b"203.0.113.9")]
    apply_forwarded(scope, PROXIES)
    assert scope["client"][0] == "203.0.113.9"


@pytest.mark.parametrize(
    "address, key",
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:0:1::5", "2001:db8:0:1::/64"),
        ("2001:db8:0:1:ffff::5", "2001:db8:0:1::/64"),
        ("::1", "::1"),
        ("?", "?"),
    ],
)
def test_a_subscriber_is_one_caller(address: str, key: str) -> None:
    assert caller_key(address) == key


@pytest.mark.parametrize("proto, secure", [("https", True), ("http", False), (None, False)])
def test_the_cookie_is_for_tls_alone_where_the_proxy_speaks_tls(
    pool: ConnectionPool, database_url: str, redis_server: EmbeddedRedis, proto: str | None, secure: bool
) -> None:
    with pool.connection() as connection:
        _, token = tokens.add(connection, "test", ["read"])
    headers = {"X-Forwarded-For": "203.0.113.9"} | ({"X-Forwarded-Proto": proto} if proto else {})
    for trusted in ("10.0.0.0/8", ""):
        more = {"DATELINE_TRUSTED_PROXIES": trusted}
        with desk_client(database_url, redis_server.url, client=PROXY, **more) as client:
            done = client.post("/session", json={"token": token}, headers=headers)
        assert done.status_code == 200
        assert ("secure" in done.headers["set-cookie"].lower()) is (secure and bool(trusted))


def test_who_comes_through_a_proxy_is_not_the_machine_itself(
    pool: ConnectionPool, database_url: str, redis_server: EmbeddedRedis
) -> None:
    with desk_client(database_url, redis_server.url, DATELINE_TRUSTED_PROXIES="127.0.0.1") as client:
        assert client.get("/me").status_code == 200
        assert client.get("/me", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 401


def test_callers_behind_a_proxy_have_a_pace_each(
    pool: ConnectionPool, database_url: str, redis_server: EmbeddedRedis
) -> None:
    more = {"DATELINE_TRUSTED_PROXIES": "10.0.0.0/8", "DATELINE_DESK_RATE": "1"}
    with desk_client(database_url, redis_server.url, client=PROXY, **more) as client:
        fast = [client.get("/", headers={"X-Forwarded-For": "203.0.113.9"}).status_code for _ in range(8)]
        assert fast[-1] == 429
        assert client.get("/", headers={"X-Forwarded-For": "203.0.113.10"}).status_code == 200


@pytest.mark.parametrize(
    "host, status",
    [
        ("desk.example", 200),
        ("DESK.example:8443", 200),
        ("desk.example.", 421),
        ("localhost:8080", 200),
        ("127.0.0.1", 200),
        ("[::1]:8080", 200),
        ("evil.example", 421),
        ("desk.example.evil.example", 421),
        ("user@evil.example", 421),
        ("[::1", 421),
        ("", 421),
    ],
)
def test_the_desk_is_opened_by_its_own_names_alone(
    pool: ConnectionPool, database_url: str, redis_server: EmbeddedRedis, host: str, status: int
) -> None:
    with desk_client(database_url, redis_server.url, DATELINE_DESK_HOSTS="desk.example") as client:
        assert client.get("/", headers={"Host": host}).status_code == status
        assert client.get("/health", headers={"Host": host}).status_code in (200, 503), (
            "probes ask by an address"
        )
