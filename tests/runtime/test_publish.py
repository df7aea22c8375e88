"""Publishing: batches stay below their limits, and what is sent is what a consumer decodes."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import pytest
from backports import zstd
from redis import Redis

from services.contract.envelopes import decode
from services.contract.errors import Unavailable
from services.contract.limits import MAX_BATCH
from services.contract.messages import UrlSubmitted
from services.local.valkey import EmbeddedRedis
from services.runtime.celery_app import make_app
from services.runtime.publish import Publisher
from services.runtime.queues import RedisQueues, open_queues


def _urls(count: int, *, padding: int = 0) -> list[UrlSubmitted]:
    at = datetime(2026, 3, 1, tzinfo=UTC)
    url = "https://example.org/" + "x" * padding
    return [
        UrlSubmitted(submission_id=n, url=url, canonical_url=url, attempt=1, dispatched_at=at)
        for n in range(count)
    ]


def _bodies(redis: Redis) -> list[dict]:
    """Message bodies as they lie in the broker, oldest first."""
    raw = [json.loads(m) for m in redis.lrange("dateline.ingest", 0, -1)][::-1]
    assert all(m["content-type"] == "application/x-dateline+json" for m in raw)
    opened = [zstd.decompress(base64.b64decode(m["body"])) for m in raw]
    return [json.loads(body)[0][0] for body in opened]


def test_items_arrive_in_batches_and_in_order(redis_server: EmbeddedRedis, redis: Redis) -> None:
    sent = Publisher(make_app("test", redis_server.url)).send(_urls(MAX_BATCH * 2 + 5))
    bodies = _bodies(redis)
    assert sent == len(bodies) == 3
    items = [item for body in bodies for item in decode(UrlSubmitted, body)]
    assert [item.submission_id for item in items] == list(range(MAX_BATCH * 2 + 5))


def test_a_batch_is_split_where_it_would_grow_too_large(redis_server: EmbeddedRedis, redis: Redis) -> None:
    Publisher(make_app("test", redis_server.url)).send(_urls(3, padding=900_000))
    assert [len(body["items"]) for body in _bodies(redis)] == [1, 1, 1]


def test_depths_tell_how_many_wait_and_since_when(redis_server: EmbeddedRedis, redis: Redis) -> None:
    Publisher(make_app("test", redis_server.url)).send(_urls(4), batch=1)
    ingest = next(d for d in RedisQueues(redis).depths() if d.queue == "dateline.ingest")
    assert ingest.waiting == 4
    assert ingest.oldest == datetime(2026, 3, 1, tzinfo=UTC).timestamp()


def test_a_broker_that_is_away_is_unavailable_not_a_crash() -> None:
    with pytest.raises(Unavailable, match="Redis does not answer"):
        Publisher(make_app("test", "redis://127.0.0.1:1/0")).send(_urls(1))
    with pytest.raises(Unavailable, match="Redis does not answer"):
        open_queues("redis://127.0.0.1:1/0").depths()


def test_a_wrong_password_says_so(redis_server: EmbeddedRedis) -> None:
    wrong = redis_server.url.replace(redis_server.password, "wrong")
    with pytest.raises(Exception, match="refused the password in DATELINE_REDIS_URL"):
        open_queues(wrong).depths()
