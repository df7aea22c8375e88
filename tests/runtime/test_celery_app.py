"""Where the queue's library fails, we do not."""

from __future__ import annotations

from services.runtime.celery_app import TolerantQoS, make_app
from services.runtime.embedded import EmbeddedRedis


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
