"""Poison for a run: lines, messages and a feed of the kinds that tools of this field were stopped by."""

from __future__ import annotations

import base64
import json
import sys
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
from redis import Redis

from services.contract.routes import QUEUES, ROUTES, URL_LIST
from services.runtime.celery_app import CONTENT_TYPE
from services.store import sources

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_TASKS = {queue: [route.task for route in ROUTES.values() if route.queue == queue] for queue in QUEUES}
FEED_PATH = "/poisoned-feed"
LINES: tuple[bytes, ...] = (
    b"http://host%3A8080/x",
    b"http://[::1/x",
    b"http://host:99999/",
    b"http://\xe2\x85\xa0:\xc2\xb2/",
    b"https://" + b"a" * 300 + b"/",
    b"\xff\xfe\x00",
    b"nonsense",
    b'{"url": ' + b"[" * 60_000,
    b'{"url": "https://host.example/\\ud800", "title": 5}',
    b'{"url": "https://host.example/x", "authors": 5}',
    b'["https://host.example/x"]',
    b'{"url": 1e999}',
    b"x" * 1_000_000,
)
"""None of them is a URL that can be fetched, so none may become anything but a refusal."""


def feed() -> bytes:
    """A feed each of whose items is broken in a way of its own."""
    links = (
        "http://host%3A8080/x",
        "http://[::1/x",
        "javascript:alert(1)",
        "",
        "\u0001",
        "http://host:99999/",
        "mailto:a@b.example",
    )
    items = "".join(
        f"<item><title>&#x110000; {n}</title><link>{link}</link><pubDate>Mon, 99 Foo 0000</pubDate></item>"
        for n, link in enumerate(links)
    )
    return f"<rss version='2.0'><channel><title>\x0c</title>{items}<item><guid>17</guid>".encode()


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
    "embedded callbacks": lambda q: _envelope(q,
    b'[[1],{},{"callbacks":[1],"errbacks":"x","chain":{},"chord":5}]'),
    "argument is nothing": lambda q: _envelope(q, b"[[null],{},{}]"),
    "another type": lambda q: _envelope(q, b'[[{"type":"Rumour","v":1,"items":[]}],{},{}]'),
    "another version": lambda q: _envelope(q, _items(q, "[]", "2")),
    "items is a word": lambda q: _envelope(q, _items(q, '"x"')),
    "items of nothing": lambda q: _envelope(q, _items(q, "[null, {}, 5]")),
    "an item with wrong fields": lambda q: _envelope(q,
    _items(q, '[{"ticket": 5, "source_id": "x", "url": 1}]')),
    "zstd that is none": lambda q: _envelope(q, b"(\xb5/\xfd nonsense", compression="application/zstd"),
    "zstd bomb": lambda q: _envelope(q, zstd.compress(b"[" + b" " * 300_000_000),
    compression="application/zstd"),
    "gzip": lambda q: _envelope(q, b"\x1f\x8b", compression="application/x-gzip"),
    "unknown compression": lambda q: _envelope(q, b"x", compression="application/x-odd"),
    "compression is a list": lambda q: _envelope(q, b"x", compression=["zstd"]),
}  # fmt: skip


def messages(queue: str) -> Iterator[bytes]:
    """A message of each kind, as it would stand in a queue."""
    for make in KINDS.values():
        found = make(queue)
        yield found if isinstance(found, bytes) else json.dumps(found).encode()


def pour(redis_url: str, database_url: str, feed_url: str) -> None:
    """Everything at once: into the list, into each queue, and a source of it. Raises RedisError and
    psycopg.Error."""
    with psycopg.connect(database_url, connect_timeout=3) as connection:
        source_id, _ = sources.add(connection, feed_url)
        sources.pause(connection, source_id, paused=False)
    with Redis.from_url(redis_url, socket_timeout=10) as client:
        client.rpush(URL_LIST, *LINES)
        for queue in QUEUES:
            for message in messages(queue):
                client.lpush(queue, message)
