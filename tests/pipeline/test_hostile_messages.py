"""Whatever any program puts into a queue: it is refused once and kept in quarantine, and the worker that met it goes on."""

from __future__ import annotations

import base64
import json
import sys
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from redis import Redis

from services.contract.routes import QUEUES, ROUTES, URL_LIST
from services.demo.pages import stories
from services.demo.site import Site
from services.runtime import quarantine
from services.runtime.celery_app import CONTENT_TYPE
from services.runtime.stack import Stack
from tests.conftest import STACK_SETTINGS, eventually
from tests.pipeline.lives import rows, settle, submit

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

pytestmark = [pytest.mark.pipeline, pytest.mark.timeout(400)]
_TASKS = {queue: [route.task for route in ROUTES.values() if route.queue == queue] for queue in QUEUES}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    settings = STACK_SETTINGS | {"DATELINE_VISIBILITY_TIMEOUT_S": "15"}
    running = Stack(tmp_path_factory.mktemp("hostile"), environ=settings, flower=False, desk=False)
    running.start()
    yield running
    running.stop()
    running.wipe()


def _envelope(queue: str, body: bytes, **headers: Any) -> dict[str, Any]:
    """A message as Celery writes it; a header given as None is left out."""
    task_id = uuid.uuid4().hex
    base = {
        "lang": "py",
        "task": _TASKS[queue][0],
        "id": task_id,
        "retries": 0,
        "timelimit": [None, None],
        "root_id": task_id,
    }
    return {
        "body": base64.b64encode(body).decode(),
        "content-encoding": "utf-8",
        "content-type": CONTENT_TYPE,
        "headers": {k: v for k, v in (base | headers).items() if v is not None},
        "properties": {
            "correlation_id": task_id, "delivery_mode": 2, "priority": 0, "body_encoding": "base64",
            "delivery_tag": str(uuid.uuid4()), "delivery_info": {"exchange": queue, "routing_key": queue},
        },
    }  # fmt: skip


def _without(queue: str, *path: str) -> dict[str, Any]:
    whole = _envelope(queue, b"[[],{},{}]")
    part = whole
    for name in path[:-1]:
        part = part[name]
    del part[path[-1]]
    return whole


def _with(queue: str, value: Any, *path: str) -> dict[str, Any]:
    whole = _envelope(queue, b"[[],{},{}]")
    part = whole
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    return whole


def _items(queue: str, items: str, version: str = "1") -> bytes:
    kind = next(kind for kind, route in ROUTES.items() if route.queue == queue)
    return f'[[{{"type":"{kind.__name__}","v":{version},"items":{items}}}],{{}},{{}}]'.encode()


_EMPTY = b'[[{}],{},{"callbacks":null,"errbacks":null,"chain":null,"chord":null}]'
KINDS: dict[str, Callable[[str], bytes | dict[str, Any]]] = {
    "no JSON": lambda q: b"\xff\xfe\x00 nonsense",
    "empty": lambda q: b"",
    "a number": lambda q: b"17",
    "a list": lambda q: b"[1, 2, 3]",
    "null": lambda q: b"null",
    "deep JSON": lambda q: b"[" * 200_000,
    "lone surrogate": lambda q: b'{"body": "\\ud800", "headers": {"task": "\\udfff"}}',
    "an object of nothing": lambda q: b"{}",
    "no properties": lambda q: _without(q, "properties"),
    "no tag": lambda q: _without(q, "properties", "delivery_tag"),
    "no delivery info": lambda q: _without(q, "properties", "delivery_info"),
    "delivery info is a word": lambda q: _with(q, "somewhere", "properties", "delivery_info"),
    "exchange is a list": lambda q: _with(q, [], "properties", "delivery_info", "exchange"),
    "no headers": lambda q: _without(q, "headers"),
    "headers are a list": lambda q: _with(q, [1], "headers"),
    "no task": lambda q: _without(q, "headers", "task"),
    "no id": lambda q: _without(q, "headers", "id"),
    "task is a list": lambda q: _with(q, ["x"], "headers", "task"),
    "unknown task": lambda q: _with(q, "os.system", "headers", "task"),
    "body is no base64": lambda q: _with(q, "a", "body"),
    "body is a list": lambda q: _with(q, [1], "body"),
    "no body": lambda q: _without(q, "body"),
    "unknown encoding of the body": lambda q: _with(q, "rot13", "properties", "body_encoding"),
    "pickle": lambda q: _with(q, "application/x-python-serialize", "content-type"),
    "unknown content type": lambda q: _with(q, "text/odd", "content-type"),
    "content type is a number": lambda q: _with(q, 5, "content-type"),
    "json of a plain Celery": lambda q: _with(q, "application/json", "content-type"),
    "json that is none": lambda q: {**_envelope(q, b"{{{"), "content-type": "application/json"},
    "retries is a word": lambda q: _envelope(q, _EMPTY, retries="many"),
    "eta is nonsense": lambda q: _envelope(q, _EMPTY, eta="yesterday"),
    "expires is a list": lambda q: _envelope(q, _EMPTY, expires=[1]),
    "expired": lambda q: _envelope(q, b"[[],{},{}]x", expires="x"),
    "timelimit is a word": lambda q: _envelope(q, _EMPTY, timelimit="x"),
    "dispatched at nan": lambda q: _envelope(q, _EMPTY, dispatched_at="nan"),
    "dispatched at minus infinity": lambda q: _envelope(q, _EMPTY, dispatched_at=-1e300),
    "a time in the far future": lambda q: _envelope(q, _EMPTY, eta="2999-01-01T00:00:00"),
    "stamps are a list": lambda q: _envelope(q, _EMPTY, stamped_headers=[[1]], stamps=[2]),
    "ignores results as a word": lambda q: _envelope(q, _EMPTY, ignore_result="x", replaced_task_nesting="x"),
    "body no JSON": lambda q: _envelope(q, b"\x00\xff"),
    "body deep": lambda q: _envelope(q, b"[" * 100_000),
    "no arguments": lambda q: _envelope(q, b"[[],{},{}]"),
    "too many arguments": lambda q: _envelope(q, b"[[1,2,3],{},{}]"),
    "keyword arguments": lambda q: _envelope(q, b'[[1],{"x":1},{}]'),
    "embedded callbacks": lambda q: _envelope(q, b'[[1],{},{"callbacks":[1],"errbacks":"x","chain":{},"chord":5}]'),
    "argument is nothing": lambda q: _envelope(q, b"[[null],{},{}]"),
    "another type": lambda q: _envelope(q, b'[[{"type":"Rumour","v":1,"items":[]}],{},{}]'),
    "another version": lambda q: _envelope(q, _items(q, "[]", "2")),
    "items is a word": lambda q: _envelope(q, _items(q, '"x"')),
    "items of nothing": lambda q: _envelope(q, _items(q, "[null, {}, 5]")),
    "an item with wrong fields": lambda q: _envelope(q, _items(q, '[{"ticket": 5, "source_id": "x", "url": 1}]')),
    "zstd that is none": lambda q: _envelope(q, b"(\xb5/\xfd nonsense", compression="application/zstd"),
    "zstd bomb": lambda q: _envelope(q, zstd.compress(b"[" + b" " * 300_000_000), compression="application/zstd"),
    "gzip": lambda q: _envelope(q, b"\x1f\x8b", compression="application/x-gzip"),
    "unknown compression": lambda q: _envelope(q, b"x", compression="application/x-odd"),
    "compression is a list": lambda q: _envelope(q, b"x", compression=["zstd"]),
}  # fmt: skip


def test_a_message_of_any_kind_is_refused_once_and_the_worker_goes_on(stack: Stack, site: Site) -> None:
    before = _processes(stack)
    with Redis.from_url(stack.redis.url) as client:
        for queue in QUEUES:
            for make in KINDS.values():
                found = make(queue)
                client.lpush(queue, found if isinstance(found, bytes) else json.dumps(found))
        client.rpush(URL_LIST, b"http://host%3A8080/x", b"\xff", b'{"url": ' + b"[" * 60_000, b"x" * 1_000_000)
        urls = [f"{site.url}{path}?behind=them" for path in stories()]
        submit(stack, *urls)
        ends = settle(stack, urls, within_s=120)
        assert {state for state, _ in ends.values()} <= {"stored", "skipped"}
        eventually("queues are empty", lambda: not client.exists(*QUEUES, "unacked"), within_s=60)
        assert len(client.lrange(quarantine.KEY, 0, -1)) >= 0.9 * len(KINDS) * len(QUEUES)
        eventually("lines are recorded", lambda: not client.exists(URL_LIST, f"{URL_LIST}:claimed"))
    assert _processes(stack) == before, "a worker was lost"
    assert {r for (r,) in rows(stack, "SELECT reason FROM submissions WHERE state = 'refused'")} >= {
        "malformed_url",
        "line_too_long",
    }


def test_what_is_in_quarantine_is_kept_with_its_reason(stack: Stack) -> None:
    with Redis.from_url(stack.redis.url) as client:
        kept = quarantine.Quarantine(client).messages()
    assert all(one.reason and one.error for one in kept)
    assert {one.reason for one in kept} >= {"bad_envelope", "bad_message", "bad_item"}
    assert all(len(one.body) <= quarantine.WHOLE_BYTES for one in kept)


def _processes(stack: Stack) -> dict[str, int | None]:
    return {child.name: child.process.pid if child.process else None for child in stack._children.values()}
