"""A short run of `make chaos`, and what its judge must notice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from chaos import run as chaos
from chaos.plan import SERVICES, Shape, draw
from chaos.site import expected, path_of
from chaos.targets import EmbeddedTarget
from chaos.verdict import Verdict, judge

pytestmark = [pytest.mark.pipeline, pytest.mark.timeout(600)]
SHORT = Shape(
    kills=1,
    terminations=0,
    restarts=1,
    crashes=0,
    wipes=1,
    database_stops=1,
    database_outage_s=3.0,
    mean_gap_s=2.0,
    poisonings=1,
)
SITE = "http://127.0.0.1:9"


def test_a_seeded_run_loses_and_doubles_nothing(tmp_path: Path) -> None:
    said: list[str] = []
    target = EmbeddedTarget(tmp_path)
    try:
        target.start()
        run = chaos.Run(target, 7, SHORT, 320, said.append)
        verdict = run.run(patience_s=120)
        rows = chaos.summary(run, verdict)
    finally:
        target.stop()
    assert verdict.clean, [
        *verdict.lost.values(), *verdict.doubled.values(), *verdict.wrong, *verdict.stories
    ]  # fmt: skip
    assert (verdict.submitted, verdict.stored + verdict.ended) == (320, 320)
    assert {row["fault"] for row in rows} >= {
        "Redis wiped",
        "Postgres stopped",
        "poison",
        *(f"kill -9 {s}" for s in SERVICES),
    }
    assert sum(row["in flight"] for row in rows) > 20  # faults that meet no work prove nothing
    assert all(row["unrecovered"] == 0 for row in rows)


def test_a_seed_names_one_order_of_faults() -> None:
    assert draw(3, Shape()) == draw(3, Shape()) != draw(4, Shape())
    counts = [fault.name for fault in draw(3, Shape())]
    assert [counts.count(f"kill -9 {service}") for service in SERVICES] == [5] * len(SERVICES)


@pytest.fixture
def finished(database_url: str) -> Iterator[psycopg.Connection]:
    """A database in which 40 pages have ended as they must."""
    with psycopg.connect(database_url) as connection:
        for number in range(40):
            url, (state, reason) = SITE + path_of(number), expected(number)
            connection.execute(
                "INSERT INTO submissions (url, canonical_url, url_hash, host, state, reason, origin) VALUES "
                "(%s, %s, %s, 'x', %s, %s, 'chaos')",
                (url, url, number.to_bytes(16, "big"), state, reason),
            )
        connection.execute(
            "INSERT INTO articles (url_hash, url, canonical_url, source_domain, title, text, word_count, "
            "content_hash, extractor, extractor_version, fetched_at) "
            "SELECT url_hash, url, url, 'x', 't', '', 1, 'h', 'e', '1', now() FROM submissions WHERE state = "
            "'stored'"
        )
        connection.execute(
            "UPDATE submissions s SET article_id = a.id FROM articles a WHERE a.url = s.url; "
            "INSERT INTO submission_attempts (submission_id, attempt, stage, outcome) SELECT id, 1, 'store', "
            "state FROM submissions; "
            "INSERT INTO dead_letters (submission_id, url, stage, reason, error, attempts) "
            "SELECT id, url, 'ingest', reason, 'it says 404', 1 FROM submissions WHERE state = 'failed'"
        )
        for number in range(40):
            from chaos.site import story_of

            connection.execute(
                "UPDATE articles SET text = %s WHERE url = %s",
                (story_of(number).text, SITE + path_of(number)),
            )
        yield connection


def _judged(connection: psycopg.Connection) -> Verdict:
    return judge(connection, 40, lambda number: SITE + path_of(number))


def test_the_judge_passes_what_is_right(finished: psycopg.Connection) -> None:
    verdict = _judged(finished)
    assert verdict.clean, [*verdict.lost.values(), *verdict.doubled.values(), *verdict.wrong]


@pytest.mark.parametrize(
    ("damage", "noticed"),
    [
        ("DELETE FROM dead_letters; DELETE FROM submission_attempts; DELETE FROM submissions WHERE url LIKE "
            "'%/20'", "lost"),
        ("UPDATE submissions SET state = 'in_flight' WHERE url LIKE '%/20'", "lost"),
        ("UPDATE submissions SET state = 'failed', reason = 'no_progress' WHERE url LIKE '%/20'", "lost"),
        ("INSERT INTO submission_attempts (submission_id, attempt, stage, outcome) SELECT id, 2, 'store', "
            "'stored' FROM submissions WHERE url LIKE '%/20'", "doubled"),
        ("UPDATE articles SET version = 2 WHERE url LIKE '%/20'", "doubled"),
        ("UPDATE articles SET text = left(text, 40) WHERE url LIKE '%/20'", "wrong"),
        ("INSERT INTO article_links SELECT id, 0, 'u', 't', 'body' FROM articles WHERE url LIKE '%/20'",
        "wrong"),
        ("UPDATE dead_letters SET error = NULL", "wrong"),
        ("DELETE FROM dead_letters", "wrong"),
    ],
)  # fmt: skip
def test_the_judge_notices(finished: psycopg.Connection, damage: str, noticed: str) -> None:
    finished.execute(damage)
    verdict = _judged(finished)
    assert getattr(verdict, noticed)
    assert not verdict.clean
