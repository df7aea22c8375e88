"""The same pipeline with RabbitMQ as its broker, by one URL: nothing is lost or doubled, whatever is
broken."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from typing import Any

import pytest
from kombu import Connection

from services.contract.errors import Unavailable
from services.contract.routes import QUEUES
from services.demo.pages import faults, no_articles, stories
from services.demo.site import Site
from services.local.stack import Stack
from services.runtime import broker
from services.runtime.celery_app import CONTENT_TYPE, make_app
from services.runtime.publish import Publisher
from services.runtime.quarantine import Quarantine
from services.runtime.queues import open_queues
from tests.conftest import STACK_SETTINGS, eventually
from tests.pipeline.lives import rows, settle, submit
from tests.rabbitmq import RabbitMQ

pytestmark = pytest.mark.pipeline


@pytest.fixture(scope="module")
def rabbit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitMQ]:
    server = RabbitMQ(tmp_path_factory.mktemp("rabbitmq"))
    server.start()
    yield server
    server.end()


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory, rabbit: RabbitMQ) -> Iterator[Stack]:
    settings = STACK_SETTINGS | {"DATELINE_BROKER_URL": rabbit.url}
    running = Stack(tmp_path_factory.mktemp("stack"), environ=settings, flower=False, desk=False)
    running.start()
    yield running
    running.stop()
    running.wipe()


def _urls(site: Site, mark: str, copies: int) -> list[str]:
    return [f"{site.url}{path}?{mark}={n}" for path in stories() for n in range(copies)]


def _stored_once(pipeline: Stack, urls: list[str]) -> None:
    found = rows(
        pipeline,
        "SELECT count(DISTINCT s.id), count(*) FROM submissions s JOIN submission_attempts a ON "
        "a.submission_id = s.id "
        "WHERE s.url = ANY(%s) AND s.state = 'stored' AND a.outcome = 'stored'",
        urls,
    )
    assert found == [(len(urls), len(urls))]


def test_pages_and_faults_end_as_they_do_on_redis(pipeline: Stack, site: Site) -> None:
    ends = {site.url + path: "stored" for path in stories()}
    ends |= {site.url + path: "skipped" for path in no_articles()}
    wanted = {site.url + path: reason for path, reason in faults().items()}
    submit(pipeline, *ends, *wanted)
    found = settle(pipeline, [*ends, *wanted])
    assert {url: found[url][0] for url in ends} == ends
    assert {url: found[url][1] for url in wanted} == wanted
    with broker.connect(pipeline.redis.url) as client:
        assert not client.exists(*QUEUES, "unacked"), "no message went through Redis"


def test_killed_workers_lose_and_double_nothing(pipeline: Stack, site: Site) -> None:
    urls = _urls(site, "workers", 20)
    for name in ("ingest", "enrich", "store"):
        pipeline.kill(name, signal.SIGSTOP)  # what it takes stays in its hands
    submit(pipeline, *urls)
    eventually("the queue fills", lambda: rows(pipeline, "SELECT FROM submissions WHERE state = 'in_flight'"))
    for name in ("ingest", "enrich", "store"):
        pipeline.kill(name, signal.SIGCONT)
    for name in ("ingest", "enrich", "store"):
        pipeline.kill(name)
    assert {state for state, _ in settle(pipeline, urls).values()} == {"stored"}
    _stored_once(pipeline, urls)


@pytest.mark.parametrize("how", ["restarted", "killed", "wiped"])
def test_a_broker_that_comes_back_costs_nothing(
    pipeline: Stack, rabbit: RabbitMQ, site: Site, how: str
) -> None:
    urls = _urls(site, f"broker-{how}", 20)
    submit(pipeline, *urls)
    eventually(
        "some are in flight", lambda: rows(pipeline, "SELECT FROM submissions WHERE state = 'in_flight'")
    )
    rabbit.stop(signal.SIGTERM if how == "restarted" else signal.SIGKILL)
    if how == "wiped":
        rabbit.wipe()
    rabbit.start()
    assert {state for state, _ in settle(pipeline, urls, within_s=120).values()} == {"stored"}
    _stored_once(pipeline, urls)


def test_depths_are_told_and_a_wrong_password_is_named(rabbit: RabbitMQ) -> None:
    with pytest.raises(Unavailable, match="refused the user or password in DATELINE_BROKER_URL"):
        open_queues(rabbit.url.replace("guest:guest", "guest:wrong")).depths()
    with pytest.raises(Unavailable, match="RabbitMQ does not answer"):
        Publisher(make_app("test", "amqp://guest:guest@127.0.0.1:1//")).send(_one())


def _one() -> list:
    from datetime import UTC, datetime

    from services.contract.messages import SourceDue

    return [
        SourceDue(source_id=1, url="https://example.org/feed", kind="rss", dispatched_at=datetime.now(UTC))
    ]


def test_a_message_of_any_kind_is_refused_once(pipeline: Stack, rabbit: RabbitMQ, site: Site) -> None:
    with broker.connect(pipeline.redis.url) as client, Connection(rabbit.url) as connection:
        kept = Quarantine(client)
        kept.drop()
        channel = connection.channel()
        for queue in QUEUES:
            for body, properties in HOSTILE:
                message = channel.prepare_message(body, **properties)
                channel.basic_publish(message, exchange="", routing_key=queue)
        urls = _urls(site, "behind", 2)
        submit(pipeline, *urls)
        assert {state for state, _ in settle(pipeline, urls).values()} == {"stored"}
        eventually("all are in quarantine", lambda: kept.count() == len(HOSTILE) * len(QUEUES))
    assert all(depth.waiting == 0 for depth in open_queues(rabbit.url).depths())


_OURS = {"content_type": CONTENT_TYPE, "content_encoding": "utf-8"}
HOSTILE: list[tuple[bytes, dict[str, Any]]] = [
    (b"\xff\xfe\x00", {}),
    (b"", {"headers": {}}),
    (b"[[],{},{}]", _OURS | {"headers": {"task": "os.system", "id": "1"}}),
    (b"[[],{},{}]", _OURS | {"headers": {"task": "store.write", "id": "1", "timelimit": ["x"]}}),
    (b"\x80\x04N.",
    {"content_type": "application/x-python-serialize", "content_encoding": "binary",
    "headers": {"task": "store.write", "id": "1"}}),
    (b"[" * 50_000,
    _OURS | {"headers": {"task": "ingest.fetch", "id": "1", "compression": "application/x-gzip"}}),
]  # fmt: skip
