"""What sources listed, by day, against what became of it; and sources that
are still for longer than is their habit.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from psycopg_pool import ConnectionPool

from services.cli import main
from services.contract.messages import FeedEntry, SourcePolled
from services.store import completeness, ledger, sources
from services.store.intake import parse_line


def _polled(source_id: int, *urls: str, at: datetime) -> SourcePolled:
    entries = [FeedEntry(url=url) for url in urls]
    return SourcePolled(
        source_id=source_id,
        url="https://a.example/feed",
        kind="rss",
        dispatched_at=at,
        polled_at=at,
        entries=entries,
    )


def test_items_are_counted_on_the_day_they_were_listed_with_their_fate(
    pool: ConnectionPool, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = datetime.now(UTC)
    with pool.connection() as connection:
        number, _ = sources.add(connection, "https://a.example/feed", kind="rss", title="A")
        # Known by another way already: it is listed all the same.
        ledger.record(connection, [parse_line("https://a.example/0", "test")])  # type: ignore[list-item]
        urls = [f"https://a.example/{n}" for n in range(5)]
        sources.settle(connection, _polled(number, *urls[:4], at=now))
        sources.settle(connection, _polled(number, *urls, at=now + timedelta(seconds=1)))
        for url, state in zip(urls, ("stored", "stored", "skipped", "failed", "pending"), strict=True):
            connection.execute(
                "UPDATE submissions SET state = %s, reason = %s WHERE url = %s",
                (state, "http_404" if state == "failed" else None, url),
            )
        connection.execute(
            "UPDATE source_items SET first_seen_at = now() - interval '1 day' "
            "WHERE url_hash = (SELECT url_hash FROM submissions WHERE url = %s)",
            (urls[0],),
        )
        rows = completeness.by_day(connection, days=2)
    kept = ("listed", "stored", "skipped", "failed", "waiting", "unknown", "reason")
    assert [tuple(row[k] for k in kept) for row in rows] == [
        (4, 1, 1, 1, 1, 0, "http_404"),
        (1, 1, 0, 0, 0, 0, None),
    ]
    monkeypatch.setenv("DATELINE_DATABASE_URL", database_url)
    said = CliRunner().invoke(main, ["sources", "report", str(number), "--days", "2"])
    assert said.exit_code == 0, said.output
    assert "25% failed: http_404" in said.output


@pytest.mark.parametrize(
    ("items_a_day", "still", "silent"),
    [
        (100.0, "13 hours", True),
        (100.0, "11 hours", False),
        (7.0, "23 hours", False),
        (7.0, "25 hours", True),
        (0.0, "90 days", False),
    ],
)
def test_a_source_is_silent_by_its_own_habit(
    pool: ConnectionPool, items_a_day: float, still: str, silent: bool
) -> None:
    with pool.connection() as connection:
        number, _ = sources.add(connection, "https://a.example/feed")
        connection.execute(
            "UPDATE sources SET items_a_day = %s, last_new_at = now() - %s::interval", (items_a_day, still)
        )
        found = completeness.silent(connection)
        sources.pause(connection, number, paused=True)
        assert completeness.silent(connection) == []
    assert bool(found) == silent
