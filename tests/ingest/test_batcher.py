"""Results travel in company: those that come together go in one message, a stream that is fast enough fills
whole ones, and none waits for what is not to come."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime

import pytest
from backports import zstd
from redis import Redis

from services.contract.envelopes import decode
from services.contract.errors import Unavailable
from services.contract.messages import Ticket, UrlSettled
from services.ingest.batcher import Batcher
from services.local.valkey import EmbeddedRedis
from services.runtime.celery_app import make_app
from services.runtime.publish import Publisher
from tests.conftest import eventually

QUEUE = "dateline.store"


def _result(number: int) -> UrlSettled:
    ticket = Ticket(
        submission_id=number,
        url=f"https://example.org/{number}",
        attempt=1,
        dispatched_at=datetime(2026, 3, 1, tzinfo=UTC),
    )
    return UrlSettled(ticket=ticket, stage="ingest", outcome="skipped", reason="not_html")


class _Clock:
    """Stands still until it is moved on; counts how often it was looked at since."""

    def __init__(self) -> None:
        self._now, self.looks = 1000.0, 0

    def __call__(self) -> float:
        self.looks += 1
        return self._now

    def move(self, seconds: float) -> None:
        self._now, self.looks = self._now + seconds, 0


WAIT_S = 0.02
"""What a batcher waits, on a clock of the test's; on the machine's own it looks at that clock as often."""


def _batcher(
    redis_server: EmbeddedRedis,
    *,
    limit: int,
    wait_s: float = WAIT_S,
    clock: Callable[[], float] = time.monotonic,
) -> Batcher:
    return Batcher(Publisher(make_app("test", redis_server.url)), wait_s=wait_s, limit=limit, clock=clock)


def _messages(redis: Redis) -> list[list[UrlSettled]]:
    bodies = [json.loads(message)["body"] for message in redis.lrange(QUEUE, 0, -1)]
    opened = [json.loads(zstd.decompress(base64.b64decode(body))) for body in bodies]
    return [decode(UrlSettled, content[0][0]) for content in opened]


def test_a_full_message_does_not_wait(redis_server: EmbeddedRedis, redis: Redis) -> None:
    batcher = _batcher(redis_server, wait_s=600.0, limit=10)
    sent = [batcher.send(_result(n)) for n in range(10)]
    assert not wait(sent, timeout=60).not_done
    assert redis.llen(QUEUE) == 1


def test_a_result_that_comes_alone_does_not_wait(redis_server: EmbeddedRedis, redis: Redis) -> None:
    clock = _Clock()
    batcher = _batcher(redis_server, limit=100, clock=clock)
    clock.move(1.5 * WAIT_S)
    with batcher.making():
        sent = batcher.send(_result(1))
    assert not wait([sent], timeout=60).not_done, "on this clock no time passes"
    assert redis.llen(QUEUE) == 1


def test_a_result_waits_for_one_that_is_being_made_and_no_longer(
    redis_server: EmbeddedRedis, redis: Redis
) -> None:
    clock = _Clock()
    batcher = _batcher(redis_server, limit=100, clock=clock)
    clock.move(1.5 * WAIT_S)
    with batcher.making():
        with batcher.making():
            sent = [batcher.send(_result(1))]
        eventually("it waits", lambda: clock.looks > 3)
        assert not sent[0].done()
        sent.append(batcher.send(_result(2)))
    assert not wait(sent, timeout=60).not_done, "on this clock no time passes"
    assert redis.llen(QUEUE) == 1


def test_a_result_that_is_given_up_is_not_waited_for(redis_server: EmbeddedRedis, redis: Redis) -> None:
    clock = _Clock()
    batcher = _batcher(redis_server, limit=100, clock=clock)
    clock.move(1.5 * WAIT_S)
    with pytest.raises(RuntimeError), batcher.making():
        sent = batcher.send(_result(1))
        raise RuntimeError
    assert not wait([sent], timeout=60).not_done, "on this clock no time passes"


def test_a_stream_of_single_results_travels_together(redis_server: EmbeddedRedis, redis: Redis) -> None:
    clock = _Clock()
    batcher = _batcher(redis_server, limit=100, clock=clock)
    clock.move(1.5 * WAIT_S)
    with batcher.making():
        first = batcher.send(_result(1))
    assert not wait([first], timeout=60).not_done
    sent = []
    for number in (2, 3):
        with batcher.making():
            sent.append(batcher.send(_result(number)))
    eventually("they wait", lambda: clock.looks > 3)
    assert not any(future.done() for future in sent)
    clock.move(1.5 * WAIT_S)
    assert not wait(sent, timeout=60).not_done
    assert redis.llen(QUEUE) == 2


def test_a_few_wait_once(redis_server: EmbeddedRedis, redis: Redis) -> None:
    clock = _Clock()
    batcher = _batcher(redis_server, limit=100, clock=clock)
    with batcher.making():
        sent = [batcher.send(_result(n)) for n in range(3)]
        eventually("it waits", lambda: clock.looks > 3)
        assert not any(future.done() for future in sent)
        clock.move(2 * WAIT_S)
        assert not wait(sent, timeout=60).not_done
    assert redis.llen(QUEUE) == 1


def test_a_fast_stream_waits_as_long_again_for_a_full_message(
    redis_server: EmbeddedRedis, redis: Redis
) -> None:
    clock = _Clock()
    batcher = _batcher(redis_server, limit=10, clock=clock)
    with batcher.making():
        sent = [batcher.send(_result(n)) for n in range(8)]
        eventually("it waits", lambda: clock.looks > 3)
        clock.move(1.5 * WAIT_S)
        eventually("it waits again", lambda: clock.looks > 6 or sent[0].done())
        assert not any(future.done() for future in sent)
        sent += [batcher.send(_result(n)) for n in range(8, 10)]
        assert not wait(sent, timeout=60).not_done
    assert redis.llen(QUEUE) == 1


def test_a_burst_after_silence_does_not_wait_twice(redis_server: EmbeddedRedis, redis: Redis) -> None:
    clock = _Clock()
    batcher = _batcher(redis_server, limit=10, clock=clock)
    clock.move(100 * WAIT_S)
    with batcher.making():
        sent = [batcher.send(_result(n)) for n in range(6)]
        eventually("it waits", lambda: clock.looks > 3)
        clock.move(1.5 * WAIT_S)
        assert not wait(sent, timeout=60).not_done, "a second wait would not end, on this clock"
    assert redis.llen(QUEUE) == 1


def test_nothing_is_lost_of_what_many_threads_send(redis_server: EmbeddedRedis, redis: Redis) -> None:
    batcher = _batcher(redis_server, wait_s=0.01, limit=7)
    futures: list[Future[None]] = []
    lock = threading.Lock()

    def one(number: int) -> None:
        with batcher.making():
            future = batcher.send(_result(number))
        with lock:
            futures.append(future)

    with ThreadPoolExecutor(16) as threads:
        list(threads.map(one, range(500)))
    assert not wait(futures, timeout=60).not_done
    assert len(futures) == 500
    messages = _messages(redis)
    assert sorted(item.ticket.submission_id for items in messages for item in items) == list(range(500))
    assert max(len(items) for items in messages) <= 7


def test_who_sends_hears_that_the_broker_is_away() -> None:
    batcher = Batcher(
        Publisher(make_app("test", "redis://127.0.0.1:1/0")), wait_s=0.01, limit=5, patience_s=0.0
    )
    with pytest.raises(Unavailable):
        batcher.send(_result(1)).result(timeout=60)
