"""History: failures are kept longer than successes, counters for ever, and
nothing that is still open is touched.
"""

from __future__ import annotations

from datetime import timedelta

from psycopg_pool import ConnectionPool

from services.contract.messages import Ticket, UrlSettled
from services.contract.urls import parse_url
from services.store import dead_letters, ledger
from services.store.retention import prune
from services.store.status import outcome_totals
from tests.conftest import claim


def _ended(pool: ConnectionPool, name: str, outcome: str, *, days_ago: int) -> None:
    with pool.connection() as connection:
        ledger.record(connection, [ledger.Entry(parse_url(f"https://example.org/{name}"), "test")])
        (submitted,) = claim(connection, 1)
        ticket = Ticket(
            submission_id=submitted.submission_id,
            url=submitted.url,
            attempt=1,
            dispatched_at=submitted.dispatched_at,
        )
        message = UrlSettled(ticket=ticket, stage="ingest", outcome=outcome, reason="why")  # type: ignore[arg-type]
        ledger.settle(connection, [message], ledger.RetryPolicy())
        for table, column in (("submission_attempts", "ended_at"), ("dead_letters", "failed_at")):
            connection.execute(
                f"UPDATE {table} SET {column} = now() - make_interval(days => %s) WHERE submission_id = %s",
                (days_ago, submitted.submission_id),
            )


def _prune(pool: ConnectionPool) -> dict[str, int]:
    with pool.connection() as connection:
        return prune(connection, keep_successes=timedelta(days=30), keep_failures=timedelta(days=180))


def test_attempts_that_failed_outlive_those_that_did_not(pool: ConnectionPool) -> None:
    for days_ago in (1, 40, 200):
        for outcome in ("skipped", "failed"):
            _ended(pool, f"{outcome}-{days_ago}", outcome, days_ago=days_ago)
    assert _prune(pool) == {"attempts": 3, "letters": 0, "sessions": 0}
    with pool.connection() as connection:
        kept = connection.execute(
            "SELECT s.url FROM submission_attempts a JOIN submissions s ON s.id = a.submission_id "
            "ORDER BY s.url"
        ).fetchall()
        totals = {row["outcome"]: row["urls"] for row in outcome_totals(connection)}
        letters = dead_letters.list_letters(connection)
    assert [url.rsplit("/", 1)[1] for (url,) in kept] == ["failed-1", "failed-40", "skipped-1"]
    assert totals == {"skipped": 3, "failed": 3}
    assert len(letters) == 3


def test_only_letters_that_were_replayed_are_forgotten(pool: ConnectionPool) -> None:
    _ended(pool, "a", "failed", days_ago=400)
    _ended(pool, "b", "failed", days_ago=400)
    with pool.connection() as connection:
        first = dead_letters.list_letters(connection)[0]["id"]
        dead_letters.replay(connection, dead_letters.LetterFilter(ids=(first,)))
        connection.execute(
            "UPDATE dead_letters SET replayed_at = now() - interval '200 days' WHERE id = %s", (first,)
        )
    assert _prune(pool)["letters"] == 1
    with pool.connection() as connection:
        assert [letter["id"] for letter in dead_letters.list_letters(connection)] == [first - 1]
