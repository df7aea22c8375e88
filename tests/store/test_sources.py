"""Sources: due, polled, adapted to how often they publish; broken ones wait longer and say why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection
from psycopg_pool import ConnectionPool

from services.contract.errors import BadUrl, PermanentError
from services.contract.messages import FeedEntry, Hints, SourceDue, SourcePolled, Validators
from services.store import sources
from services.store.handler import Writer
from services.store.ledger import RetryPolicy
from tests.thinning import examples

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def connection(pool: ConnectionPool) -> Connection:
    with pool.connection() as found:
        yield found  # type: ignore[misc]


def _polled(source_id: int, at: datetime, *urls: str, hours: float = 1, **more: object) -> SourcePolled:
    entries = [
        FeedEntry(url=url, hints=Hints(title=f"T {n}", published_at=at - timedelta(hours=hours * n)))
        for n, url in enumerate(urls)
    ]
    polled = SourcePolled(
        source_id=source_id,
        url="x",
        kind="rss",
        dispatched_at=at,
        polled_at=at,
        title="Feed",
        entries=entries,
    )
    return msgspec.structs.replace(polled, **more)


def _row(connection: Connection) -> dict:
    (row,) = sources.listed(connection)
    return row


def _make_due(connection: Connection) -> list[SourceDue]:
    connection.execute("UPDATE sources SET next_poll_at = now()")
    return sources.due(connection)


def test_a_source_is_due_once_and_again_when_its_poll_is_lost(connection: Connection) -> None:
    source_id, new = sources.add(connection, "https://Courier.example/feed?utm_source=x")
    assert new
    assert sources.add(connection, "https://courier.example/feed?utm_source=x") == (source_id, False)
    assert [due.source_id for due in sources.due(connection)] == [source_id]
    assert sources.due(connection) == []
    wait = connection.execute("SELECT next_poll_at - now() FROM sources").fetchone()
    assert wait is not None
    assert timedelta(minutes=9) < wait[0] <= timedelta(minutes=10)


def test_entries_become_urls_with_what_the_feed_knows(connection: Connection) -> None:
    source_id, _ = sources.add(connection, "https://courier.example/feed")
    polled = _polled(
        source_id,
        START,
        "https://courier.example/a",
        "https://courier.example/b",
        validators=Validators(etag='"1"'),
    )
    assert sources.settle(connection, polled) == {"items": 2, "new": 2}
    rows = connection.execute(
        "SELECT url, origin, hints ->> 'title', state FROM submissions ORDER BY url"
    ).fetchall()
    assert rows[0] == ("https://courier.example/a", f"source:{source_id}", "T 0", "pending")
    row = _row(connection)
    assert (row["title"], row["items"], row["errors_in_row"], row["last_success_at"]) == ("Feed", 2, 0, START)
    assert _make_due(connection)[0].validators == Validators(etag='"1"')


def test_a_poll_that_comes_twice_counts_once(connection: Connection) -> None:
    source_id, _ = sources.add(connection, "https://courier.example/feed")
    polled = _polled(source_id, START, "https://courier.example/a")
    sources.settle(connection, polled)
    assert sources.settle(connection, polled) == {"late": 1}
    assert _row(connection)["polls"] == 1


def test_the_interval_follows_how_often_a_source_publishes(connection: Connection) -> None:
    source_id, _ = sources.add(connection, "https://courier.example/feed")
    sources.settle(
        connection, _polled(source_id, START, *(f"https://courier.example/{n}" for n in range(25)), hours=1)
    )
    busy = _row(connection)
    assert round(busy["items_a_day"]) == 24
    assert round(busy["interval_s"]) == 7200
    at = START
    for _ in range(30):  # then it falls silent
        at += timedelta(seconds=_row(connection)["interval_s"])
        sources.settle(connection, _polled(source_id, at))
    assert _row(connection)["interval_s"] == sources.LONGEST_S
    for n in range(60):  # and then it publishes every two minutes
        at += timedelta(minutes=30)
        sources.settle(
            connection, _polled(source_id, at, *(f"https://courier.example/live/{n}/{m}" for m in range(15)))
        )
    assert _row(connection)["interval_s"] < 400


@pytest.mark.parametrize(
    ("rate", "seconds"),
    [
        (None, 900),
        (0.0, sources.LONGEST_S),
        (24, 7200),
        (100_000, sources.SHORTEST_S),
        (float("nan"), sources.LONGEST_S),
    ],
)
def test_intervals_are_bounded(rate: float | None, seconds: float) -> None:
    assert sources.interval(rate) == seconds


def test_a_broken_source_waits_longer_each_time_and_says_why(connection: Connection) -> None:
    source_id, _ = sources.add(connection, "https://courier.example/feed")
    sources.settle(connection, _polled(source_id, START, "https://courier.example/a"))
    waits = []
    for n in range(1, 4):
        failed = _polled(source_id, START + timedelta(hours=n), reason="http_500", detail="it answered 500")
        sources.settle(connection, failed)
        row = _row(connection)
        waits.append(row["next_poll_at"].timestamp() - datetime.now(UTC).timestamp())
        assert (row["errors_in_row"], row["reason"], row["detail"]) == (n, "http_500", "it answered 500")
        assert row["last_success_at"] == START
    assert waits[0] < waits[1] < waits[2]
    sources.settle(connection, _polled(source_id, START + timedelta(hours=9)))
    row = _row(connection)
    assert (row["errors_in_row"], row["reason"]) == (0, None)


def test_waiting_for_a_host_is_no_failure(connection: Connection) -> None:
    source_id, _ = sources.add(connection, "https://courier.example/feed")
    waiting = _polled(source_id, START, reason="host_wait", detail="not yet", retry_after_s=30.0)
    sources.settle(connection, waiting)
    row = _row(connection)
    assert (row["errors_in_row"], row["last_success_at"]) == (0, None)
    assert 20 < row["next_poll_at"].timestamp() - datetime.now(UTC).timestamp() < 31


def test_a_source_that_moved_for_good_is_asked_there(connection: Connection) -> None:
    source_id, _ = sources.add(connection, "https://courier.example/old")
    sources.settle(connection, _polled(source_id, START, moved_to="https://courier.example/new"))
    assert _row(connection)["url"] == "https://courier.example/new"
    sources.add(connection, "https://courier.example/taken")
    sources.settle(
        connection, _polled(source_id, START + timedelta(hours=1), moved_to="https://courier.example/taken")
    )
    assert "https://courier.example/new" in {row["url"] for row in sources.listed(connection)}


def test_pausing_finding_and_removing(connection: Connection) -> None:
    source_id, _ = sources.add(connection, "https://courier.example/feed")
    assert (
        sources.find(connection, "https://courier.example/feed")
        == sources.find(connection, str(source_id))
        == source_id
    )
    sources.pause(connection, source_id, paused=True)
    assert sources.due(connection) == []
    sources.pause(connection, source_id, paused=False)
    assert len(sources.due(connection)) == 1
    sources.remove(connection, source_id)
    assert sources.settle(connection, _polled(source_id, START)) == {"late": 1}
    with pytest.raises(PermanentError, match="dateline sources list"):
        sources.find(connection, str(source_id))
    with pytest.raises(BadUrl):
        sources.add(connection, "file:///etc/passwd")


def test_an_entry_that_is_no_url_is_refused_visibly(connection: Connection) -> None:
    source_id, _ = sources.add(connection, "https://courier.example/feed")
    sources.settle(
        connection, _polled(source_id, START, "https://courier.example/a", "mailto:desk@courier.example")
    )
    assert connection.execute("SELECT state, reason FROM submissions WHERE state = 'refused'").fetchall() == [
        ("refused", "malformed_url")
    ]


DAY_S = 24 * 3600.0
WAITS = [31_536_000.0, 1e11, 1e30, 1e308, float("inf"), float("-inf"), float("nan"), -5.0, 0.0, 120.0, None]


@pytest.mark.parametrize("reason", ["http_429", "host_wait"])
def test_a_source_is_left_alone_for_a_day_at_most(connection: Connection, reason: str) -> None:
    source_id, _ = sources.add(connection, "https://courier.example/feed")
    for n, asked in enumerate(WAITS):
        at = START + timedelta(hours=n)
        sources.settle(connection, _polled(source_id, at, reason=reason, retry_after_s=asked))
        wait = connection.execute(
            "SELECT extract(epoch FROM next_poll_at - now())::float FROM sources"
        ).fetchone()
        assert wait is not None
        assert 0 < wait[0] <= DAY_S, asked
        assert wait[0] == DAY_S or not (asked and asked > DAY_S)


@pytest.mark.parametrize("text", ["a\x00b", "a\ud83d", "\x00", "x" * 100_000, "\x1b[31m", ""])
def test_text_that_postgres_cannot_hold_is_made_storable(connection: Connection, text: str) -> None:
    source_id, _ = sources.add(connection, "https://courier.example/feed")
    hints = Hints(title=text, authors=[text], keywords=[text], section=text, language=text)
    polled = _polled(source_id, START, "https://courier.example/a", title=text, detail=text, moved_to=text)
    entries = [FeedEntry(url="https://courier.example/b", hints=hints), FeedEntry(url=text), *polled.entries]
    validators = Validators(etag=text, last_modified=text)
    polled = msgspec.structs.replace(polled, entries=entries, validators=validators)
    assert sources.settle(connection, polled)["new"] == 2
    sources.settle(
        connection, _polled(source_id, START + timedelta(hours=1), reason=text or "x", detail=text)
    )
    row = _row(connection)
    assert (row["errors_in_row"], row["url"]) == (1, "https://courier.example/feed")
    assert len(row["detail"] or "") <= 2000
    (due,) = _make_due(connection)
    assert due.validators is None or due.validators == Validators(etag="")


def test_entries_ahead_of_their_poll_are_recorded_alone_in_any_order_and_once(connection: Connection) -> None:
    source_id, _ = sources.add(connection, "https://courier.example/feed")
    first = _polled(source_id, START, "https://courier.example/a", more=True)
    last = _polled(source_id, START, "https://courier.example/b", validators=Validators(etag='"1"'))
    assert sources.settle(connection, first) == {"items": 1, "new": 1}
    assert (_row(connection)["polls"], _row(connection)["items"]) == (0, 1)
    assert sources.settle(connection, last) == {"items": 1, "new": 1}
    assert sources.settle(connection, first) == {"items": 1, "new": 0}
    assert sources.settle(connection, last) == {"late": 1}
    row = _row(connection)
    assert (row["polls"], row["items"], row["last_success_at"]) == (1, 2, START)
    (due,) = _make_due(connection)
    assert (due.turn, due.validators) == (1, Validators(etag='"1"'))


@pytest.mark.parametrize("year", [1, 1399, 2999, 9999])
def test_a_workers_wrong_clock_does_not_make_later_polls_late(connection: Connection, year: int) -> None:
    source_id, _ = sources.add(connection, "https://courier.example/feed")
    far = datetime(year, 1, 1, tzinfo=UTC)
    assert (
        sources.settle(connection, _polled(source_id, START, "https://courier.example/a", polled_at=far))[
            "new"
        ]
        == 1
    )
    later = datetime.now(UTC) + timedelta(seconds=1)
    assert sources.settle(connection, _polled(source_id, START, polled_at=later)) == {"items": 0, "new": 0}


@pytest.mark.parametrize("source_id", [0, -1, 2**63, 10**30])
def test_a_poll_of_no_source_is_late(connection: Connection, source_id: int) -> None:
    assert sources.settle(connection, _polled(source_id, START)) == {"late": 1}


def test_a_poll_that_postgres_refuses_is_recorded_as_failed(
    pool: ConnectionPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pool.connection() as connection:
        source_id, _ = sources.add(connection, "https://courier.example/feed")
    whole = sources.settle

    def refusing(connection: Connection, polled: SourcePolled) -> dict[str, int]:
        if polled.entries:
            connection.execute("SELECT 'x'::int")
        return whole(connection, polled)

    monkeypatch.setattr(sources, "settle", refusing)
    Writer(pool, RetryPolicy()).source(_polled(source_id, START, "https://courier.example/a"))
    with pool.connection() as connection:
        row = _row(connection)
        assert (row["reason"], row["errors_in_row"]) == ("not_storable", 1)
        connection.execute("DELETE FROM sources")


_TEXT = st.text(st.characters(), max_size=30)  # surrogates too
_MOMENT = st.datetimes(timezones=st.just(UTC)) | st.datetimes(
    timezones=st.just(timezone(timedelta(hours=14)))
)
_HINTS = st.builds(
    Hints,
    title=st.none() | _TEXT,
    published_at=st.none() | _MOMENT,
    authors=st.lists(_TEXT, max_size=2),
    language=st.none() | _TEXT,
)
_URL = _TEXT | _TEXT.map("https://courier.example/{}".format) | _TEXT.map("http://{}/".format)
_POLLED = st.builds(
    SourcePolled, source_id=st.just(1), url=_TEXT, kind=st.sampled_from(["auto", "rss", "sitemap", "page"]),
    dispatched_at=_MOMENT, polled_at=_MOMENT, reason=st.just("") | _TEXT, detail=_TEXT,
    unchanged=st.booleans(), title=st.none() | _TEXT,
    entries=st.lists(st.builds(FeedEntry, url=_URL, hints=_HINTS), max_size=5),
    validators=st.none() | st.builds(Validators, etag=st.none() | _TEXT, last_modified=st.none() | _TEXT),
    moved_to=st.none() | _URL, retry_after_s=st.none() | st.floats(), more=st.booleans(),
)  # fmt: skip


@settings(
    max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(polled=_POLLED)
def test_any_poll_can_be_recorded(connection: Connection, polled: SourcePolled) -> None:
    source_id, _ = sources.add(connection, "https://courier.example/feed")
    try:
        sources.settle(connection, msgspec.structs.replace(polled, source_id=source_id))
        assert len(sources.listed(connection)) == 1
        assert len(_make_due(connection)) == 1
    finally:
        connection.rollback()
