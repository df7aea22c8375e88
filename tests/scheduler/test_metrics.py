"""What Prometheus is told, over HTTP, with real servers and without them."""

from __future__ import annotations

import time
import urllib.request
from datetime import UTC, datetime

from psycopg_pool import ConnectionPool
from redis import Redis

from services.contract.messages import Ticket, UrlSettled
from services.contract.urls import parse_url
from services.local.server import free_port
from services.local.valkey import EmbeddedRedis
from services.runtime import broker
from services.runtime.celery_app import make_app
from services.runtime.publish import Publisher
from services.runtime.queue_depth import Queues
from services.runtime.queues import RedisQueues, open_queues
from services.runtime.worker_states import WorkerState, report
from services.scheduler import metrics
from services.store import ledger
from services.store.database import open_pool
from tests.conftest import claim


def _metrics(pool: ConnectionPool, redis: Redis, queues: Queues | None = None) -> dict[str, float]:
    port = free_port()
    metrics.serve(pool, redis, queues or RedisQueues(redis), address="127.0.0.1", port=port)
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return {n: float(v) for n, v in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


def _fill(pool: ConnectionPool) -> None:
    with pool.connection() as connection:
        ledger.record(
            connection, [ledger.Entry(parse_url(f"https://example.org/{n}"), "test") for n in range(5)]
        )
        for submitted in claim(connection, 3):
            ticket = Ticket(
                submission_id=submitted.submission_id,
                url=submitted.url,
                attempt=1,
                dispatched_at=submitted.dispatched_at,
            )
            failed = UrlSettled(ticket=ticket, stage="ingest", outcome="failed", reason="http_404")
            ledger.settle(connection, [failed], ledger.RetryPolicy())


def test_figures_of_ledger_queues_and_workers(
    pool: ConnectionPool, redis: Redis, redis_server: EmbeddedRedis
) -> None:
    _fill(pool)
    ticket = Ticket(submission_id=1, url="https://example.org/", attempt=1, dispatched_at=datetime.now(UTC))
    waiting = UrlSettled(ticket=ticket, stage="ingest", outcome="failed", reason="http_404")
    Publisher(make_app("test", redis_server.url)).send([waiting], batch=1)
    report(
        redis,
        WorkerState(service="store", state="idle", at=time.time(), since=time.time(), disk_free_bytes=5_000),
    )
    with pool.connection() as connection:
        connection.execute(
            "INSERT INTO sources (url, kind, title, items_a_day, last_new_at) "
            "VALUES ('https://a.example/', 'rss', 'A', 7, now() - interval '2 days')"
        )
    found = _metrics(pool, redis)
    assert found['dateline_urls{state="pending"}'] == 2
    assert found['dateline_urls{state="failed"}'] == 3
    assert found['dateline_attempts_total{outcome="failed",reason="http_404",stage="ingest"}'] == 3
    assert found["dateline_dead_letters"] == 3
    assert (
        found['dateline_source_still_seconds{source="A"}']
        > found['dateline_source_habit_seconds{source="A"}']
        == 86_400
    )
    assert found['dateline_disk_free_bytes{service="store"}'] == 5_000
    assert found["dateline_database_bytes"] > found["dateline_redis_memory_bytes"] > 0
    assert found['dateline_queue_messages{queue="dateline.store"}'] == 1
    assert 0 <= found['dateline_queue_oldest_seconds{queue="dateline.store"}'] < 60
    assert found['dateline_urls_oldest_seconds{which="due"}'] >= 0
    assert [v for n, v in found.items() if n.startswith("dateline_worker_healthy")] == [1]
    assert found['dateline_server_up{server="redis"}'] == found['dateline_server_up{server="postgres"}'] == 1


def test_servers_that_are_away_are_figures_not_errors() -> None:
    pool = open_pool("postgresql://dateline:x@127.0.0.1:1/dateline", size=1)
    found = _metrics(pool, broker.connect("redis://127.0.0.1:1/0"))
    pool.close()
    assert found == {'dateline_server_up{server="redis"}': 0, 'dateline_server_up{server="postgres"}': 0}


def test_another_broker_is_a_server_of_its_own(pool: ConnectionPool, redis: Redis) -> None:
    found = _metrics(pool, redis, open_queues("amqp://guest:guest@127.0.0.1:1//"))
    assert found['dateline_server_up{server="rabbitmq"}'] == 0
    assert found['dateline_server_up{server="redis"}'] == 1
    assert not any(name.startswith("dateline_queue") for name in found)


def test_what_a_worker_has_taken_counts_for_its_queue(redis: Redis, redis_server: EmbeddedRedis) -> None:
    app = make_app("test", redis_server.url)
    ticket = Ticket(submission_id=1, url="https://example.org/", attempt=1, dispatched_at=datetime.now(UTC))
    message = UrlSettled(ticket=ticket, stage="ingest", outcome="failed", reason='a "quoted" reason]')
    Publisher(app).send([message, message], batch=1)
    with app.connection_for_read() as connection, connection.channel() as channel:
        taken = channel.basic_get("dateline.store")
        assert taken is not None
        depth = next(d for d in RedisQueues(redis).depths() if d.queue == "dateline.store")
        assert (depth.waiting, depth.unacknowledged) == (1, 1)
        channel.basic_ack(taken.delivery_tag)
    depth = next(d for d in RedisQueues(redis).depths() if d.queue == "dateline.store")
    assert (depth.waiting, depth.unacknowledged) == (1, 0)
