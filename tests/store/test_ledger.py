"""The ledger: one row a URL, an attempt counted before the work, an end with a reason for each."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg_pool import ConnectionPool

from services.contract.messages import Ticket, UrlSettled, UrlSubmitted
from services.store import dead_letters, ledger
from services.store.intake import parse_item, parse_line, parse_lines
from services.store.ledger import Entry, Refusal, RetryPolicy
from tests.conftest import claim
from tests.thinning import examples

POLICY = RetryPolicy(max_attempts=3, base_s=10, cap_s=60)


def _record(pool: ConnectionPool, *lines: str, again: bool = False) -> ledger.Recorded:
    results = [parse_line(line, "test") for line in lines]
    with pool.connection() as connection:
        return ledger.record(
            connection,
            [r for r in results if isinstance(r, Entry)],
            [r for r in results if isinstance(r, Refusal)],
            again=again,
        )


def _claim(pool: ConnectionPool, limit: int = 100) -> list[UrlSubmitted]:
    with pool.connection() as connection:
        return claim(connection, limit)


def _settle(
    pool: ConnectionPool, submitted: UrlSubmitted, outcome: Any, reason: str = "http_500", **more: Any
) -> dict[str, int]:
    ticket = Ticket(
        submission_id=submitted.submission_id,
        url=submitted.url,
        attempt=submitted.attempt,
        dispatched_at=submitted.dispatched_at,
    )
    message = UrlSettled(ticket=ticket, stage="ingest", outcome=outcome, reason=reason, detail="why", **more)
    with pool.connection() as connection:
        return ledger.settle(connection, [message], POLICY)


def _row(pool: ConnectionPool, columns: str = "state, reason, attempts") -> tuple:
    with pool.connection() as connection:
        row = connection.execute(f"SELECT {columns} FROM submissions").fetchone()
    assert row is not None
    return row


def _make_due(pool: ConnectionPool) -> None:
    with pool.connection() as connection:
        connection.execute("UPDATE submissions SET next_attempt_at = now() WHERE state = 'pending'")


def test_a_url_is_recorded_once_however_it_is_written(pool: ConnectionPool) -> None:
    recorded = _record(
        pool,
        "https://example.org/a?utm_source=x",
        "http://www.example.org/a/",
        "https://example.org/b",
        "nonsense",
    )
    assert (recorded.new, recorded.known, recorded.refused) == (2, 1, 1)
    assert _record(pool, "https://example.org/a").known == 1


def test_a_refused_line_is_visible_with_its_reason(pool: ConnectionPool) -> None:
    _record(pool, "file:///etc/passwd")
    assert _row(pool, "url, state, reason") == ("file:///etc/passwd", "refused", "scheme_refused")


def test_hostile_text_is_stored_readably(pool: ConnectionPool) -> None:
    assert _record(pool, "https://exa\x00mple.org/\ud800", '{"url": 5}', "{broken").refused == 3


def test_claiming_counts_the_attempt_before_the_work(pool: ConnectionPool) -> None:
    _record(pool, "https://example.org/a")
    claimed = _claim(pool)
    assert [c.attempt for c in claimed] == [1]
    assert _row(pool) == ("in_flight", None, 1)
    assert _claim(pool) == []


def test_an_unclaimed_url_has_not_used_its_attempt(pool: ConnectionPool) -> None:
    _record(pool, "https://example.org/a")
    claimed = _claim(pool)
    with pool.connection() as connection:
        ledger.unclaim(connection, [c.submission_id for c in claimed])
    assert _row(pool) == ("pending", None, 0)


def test_a_transient_failure_waits_and_ends_as_a_dead_letter_after_its_attempts(pool: ConnectionPool) -> None:
    _record(pool, "https://example.org/a")
    for attempt in (1, 2):
        _settle(pool, _claim(pool)[0], "retry")
        state, reason, attempts, waits = _row(
            pool, "state, reason, attempts, next_attempt_at > now() + interval '4 seconds'"
        )
        assert (state, reason, attempts, waits) == ("pending", "http_500", attempt, True)
        _make_due(pool)
    _settle(
        pool,
        _claim(pool)[0],
        "retry",
        error="TransientError: 500",
        traceback="Traceback …",
        payload={"url": "x"},
    )
    assert _row(pool) == ("failed", "http_500", 3)
    with pool.connection() as connection:
        (letter,) = dead_letters.list_letters(connection)
        whole = dead_letters.get_letter(connection, letter["id"])
    assert whole is not None
    assert (whole["reason"], whole["attempts"], whole["traceback"], whole["payload"]) == (
        "http_500",
        3,
        "Traceback …",
        {"url": "x"},
    )


def test_retry_after_is_honoured(pool: ConnectionPool) -> None:
    _record(pool, "https://example.org/a")
    _settle(pool, _claim(pool)[0], "retry", "http_429", retry_after_s=900.0)
    assert _row(pool, "next_attempt_at > now() + interval '890 seconds'") == (True,)


@pytest.mark.parametrize("attempt", [1, 2, 5, 30])
def test_back_off_grows_is_capped_and_jitters_in_its_upper_half(attempt: int) -> None:
    full = min(60.0, 10.0 * 2 ** (attempt - 1))
    assert POLICY.wait_s(attempt, None, lambda: 0.0) == full / 2
    assert POLICY.wait_s(attempt, None, lambda: 1.0) == full


def test_a_late_copy_of_an_earlier_attempt_changes_nothing(pool: ConnectionPool) -> None:
    _record(pool, "https://example.org/a")
    first = _claim(pool)[0]
    _settle(pool, first, "retry")
    _make_due(pool)
    _claim(pool)
    assert _settle(pool, first, "failed", "http_404") == {"settled": 0, "late": 1, "dead": 0}
    assert _row(pool) == ("in_flight", "http_500", 2)


def test_what_is_stuck_is_due_again_and_dead_after_its_attempts(pool: ConnectionPool) -> None:
    _record(pool, "https://example.org/a")
    for attempt in (1, 2, 3):
        _claim(pool)
        with pool.connection() as connection:
            assert ledger.requeue_stuck(connection, datetime.now(UTC) - timedelta(minutes=1), POLICY) == {
                "requeued": 0,
                "dead": 0,
            }
            done = ledger.requeue_stuck(connection, datetime.now(UTC) + timedelta(minutes=1), POLICY)
        assert done == ({"requeued": 1, "dead": 0} if attempt < 3 else {"requeued": 0, "dead": 1})
    assert _row(pool) == ("failed", "no_progress", 3)


def test_an_emptied_broker_costs_no_attempt(pool: ConnectionPool) -> None:
    _record(pool, "https://example.org/a")
    _claim(pool)
    with pool.connection() as connection:
        assert ledger.requeue_all(connection, datetime.now(UTC) + timedelta(seconds=1)) == 1
    assert _row(pool) == ("pending", "broker_emptied", 0)


def test_replay_starts_again_and_keeps_the_letter(pool: ConnectionPool) -> None:
    _record(pool, "https://example.org/a")
    _settle(pool, _claim(pool)[0], "failed", "http_404")
    with pool.connection() as connection:
        assert dead_letters.replay(connection, dead_letters.LetterFilter(reason="http_404")) == 1
        assert dead_letters.list_letters(connection) == []
        assert dead_letters.replay(connection) == 0
    assert _row(pool) == ("pending", None, 0)


def test_letters_are_chosen_by_stage_source_and_time_and_dropped(pool: ConnectionPool) -> None:
    _record(pool, "https://news.example.org/a", "https://example.net/b")
    for submitted in _claim(pool):
        _settle(pool, submitted, "failed", "http_404")
    later = datetime.now(UTC) + timedelta(hours=1)
    with pool.connection() as connection:

        def listed(**which: Any) -> list[str]:
            return [
                letter["url"]
                for letter in dead_letters.list_letters(connection, dead_letters.LetterFilter(**which))
            ]

        assert listed(source="example.org") == ["https://news.example.org/a"]
        assert len(listed(stage="ingest")) == 2
        assert listed(stage="store") == listed(since=later) == []
        assert dead_letters.drop(connection, dead_letters.LetterFilter(source="example.org")) == 1
        assert listed() == ["https://example.net/b"]
        assert connection.execute("SELECT count(*) FROM submissions WHERE state = 'failed'").fetchone() == (
            2,
        )


def test_again_restarts_only_what_has_ended(pool: ConnectionPool) -> None:
    _record(pool, "https://example.org/a", "https://example.org/b")
    first = _claim(pool, 1)[0]
    _settle(pool, first, "failed", "http_404")
    assert _record(pool, "https://example.org/a", "https://example.org/b", again=True).again == 1


_VALUES = st.one_of(
    st.text(max_size=30),
    st.integers(),
    st.none(),
    st.lists(st.text(max_size=10), max_size=3),
    st.just("\ud800\x00"),
)
_OBJECTS = st.dictionaries(
    st.sampled_from(["url", "title", "authors", "origin", "published_at", "section", "x"]), _VALUES
)


@settings(
    max_examples=examples(300), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    line=st.one_of(
        st.text(max_size=60),
        _OBJECTS.map(lambda o: json.dumps({"url": "https://example.org/" + str(len(o))} | o)),
        st.binary(max_size=40).map(lambda b: b.decode("utf-8", "backslashreplace")),
    )
)
def test_whatever_a_line_holds_it_is_recorded_or_refused(pool: ConnectionPool, line: str) -> None:
    result = parse_line(line, "test")
    with pool.connection() as connection:
        if isinstance(result, Entry):
            ledger.record(connection, [result])
        else:
            ledger.record(connection, [], [result])
        connection.rollback()


def test_lines_are_numbered_and_comments_passed_over() -> None:
    lines = list(
        parse_lines(
            [
                "# a comment",
                "",
                "https://example.org/a",
                '{"url": "https://example.org/b", "title": "B"}',
                "bad",
            ],
            "test",
        )
    )
    assert [line.number for line in lines] == [3, 4, 5]
    assert isinstance(lines[1].result, Entry)
    assert lines[1].result.hints.title == "B"
    assert isinstance(lines[2].result, Refusal)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"url": 5}', "no_url"),
        ("[1]", "no_url"),
        ("{", "bad_json"),
        ('{"url": "https://e.org/", "published_at": "yesterday"}', "bad_field"),
        ('{"url": "https://e.org/", "authors": 7}', "bad_field"),
        ("https://e.org/" + "x" * 70_000, "line_too_long"),
    ],
)
def test_bad_lines_are_refused_with_a_reason(line: str, reason: str) -> None:
    result = parse_line(line, "test")
    assert isinstance(result, Refusal)
    assert result.error.reason == reason


_DEEP = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"url": "https://e.org/", "x": ' + _DEEP[90_000:110_000] + "}", "bad_json"),
        ('{"url": ' + '{"a":' * 5000 + "1" + "}" * 5000 + "}", "bad_json"),
        ('["https://e.org/"]', "no_url"),
        ('{"url": ["https://e.org/"]}', "no_url"),
        ('{"url": "https://e.org/"', "bad_json"),
        ('{"url": "https://e.org/"} {}', "bad_json"),
        ('{"url": "https://e.org/", "title": ' + "[" * 300 + "]" * 300 + "}", "bad_field"),
        ('{"url": "https://e.org/", "published_at": "0000-00-00 00:00:00"}', "bad_field"),
        ('{"url": ""}', "empty_url"),
        ("https://e.org/a\nhttps://e.org/b", "several_lines"),
        (b"x" * 3_000_000, "line_too_long"),
        (_DEEP, "line_too_long"),
        (b"\xff\xfe\x00\x01", "malformed_url"),
        ("\ud800", "malformed_url"),
    ],
)
def test_odd_lines_are_refused_with_a_reason_and_recorded(
    pool: ConnectionPool, line: str | bytes, reason: str
) -> None:
    result = parse_line(line, "test \ud83d")
    assert isinstance(result, Refusal)
    assert result.error.reason == reason
    str(result.error).encode()
    with pool.connection() as connection:
        assert ledger.record(connection, [], [result]).refused == 1


@pytest.mark.parametrize(
    ("line", "url"),
    [
        ("\ufeffhttps://e.org/a", "https://e.org/a"),
        ("\u2003\xa0https://e.org/a\u2028\x0c\r\n", "https://e.org/a"),
        ("https://e.org/a\u2028b", "https://e.org/a%E2%80%A8b"),
        ("https://e.org/a\0b", "https://e.org/a%00b"),
        (b"https://e.org/caf\xe9", "https://e.org/caf%E9"),
        (b'\xef\xbb\xbf{"url": "https://e.org/caf\xe9", "title": "caf\xe9"}', "https://e.org/caf%E9"),
        (
            '{"url": "https://e.org/\\ud83d", "title": "a\\ud83d", "authors": ["\\udc00"]}',
            "https://e.org/%EF%BF%BD",
        ),
        ('{"url": "https://e.org/a", "origin": "feed \\ud83d\\u0000"}', "https://e.org/a"),
        ('{"url": "https://e.org/a", "x": ' + "9" * 5000 + "}", "https://e.org/a"),
        ('{"url": "https://e.org/a", "x": NaN, "y": -Infinity}', "https://e.org/a"),
        ('{"url": "https://e.org/a", "url": "https://e.org/b"}', "https://e.org/b"),
        ('{"url": "https://e.org/a", "published_at": "0001-01-01T00:00:00+01:00"}', "https://e.org/a"),
        ('{"url": "https://e.org/a", "published_at": "9999-12-31T23:59:59-05:00"}', "https://e.org/a"),
        ('{"url": "https://e.org/a", "published_at": "1066-10-14", "title": "  "}', "https://e.org/a"),
    ],
)
def test_odd_lines_that_name_a_url_are_recorded(pool: ConnectionPool, line: str | bytes, url: str) -> None:
    result = parse_line(line, "test")
    assert isinstance(result, Entry)
    assert result.url.url == url
    assert result.hints.published_at is None
    with pool.connection() as connection:
        assert ledger.record(connection, [result]).new == 1


def test_an_object_is_taken_as_its_line_would_be() -> None:
    taken = parse_item({"url": "https://e.org/a", "title": "A\ud800"}, "test")
    assert isinstance(taken, Entry)
    assert (taken.url.url, taken.hints.title) == ("https://e.org/a", "A\ufffd")
    deep: dict[str, object] = {}
    for _ in range(100_000):
        deep = {"a": deep}
    refused = parse_item({"url": "https://e.org/a", "x": deep}, "test")
    assert isinstance(refused, Refusal)
    assert refused.error.reason == "bad_json"
    while deep:  # what is as deep is not freed in one go
        deep = deep.popitem()[1]  # type: ignore[assignment]
