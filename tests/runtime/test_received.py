"""A message read where it arrives: what decodes is worked on, the rest is kept with its reason and can be
sent again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Raw
from redis import Redis

from services.cli import main
from services.contract.envelopes import encode, encode_item
from services.contract.messages import FeedEntry, Hints, SourcePolled, UrlSettled, UrlSubmitted
from services.local.valkey import EmbeddedRedis
from services.runtime import quarantine
from services.runtime.celery_app import make_app
from services.runtime.publish import Publisher
from services.runtime.quarantine import KEY, MOST, WHOLE_BYTES, Quarantine
from services.runtime.received import received
from tests.thinning import examples

AT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def kept(redis_server: EmbeddedRedis, redis: Redis) -> Iterator[Quarantine]:
    quarantine.use(redis_server.url)
    yield Quarantine(redis)
    quarantine._of_this_process.clear()


def _submitted(number: int, url: str = "https://example.org/a") -> UrlSubmitted:
    return UrlSubmitted(submission_id=number, url=url, canonical_url=url, attempt=1, dispatched_at=AT)


def test_one_bad_item_costs_that_item(kept: Quarantine) -> None:
    body = encode(
        UrlSubmitted, [encode_item(_submitted(1)), b'{"submission_id": "x"}', encode_item(_submitted(2))]
    )
    assert [item.submission_id for item in received(UrlSubmitted, body)] == [1, 2]
    (one,) = kept.messages()
    assert (one.reason, one.task, one.body, one.whole) == (
        "bad_item",
        "ingest.fetch",
        b'{"submission_id": "x"}',
        True,
    )
    assert "submission_id" in one.error


@settings(
    max_examples=examples(200), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda t: t.encode("utf-8", "surrogatepass")))
def test_a_message_of_any_bytes_raises_nothing(body: bytes) -> None:
    assert received(UrlSubmitted, Raw(body)) == []


def test_the_quarantine_is_bounded(kept: Quarantine, redis: Redis) -> None:
    kept.keep(b"x" * (WHOLE_BYTES + 1), queue="q", task=None, reason="r", error="e")
    assert not kept.messages()[0].whole
    for number in range(MOST + 5):
        kept.keep(str(number).encode(), queue="q\udfff", task="\x00", reason="r", error="\ud800")
    assert redis.llen(KEY) == kept.count() == MOST
    assert kept.drop({kept.messages()[0].id}) == 1
    assert kept.drop() == MOST - 1


def test_what_cannot_be_encoded_fails_alone_and_says_so(redis_server: EmbeddedRedis, redis: Redis) -> None:
    polls = [
        SourcePolled(
            source_id=n, url="https://example.org/feed", kind="rss", dispatched_at=AT, polled_at=AT,
            entries=[FeedEntry(url="https://example.org/a",
            hints=Hints(title="\ud800" if n == 2 else "fine"))],
        )
        for n in range(4)
    ]  # fmt: skip
    publisher = Publisher(make_app("test", redis_server.url))
    assert publisher.send(polls) == 2
    assert publisher.send([_submitted(1, "https://example.org/\udfff"), _submitted(2)]) == 2
    assert redis.llen("dateline.store") == 3
    assert redis.llen("dateline.ingest") == 1


def test_what_stands_in_for_it_names_the_url_and_the_reason() -> None:
    from services.contract.unsendable import stand_in

    found = stand_in(_submitted(1, "https://example.org/\udfff"), ValueError("\ud800"))
    assert isinstance(found, UrlSettled)
    assert (found.outcome, found.reason, found.stage, found.ticket.submission_id) == (
        "failed",
        "unsendable",
        "dispatch",
        1,
    )
    encode_item(found)


def test_messages_can_be_listed_shown_sent_again_and_dropped(
    kept: Quarantine, redis_server: EmbeddedRedis, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATELINE_REDIS_URL", redis_server.url)
    item = encode_item(_submitted(7))
    received(UrlSubmitted, encode(UrlSubmitted, [b"{}"]))
    kept.keep(
        item, queue="dateline.ingest", task="ingest.fetch", reason="bad_item", error="of an older version"
    )
    kept.keep(b"{}", queue="dateline.enrich", task=None, reason="bad_envelope", error="no properties")
    run = CliRunner().invoke
    assert "of an older version" in run(main, ["dead", "messages"], env={"COLUMNS": "250"}).output
    rows = [json.loads(line) for line in run(main, ["dead", "messages", "--json"]).output.splitlines()]
    assert [row["reason"] for row in rows] == ["bad_envelope", "bad_item", "bad_item"]
    assert "https://example.org/a" in run(main, ["dead", "messages", "show", rows[1]["id"]]).output
    assert run(main, ["dead", "messages", "replay"]).exit_code == 2
    assert "2 sent again" in run(main, ["dead", "messages", "replay", rows[0]["id"], rows[1]["id"]]).output
    assert (redis.llen("dateline.ingest"), redis.llen("dateline.enrich")) == (1, 1)
    assert "1 dropped" in run(main, ["dead", "messages", "drop", "--all"]).output
    assert "no messages in quarantine" in run(main, ["dead", "messages"]).output
