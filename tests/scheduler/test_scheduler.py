"""The scheduler's jobs against a real broker and a real ledger."""

from __future__ import annotations

import json
import time

import pytest
from psycopg_pool import ConnectionPool
from redis import Redis

from services.contract.errors import Unavailable
from services.contract.limits import MAX_URLS_A_MESSAGE
from services.contract.routes import URL_LIST
from services.local.valkey import EmbeddedRedis
from services.net.hosts import BOOKED_KEY, HOLDS_KEY, HostLimit, HostLimits
from services.runtime.celery_app import make_app
from services.runtime.publish import Publisher
from services.runtime.queue_depth import EPOCH
from services.runtime.queues import RedisQueues
from services.scheduler.dispatcher import Dispatcher
from services.scheduler.list_intake import CLAIMED, ListIntake
from services.scheduler.reconciler import Reconciler
from services.store import ledger
from services.store.intake import parse_line

QUICK = HostLimits(HostLimit(1000, 100))


def _record(pool: ConnectionPool, count: int) -> None:
    with pool.connection() as connection:
        ledger.record(connection, [parse_line(f"https://example.org/{n}", "test") for n in range(count)])  # type: ignore[misc]


def _states(pool: ConnectionPool) -> dict[str, int]:
    with pool.connection() as connection:
        return dict(connection.execute("SELECT state, count(*) FROM submissions GROUP BY state").fetchall())


def _dispatcher(pool: ConnectionPool, server: EmbeddedRedis, client: Redis, high_water: int) -> Dispatcher:
    return Dispatcher(
        pool,
        client,
        RedisQueues(client),
        Publisher(make_app("test", server.url)),
        high_water=high_water,
        limits=QUICK,
    )


def test_due_urls_are_published_up_to_the_high_water_mark(
    pool: ConnectionPool, redis_server: EmbeddedRedis, redis: Redis
) -> None:
    _record(pool, 50)
    dispatcher = _dispatcher(pool, redis_server, redis, 20)
    assert [dispatcher.tick(), dispatcher.tick()] == [20, 0]
    assert redis.llen("dateline.ingest") == 20
    assert _states(pool) == {"in_flight": 20, "pending": 30}


def test_a_full_queue_pauses_until_it_is_half_empty(
    pool: ConnectionPool, redis_server: EmbeddedRedis, redis: Redis
) -> None:
    _record(pool, 100)
    dispatcher = _dispatcher(pool, redis_server, redis, 20)
    dispatcher.tick()
    dispatcher.tick()
    assert dispatcher.paused_by == "dateline.ingest"
    redis.ltrim("dateline.ingest", 0, 14)
    assert dispatcher.tick() == 0
    redis.ltrim("dateline.ingest", 0, 8)
    assert dispatcher.tick() == 11
    assert redis.llen("dateline.ingest") == 20


def test_a_long_queue_travels_in_company_and_a_suspect_alone(
    pool: ConnectionPool, redis_server: EmbeddedRedis, redis: Redis
) -> None:
    _record(pool, 410)
    with pool.connection() as connection:
        connection.execute("UPDATE submissions SET reason = 'worker_lost' WHERE url LIKE '%/7'")
    dispatcher = _dispatcher(pool, redis_server, redis, 400)
    assert dispatcher.tick() == 401  # a suspect comes beside the others
    assert redis.llen("dateline.ingest") == 400 // MAX_URLS_A_MESSAGE + 1
    assert dispatcher.tick() == 0, "the mark counts URLs, not messages"


def test_a_full_store_queue_stops_the_intake(
    pool: ConnectionPool, redis_server: EmbeddedRedis, redis: Redis
) -> None:
    _record(pool, 5)
    redis.rpush("dateline.store", *["{}"] * 10)
    dispatcher = _dispatcher(pool, redis_server, redis, 100)
    assert dispatcher.tick() == 0
    assert dispatcher.paused_by == "dateline.store"


def test_what_cannot_be_published_goes_back_to_the_ledger(pool: ConnectionPool, redis: Redis) -> None:
    _record(pool, 3)
    dispatcher = Dispatcher(
        pool, redis, RedisQueues(redis), Publisher(make_app("test", "redis://127.0.0.1:1/0")), high_water=10
    )
    with pytest.raises(Unavailable):
        dispatcher.tick()
    assert _states(pool) == {"pending": 3}
    with pool.connection() as connection:
        assert connection.execute("SELECT max(attempts) FROM submissions").fetchone() == (0,)


def test_lines_from_the_redis_list_reach_the_ledger(pool: ConnectionPool, redis: Redis) -> None:
    redis.rpush(
        URL_LIST,
        "https://example.org/a",
        json.dumps({"url": "https://example.org/b", "origin": "feed"}),
        "nonsense",
        b"\xff\xfe",
        "",
    )
    recorded = ListIntake(pool, redis).tick()
    assert (recorded.new, recorded.refused) == (2, 2)
    assert redis.exists(URL_LIST, CLAIMED) == 0
    with pool.connection() as connection:
        origins = {r[0] for r in connection.execute("SELECT origin FROM submissions WHERE state = 'pending'")}
    assert origins == {"redis", "feed"}


def test_lines_claimed_by_a_door_that_died_are_recorded_by_the_next(
    pool: ConnectionPool, redis: Redis
) -> None:
    redis.rpush(CLAIMED, "https://example.org/a")
    redis.rpush(URL_LIST, "https://example.org/b")
    intake = ListIntake(pool, redis)
    assert [intake.tick().new, intake.tick().new, intake.tick().new] == [1, 1, 0]


def test_a_wiped_broker_puts_everything_in_flight_back(
    pool: ConnectionPool, redis_server: EmbeddedRedis, redis: Redis
) -> None:
    reconciler = Reconciler(pool, RedisQueues(redis), ledger.RetryPolicy(), visibility_timeout_s=10)
    reconciler.check_epoch()
    _record(pool, 4)
    _dispatcher(pool, redis_server, redis, 10).tick()
    assert reconciler.check_epoch() == 0
    redis.flushall()
    assert reconciler.check_epoch() == 4
    assert _states(pool) == {"pending": 4}
    assert redis.exists(EPOCH)


def test_a_url_that_still_waits_in_a_queue_is_not_taken_for_lost(
    pool: ConnectionPool, redis_server: EmbeddedRedis, redis: Redis
) -> None:
    _record(pool, 2)
    _dispatcher(pool, redis_server, redis, 10).tick()
    with pool.connection() as connection:
        connection.execute("UPDATE submissions SET dispatched_at = now() - interval '10 seconds'")
    # The waiting message was dispatched just now, so a URL dispatched ten seconds before could still wait.
    reconciler = Reconciler(pool, RedisQueues(redis), ledger.RetryPolicy(), visibility_timeout_s=20)
    assert reconciler.requeue_stuck() == {"requeued": 0, "dead": 0}
    redis.delete("dateline.ingest")
    impatient = Reconciler(pool, RedisQueues(redis), ledger.RetryPolicy(), visibility_timeout_s=2)
    assert impatient.requeue_stuck() == {"requeued": 2, "dead": 0}


def _hosts_in_flight(pool: ConnectionPool) -> dict[str, int]:
    with pool.connection() as connection:
        return dict(
            connection.execute(
                "SELECT host, count(*) FROM submissions WHERE state = 'in_flight' GROUP BY host"
            ).fetchall()
        )


def test_a_host_with_a_long_list_leaves_room_for_every_other(
    pool: ConnectionPool, redis_server: EmbeddedRedis, redis: Redis
) -> None:
    lines = [f"https://big.example/{n}" for n in range(900)] + [
        f"https://small-{n}.example/" for n in range(40)
    ]
    with pool.connection() as connection:
        ledger.record(connection, [parse_line(line, "test") for line in lines])  # type: ignore[misc]
    limits = HostLimits(HostLimit(1, 2), {"big.example": HostLimit(0.1, 3)})
    dispatcher = Dispatcher(
        pool,
        redis,
        RedisQueues(redis),
        Publisher(make_app("test", redis_server.url)),
        high_water=500,
        limits=limits,
    )
    dispatcher.tick()
    dispatcher.tick()
    assert _hosts_in_flight(pool) == {"big.example": 3} | {f"small-{n}.example": 1 for n in range(40)}


def test_hosts_take_turns_when_there_is_not_room_for_all(
    pool: ConnectionPool, redis_server: EmbeddedRedis, redis: Redis
) -> None:
    with pool.connection() as connection:
        lines = [f"https://h{n:02}.example/{m}" for n in range(30) for m in range(10)]
        ledger.record(connection, [parse_line(line, "test") for line in lines])  # type: ignore[misc]
    dispatcher = Dispatcher(
        pool, redis, RedisQueues(redis), Publisher(make_app("test", redis_server.url)), high_water=10
    )
    seen: set[str] = set()
    for _ in range(40):
        redis.delete("dateline.ingest")
        dispatcher.tick()
        seen |= _hosts_in_flight(pool).keys()
    assert len(seen) == 30


def test_a_host_that_must_be_left_alone_is_not_dispatched(
    pool: ConnectionPool, redis_server: EmbeddedRedis, redis: Redis
) -> None:
    with pool.connection() as connection:
        lines = ["https://www.busy.example/a", "https://calm.example/a"]
        ledger.record(connection, [parse_line(line, "test") for line in lines])  # type: ignore[misc]
    redis.zadd(HOLDS_KEY, {"busy.example": (time.time() + 60) * 1000})
    dispatcher = _dispatcher(pool, redis_server, redis, 10)
    dispatcher.tick()
    assert _hosts_in_flight(pool) == {"calm.example": 1}
    redis.zadd(HOLDS_KEY, {"busy.example": (time.time() - 1) * 1000})
    dispatcher.tick()
    assert _hosts_in_flight(pool) == {"calm.example": 1, "www.busy.example": 1}


def test_of_a_host_that_is_booked_only_urls_come_whose_slot_has_come(
    pool: ConnectionPool, redis_server: EmbeddedRedis, redis: Redis
) -> None:
    with pool.connection() as connection:
        lines = [f"https://long.example/{n}" for n in range(50)]
        ledger.record(connection, [parse_line(line, "test") for line in lines])  # type: ignore[misc]
        connection.execute("UPDATE submissions SET reason = 'host_wait' WHERE url LIKE '%/7'")
    redis.zadd(BOOKED_KEY, {"long.example": (time.time() + 60) * 1000})
    dispatcher = _dispatcher(pool, redis_server, redis, 100)
    assert dispatcher.tick() == 1
    redis.delete(BOOKED_KEY)
    assert dispatcher.tick() == 49
