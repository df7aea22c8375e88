"""Script calls in company: each thread gets its own answer, whoever sent it; a flushed Redis and one that is
away are told."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis
from redis.exceptions import RedisError, ResponseError

from services.ingest.fetch.scripts import Scripts
from services.runtime import broker

ADD = "return redis.call('INCRBY', KEYS[1], ARGV[1])"
FAIL = "return redis.error_reply('no ' .. ARGV[1])"


def test_every_thread_gets_the_answer_to_its_own_call(redis: Redis) -> None:
    scripts = Scripts(redis)
    add = scripts.register(ADD)
    with ThreadPoolExecutor(24) as threads:
        answers = list(threads.map(lambda n: (n, scripts.call(add, [f"key:{n}"], [n])), range(1, 600)))
    assert [n for n, answer in answers if answer != n] == []
    assert redis.get("key:599") == b"599"


def test_many_calls_make_fewer_trips(redis: Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    scripts = Scripts(redis)
    add = scripts.register(ADD)
    trips = []
    sent = scripts._sent
    monkeypatch.setattr(scripts, "_sent", lambda commands: trips.append(len(commands)) or sent(commands))
    with ThreadPoolExecutor(24) as threads:
        list(threads.map(lambda n: scripts.call(add, ["key"], [1]), range(2000)))
    assert sum(trips) >= 2000
    assert len(trips) < 2000
    assert redis.get("key") == b"2000"


def test_one_that_fails_does_not_fail_the_others(redis: Redis) -> None:
    scripts = Scripts(redis)
    add, fail = scripts.register(ADD), scripts.register(FAIL)

    def one(n: int) -> object:
        try:
            return scripts.call(fail, [], [n]) if n % 3 == 0 else scripts.call(add, [f"key:{n}"], [n])
        except ResponseError as error:
            return str(error)

    with ThreadPoolExecutor(12) as threads:
        answers = list(threads.map(one, range(300)))
    assert [n for n, answer in enumerate(answers) if answer != (f"no {n}" if n % 3 == 0 else n)] == []


def test_scripts_that_were_flushed_are_loaded_again(redis: Redis) -> None:
    scripts = Scripts(redis)
    add = scripts.register(ADD)
    assert scripts.call(add, ["key"], [2]) == 2
    redis.script_flush()
    assert scripts.call(add, ["key"], [2]) == 4


def test_a_redis_that_is_away_is_told_to_all_who_wait_and_forgotten_when_it_is_back(redis: Redis) -> None:
    scripts = Scripts(broker.connect("redis://127.0.0.1:1/0"))
    add = scripts.register(ADD)

    def one(_: int) -> bool:
        with pytest.raises(RedisError):
            scripts.call(add, ["key"], [1])
        return True

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(one, range(40)))
    scripts._client = redis
    assert scripts.call(add, ["key"], [1]) == 1


def test_connections_that_were_cut_are_replaced(redis: Redis) -> None:
    scripts = Scripts(redis)
    add = scripts.register(ADD)
    assert scripts.call(add, ["key"], [1]) == 1
    for connection in redis.connection_pool._available_connections:
        connection._sock.shutdown(socket.SHUT_RDWR)
    assert scripts.call(add, ["key"], [1]) == 2


def test_what_is_posted_arrives_each_once_among_the_calls_of_others(redis: Redis) -> None:
    scripts = Scripts(redis)
    add = scripts.register(ADD)

    def one(n: int) -> int:
        scripts.post(add, ["posted"], [1])
        return int(scripts.call(add, [f"key:{n}"], [n]))

    with ThreadPoolExecutor(24) as threads:
        assert list(threads.map(one, range(1, 600))) == list(range(1, 600))
    assert scripts.call(add, ["posted"], [0]) == 599


def test_what_is_posted_alone_has_arrived_when_it_returns(redis: Redis) -> None:
    scripts = Scripts(redis)
    add = scripts.register(ADD)
    scripts.post(add, ["posted"], [3])
    assert redis.get("posted") == b"3"


def test_what_is_posted_while_a_lot_is_on_its_way_is_sent_by_who_sends_that(redis: Redis) -> None:
    scripts = Scripts(redis)
    add = scripts.register(ADD)
    on_its_way, go_on = threading.Event(), threading.Event()
    sent = scripts._sent

    def slowly(commands: list[tuple[object, ...]]) -> list[object]:
        on_its_way.set()
        assert go_on.wait(20)
        return sent(commands)

    scripts._sent = slowly
    leader = threading.Thread(target=scripts.call, args=(add, ["key"], [1]))
    leader.start()
    assert on_its_way.wait(20)
    scripts.post(add, ["posted"], [1])  # returns at once, and nobody else comes
    go_on.set()
    leader.join(20)
    assert (redis.get("key"), redis.get("posted")) == (b"1", b"1")
    assert scripts.call(add, ["key"], [1]) == 2


def test_what_is_posted_to_a_redis_that_is_away_raises_nothing(redis: Redis) -> None:
    scripts = Scripts(broker.connect("redis://127.0.0.1:1/0"))
    scripts.post("0" * 40, ["key"], [1])
    scripts._client = redis
    assert scripts.call(scripts.register(ADD), ["key"], [1]) == 1
