"""Whatever a parameter, a body or a header of any address holds, the desk answers, and names what it refuses.

The addresses and their parameters are those of the desk's own description: a new one is tried by itself.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
import uvicorn
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.desk.app import build
from services.desk.delivery import Deliverer
from services.desk.serving import server_config
from services.desk.settings import DeskSettings
from services.local.postgres import EmbeddedPostgres
from services.local.valkey import EmbeddedRedis
from services.runtime.settings import load
from tests.conftest import eventually
from tests.desk.conftest import named_database
from tests.desk.test_schema import ENDLESS
from tests.hostile import odd_values

_SETTINGS = {
    "DATELINE_REDIS_URL": "redis://127.0.0.1:1/0",
    "DATELINE_DATABASE_URL": "postgresql://dateline@127.0.0.1:1/dateline",
    "DATELINE_DESK_RATE": "100000",
}
_FEW, _MANY = 12, 500
_ITEM = (
    "url",
    "title",
    "published_at",
    "authors",
    "section",
    "language",
    "text",
    "topic",
    "region",
    "near",
    "since",
    "place",
)
_HEADERS = (
    "Host",
    "Origin",
    "Sec-Fetch-Site",
    "Content-Type",
    "Authorization",
    "Cookie",
    "Last-Event-ID",
    "X-Forwarded-For",
    "X-Forwarded-Proto",
    "Range",
    "If-None-Match",
    "If-Modified-Since",
    "Accept-Encoding",
    "Accept",
    "Expect",
    "X-Any",
)


class Operation:
    """An address with a method, as the description has it."""

    def __init__(self, method: str, path: str, told: dict[str, Any], schemas: dict[str, Any]) -> None:
        self.method, self.path = method.upper(), path
        self.parameters = told.get("parameters", [])
        body = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        self.body = schemas[body["$ref"].rpartition("/")[2]] if body else None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(p["name"] for p in self.parameters) + tuple((self.body or {}).get("properties", ()))

    def url(self, given: dict[str, list[bytes]]) -> str:
        """With these values, and one that will do wherever one is needed."""
        path, query = self.path, []
        for parameter in self.parameters:
            name = parameter["name"]
            values = given.get(name) or (
                [str(_plain(parameter["schema"])).encode()] if parameter["required"] else []
            )
            if parameter["in"] == "path":
                path = path.replace(f"{{{name}}}", quote_from_bytes(values[0], safe=""))
            else:
                query += [f"{name}={quote_from_bytes(value, safe='')}" for value in values]
        return path + ("?" + "&".join(query) if query else "")

    def content(self, given: dict[str, Any]) -> bytes | None:
        """A body with these properties, and those that it needs."""
        if self.body is None:
            return None
        wanted = {name: _plain(self.body["properties"][name]) for name in self.body.get("required", ())}
        return json.dumps(wanted | given).encode()


def _plain(schema: dict[str, Any]) -> Any:
    """A value that will do."""
    kind = schema.get("type")
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    return ["https://example.org/a"] if kind == "array" else "https://example.org/a"


def _described() -> FastAPI:
    return build(load(DeskSettings, _SETTINGS))


def operations() -> list[Operation]:
    """All that the desk describes."""
    told = _described().openapi()
    return [
        Operation(method, path, operation, told["components"]["schemas"])
        for path, methods in told["paths"].items()
        for method, operation in methods.items()
    ]


_ALL = operations()
_WITH_PARAMETERS = [o for o in _ALL if o.parameters and o.path != ENDLESS]
_WITH_BODIES = [o for o in _ALL if o.body is not None]


class Asked:
    """One connection to a desk, made anew where the desk closes it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)

    def __call__(
        self, method: str, url: str, body: bytes | None = None, headers: tuple[tuple[str, bytes], ...] = ()
    ) -> tuple[HTTPResponse, bytes]:
        told = {name.lower() for name, _ in headers}
        self._connection.putrequest(
            method, url, skip_host="host" in told, skip_accept_encoding="accept-encoding" in told
        )
        for name, value in headers:
            self._connection.putheader(name, value)
        if body is not None:
            self._connection.putheader("Content-Length", str(len(body)))
            if "content-type" not in told:
                self._connection.putheader("Content-Type", "application/json")
        try:
            self._connection.endheaders(body)
            answer = self._connection.getresponse()
            return answer, b"" if url == ENDLESS else _whole(answer)
        finally:
            if url == ENDLESS or self._connection.sock is None:
                self._connection.close()
                self._connection = HTTPConnection("127.0.0.1", self._port, timeout=60)


def _whole(answer: HTTPResponse) -> bytes:
    try:
        return answer.read()
    except ConnectionError:  # what is no HTTP is cut off
        assert answer.status == 400
        return b""


@pytest.fixture(scope="module")
def asked(postgres: EmbeddedPostgres, redis_server: EmbeddedRedis) -> Iterator[Asked]:
    """A desk of its own, on a port; it tells no webhook of anything."""
    with named_database(postgres, "parameters") as database_url, pytest.MonkeyPatch.context() as patch:
        environ = {
            "DATELINE_DATABASE_URL": database_url,
            "DATELINE_REDIS_URL": redis_server.url,
            "DATELINE_TRUSTED_PROXIES": "127.0.0.1",
        }
        patch.setattr(Deliverer, "start", lambda _: None)
        patch.setattr(Deliverer, "stop", lambda _: None)
        app = build(load(DeskSettings, _SETTINGS | environ))
        server = uvicorn.Server(server_config(app, address="127.0.0.1", port=0))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        eventually("the desk runs", lambda: server.started, within_s=20)
        ask = Asked(server.servers[0].sockets[0].getsockname()[1])
        eventually("the desk is ready", lambda: ask("GET", "/health")[0].status == 200, within_s=20)
        yield ask
        server.should_exit = True
        thread.join(20)


def _examples(number: int) -> settings:
    return settings(
        max_examples=number,
        deadline=None,
        derandomize=number == _FEW,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def _said(answer: HTTPResponse, body: bytes, where: object) -> Any:
    """What an answer says; a refusal is JSON with a reason."""
    assert answer.status < 500, (where, answer.status, body[:500])
    if answer.status < 400:
        return None
    assert answer.headers["content-type"] == "application/json", (where, body[:500])
    said = json.loads(body)["detail"]
    assert said, where
    return said


def _named(said: Any) -> set[str]:
    """The parameters that a refusal of values names."""
    return {str(part) for problem in said for part in problem["loc"][1:2]}


def _is_fine(asked: Asked, operation: Operation) -> bool:
    """Whether the operation takes the values that are put where one is needed."""
    return asked(operation.method, operation.url({}), operation.content({}))[0].status != 422


def _ask(asked: Asked, operation: Operation, values: dict[str, list[bytes]], others: set[str]) -> None:
    answer, body = asked(operation.method, operation.url(values), operation.content({}))
    said = _said(answer, body, (str(operation), values))
    if answer.status == 422:
        assert _named(said) & ({*values} | others), (str(operation), values, said)


@pytest.mark.parametrize("operation", _WITH_PARAMETERS, ids=str)
@pytest.mark.parametrize("examples", [_FEW, pytest.param(_MANY, marks=pytest.mark.long)])
def test_whatever_a_parameter_holds_is_answered_or_refused_by_name(
    asked: Asked, operation: Operation, examples: int
) -> None:
    others = set() if _is_fine(asked, operation) else set(operation.names)
    for parameter in operation.parameters:
        name, most = parameter["name"], 1 if parameter["in"] == "path" else 3

        @given(values=st.lists(odd_values.raw, min_size=1, max_size=most))
        @_examples(examples)
        def holds(values: list[bytes]) -> None:
            _ask(asked, operation, {name: values}, others)  # noqa: B023  called at once

        holds()


@pytest.mark.parametrize("operation", _WITH_PARAMETERS, ids=str)
@pytest.mark.parametrize("examples", [_FEW, pytest.param(_MANY, marks=pytest.mark.long)])
def test_whatever_several_parameters_hold_is_answered(
    asked: Asked, operation: Operation, examples: int
) -> None:
    names = [p["name"] for p in operation.parameters] + ["nobody-knows-it"]

    @given(
        values=st.dictionaries(
            st.sampled_from(names), st.lists(odd_values.raw, min_size=1, max_size=2), min_size=1
        )
    )
    @_examples(examples)
    def holds(values: dict[str, list[bytes]]) -> None:
        _ask(asked, operation, values, set(operation.names))

    holds()


@pytest.mark.parametrize("operation", _WITH_BODIES, ids=str)
@pytest.mark.parametrize("examples", [_FEW, pytest.param(_MANY, marks=pytest.mark.long)])
def test_whatever_a_property_of_a_body_holds_is_answered_or_refused_by_name(
    asked: Asked, operation: Operation, examples: int
) -> None:
    assert operation.body is not None
    others = set() if _is_fine(asked, operation) else set(operation.names)
    for name in operation.body["properties"]:

        @given(value=odd_values.json_values((*_ITEM, *operation.names)))
        @_examples(examples * 3)
        def holds(value: Any) -> None:
            answer, body = asked(operation.method, operation.url({}), operation.content({name: value}))  # noqa: B023  called at once
            said = _said(answer, body, (str(operation), name, value))  # noqa: B023
            if answer.status == 422:
                assert _named(said) & ({name} | others), (str(operation), name, value, said)  # noqa: B023

        holds()


@pytest.mark.parametrize("operation", _WITH_BODIES, ids=str)
@pytest.mark.parametrize("examples", [_FEW, pytest.param(_MANY, marks=pytest.mark.long)])
def test_whatever_a_body_is_it_is_answered(asked: Asked, operation: Operation, examples: int) -> None:
    odd_json = odd_values.json_values((*_ITEM, *operation.names)).map(
        lambda value: json.dumps(value).encode()
    )

    @given(
        body=st.one_of(
            st.binary(), odd_json, odd_json.flatmap(lambda b: st.integers(0, len(b)).map(lambda n: b[:n]))
        )
    )
    @_examples(examples * 3)
    def holds(body: bytes) -> None:
        answer, told = asked(operation.method, operation.url({}), body)
        _said(answer, told, (str(operation), body))

    holds()


@pytest.mark.parametrize("name", _HEADERS)
@pytest.mark.parametrize("examples", [_FEW, pytest.param(_MANY, marks=pytest.mark.long)])
def test_whatever_a_header_holds_is_answered(asked: Asked, name: str, examples: int) -> None:
    lines = odd_values.raw.map(lambda value: value.translate(None, b"\x00\r\n")[:8000])

    @given(values=st.lists(lines, min_size=1, max_size=2))
    @_examples(examples * 3)
    def holds(values: list[bytes]) -> None:
        headers = tuple((name, value) for value in values)
        for method, url, body in (
            ("GET", "/me", None),
            ("GET", "/static/js/dom.js", None),
            ("GET", ENDLESS, None),
            ("POST", "/session", b'{"token": "x"}'),
        ):
            answer, told = asked(method, url, body, headers)
            assert answer.status < 500, (method, url, headers, told[:500])

    holds()
