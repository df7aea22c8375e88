"""Where the queue's library fails or wastes, we do not."""

from __future__ import annotations

import gc
import json
import threading
import weakref

import pytest
from kombu.utils.json import dumps as kombu_dumps
from kombu.utils.json import loads as kombu_loads
from redis import Redis

from chaos.poison import KINDS
from services.local.valkey import EmbeddedRedis
from services.runtime import consumer
from services.runtime.celery_app import make_app
from services.runtime.redis_transport import BadEnvelope, TolerantQoS, loads


def test_a_channel_whose_connection_is_gone_closes_quietly(redis_server: EmbeddedRedis) -> None:
    app = make_app("test", redis_server.url)
    connection = app.connection()
    channel = connection.channel()
    channel.queue_declare("dateline.test")
    channel.basic_publish(channel.prepare_message("{}"), exchange="", routing_key="dateline.test")
    assert channel.basic_get("dateline.test") is not None  # and never acknowledged
    assert isinstance(channel.qos, TolerantQoS)
    channel._disconnect_pools()
    channel.__dict__.pop("client", None)
    channel.connection.client = None  # as it is once a lost connection was collected
    channel.close()
    assert channel.closed


def test_what_came_over_a_lost_connection_is_acknowledged_in_vain(redis_server: EmbeddedRedis) -> None:
    channel = make_app("test", redis_server.url).connection().channel()
    channel.queue_declare("dateline.test")
    for _ in range(2):
        channel.basic_publish(channel.prepare_message("{}"), exchange="", routing_key="dateline.test")
    first, second = (channel.basic_get("dateline.test") for _ in range(2))
    channel.close()
    channel._disconnect_pools()
    first.ack()
    second.reject()
    assert (first.acknowledged, second.acknowledged) == (True, True)


def test_what_waits_for_messages_tells_of_a_lost_connection(redis_server: EmbeddedRedis) -> None:
    channel = make_app("test", redis_server.url).connection().channel()
    channel.active_fanout_queues.add("remote")
    channel._fanout_queues["remote"] = ("remote", "")
    channel.subclient.connection = channel.async_pool.get_connection()
    channel._subscribe()
    while channel._receive():  # what has come, and no more: it does not wait
        pass
    with Redis.from_url(redis_server.url) as client:
        client.client_kill_filter(_type="pubsub")
    told: list[Exception] = []

    def receive() -> None:
        try:
            for _ in range(100):
                channel._receive()
        except Exception as error:
            told.append(error)

    receiver = threading.Thread(target=receive, daemon=True)
    receiver.start()
    receiver.join(timeout=30)
    assert not receiver.is_alive(), "it waits for what may never come"
    assert isinstance(told[0], channel.connection_errors)
    channel.close()


ENVELOPE = {
    "body": "KLUv/SAF…", "content-encoding": "utf-8", "content-type": "application/json",
    "headers": {"lang": "py", "task": "x", "retries": 0, "timelimit": [None, None], "origin": "gen1@żółw",
    "dispatched_at": 17.25},
    "properties": {"correlation_id": "1", "delivery_info": {"exchange": "", "routing_key": "q"},
    "priority": 0},
}  # fmt: skip


def test_an_envelope_is_read_as_kombu_writes_it() -> None:
    text = kombu_dumps(ENVELOPE)
    assert loads(text) == loads(text.encode()) == ENVELOPE


def test_typed_values_of_another_celery_are_read() -> None:
    assert loads(kombu_dumps({"raw": b"bytes"})) == {"raw": b"bytes"}


@pytest.mark.parametrize(
    "text",
    ["", "no envelope", b"{", '{"body": "\\ud800"}', "NaN", "[" * 100_000, '{"__type__": 1, "__value__": 2}'],
)
def test_what_is_no_envelope_is_read_as_kombu_does_or_is_unreadable(text: str | bytes) -> None:
    try:
        found = kombu_loads(text)
    except Exception:
        with pytest.raises(BadEnvelope) as caught:
            loads(text)
        assert caught.value.raw == text
    else:
        assert repr(loads(text)) == repr(found)


def test_what_a_refused_bomb_unpacked_to_is_given_back_at_once(
    redis_server: EmbeddedRedis, redis: Redis
) -> None:
    """A ring of a message and its errors would stay for as long as nobody looks for rings: 34 MB each."""
    channel = make_app("test", redis_server.url).connection().channel()
    channel.queue_declare("dateline.ingest")
    redis.lpush("dateline.ingest", json.dumps(KINDS["zstd bomb"]("dateline.ingest")))
    message = channel.basic_get("dateline.ingest")
    assert message is not None
    unpacking = message.errors[0][2]
    while unpacking.tb_next:
        unpacking = unpacking.tb_next
    assert (
        sum(len(found) for found in unpacking.tb_frame.f_locals.values() if isinstance(found, bytes)) < 10**6
    )
    gc.collect()
    gc.disable()
    try:
        del unpacking
        _refused(message)
        assert message.acknowledged
        channel.qos._flush()
        kept = weakref.ref(message)
        del message
        assert kept() is None
    finally:
        gc.enable()


def _refused(message: object) -> None:
    """As the worker's handler does."""
    try:
        consumer._check(message)
    except Exception as error:
        consumer._refuse(message, error)
