"""Where a library is overridden: that it still needs it. A test here that fails says that an override may go.

docs/architecture.md has the table. `test_bounds.py` says what of a library is used, and holds its version.
"""

from __future__ import annotations

import http.client
import inspect
import re
import socket
from types import SimpleNamespace
from typing import Any

import kombu.transport.redis as plain
import pytest
import uvicorn
from celery.worker.consumer import Consumer
from kombu import Connection
from kombu.utils.json import loads
from urllib3.connection import HTTPConnection
from urllib3.poolmanager import PoolManager

from services.local.valkey import EmbeddedRedis
from tests.conftest import repository

MOST_ROWS = 9


class PlainTransport(plain.Transport):  # type: ignore[misc]
    """Kombu's own, whatever is installed."""

    Channel = plain.Channel


def test_the_table_is_short_and_its_tests_are_there() -> None:
    page = (repository() / "docs" / "architecture.md").read_text()
    rows = page.partition("## Where libraries are overridden")[2].partition("\n## ")[0].split("\n| `")[1:]
    assert 0 < len(rows) <= MOST_ROWS
    for row in rows:
        named = re.findall(r"`(tests/[\w/]+\.py|test_\w+)`", row)
        assert named, row
        for name in named:
            assert name in globals() or (repository() / name).is_file(), name


def test_kombu_raises_where_a_message_is_acknowledged_after_its_connection(
    redis_server: EmbeddedRedis,
) -> None:
    channel = Connection(redis_server.url, transport=PlainTransport).channel()
    channel.queue_declare("dateline.test.overrides")
    channel.basic_publish(channel.prepare_message("{}"), exchange="", routing_key="dateline.test.overrides")
    message = channel.basic_get("dateline.test.overrides")
    channel.close()
    channel._disconnect_pools()
    with pytest.raises(AttributeError):
        message.ack()


@pytest.mark.parametrize("raw", ["no envelope", "[]", "{}", "7"])
def test_kombu_lets_a_broken_envelope_reach_the_workers_loop(raw: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        PlainTransport.Channel.Message(loads(raw), channel=SimpleNamespace(decode_body=str))


def test_kombu_has_what_waits_for_messages_connect_again(redis_server: EmbeddedRedis) -> None:
    channel = Connection(redis_server.url, transport=PlainTransport).channel()
    assert (
        channel._connparams(asynchronous=True).get("retry") is None
    )  # then redis-py's own, which tries again
    channel.close()


def test_celery_leaves_a_message_that_breaks_its_handling_to_the_workers_loop() -> None:
    told: list[str] = []

    def strategy(*_: Any) -> None:
        raise TypeError("eta")

    def note(*_: Any, **__: Any) -> None:
        told.append("told")

    consumer = SimpleNamespace(
        strategies={"task": strategy}, on_unknown_message=note, on_unknown_task=note, on_invalid_task=note,
        on_decode_error=note,
        on_task_message=(), call_soon_ack=note, _restore_prefetch_count_after_connection_restart=note,
        _maximum_prefetch_restored=True,
        restart_count=0,
    )  # fmt: skip
    message = SimpleNamespace(headers={"task": "task"}, ack_log_error=note, reject_log_error=note)
    with pytest.raises(TypeError):
        Consumer.create_task_handler(consumer)(message)
    assert told == []


def test_http_client_drops_every_field_behind_a_broken_line() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(
            b"HTTP/1.1 200 OK\r\nno colon here\r\nContent-Type: text/html\r\nContent-Length: 0\r\n\r\n"
        )
        response = http.client.HTTPResponse(ours, method="GET")
        response.begin()
        assert response.getheader("content-type") is None
        response.close()


def test_urllib3_takes_no_resolver_and_no_maker_of_sockets() -> None:
    taken = {*inspect.signature(HTTPConnection).parameters, *inspect.signature(PoolManager).parameters}
    assert not [name for name in taken if re.search(r"resolv|factory|dns|connector", name)], taken


def test_uvicorn_has_no_time_for_heads_and_readers() -> None:
    times = {name for name in inspect.signature(uvicorn.Config).parameters if name.startswith("timeout")}
    assert times == {
        "timeout_keep_alive", "timeout_notify", "timeout_graceful_shutdown", "timeout_worker_healthcheck",
    }  # fmt: skip


def test_uvicorn_tells_an_app_to_stop_only_after_it_has_waited_for_streams() -> None:
    steps = inspect.getsource(uvicorn.Server.shutdown)
    assert 0 < steps.index("_wait_tasks_to_complete") < steps.index("lifespan.shutdown")
