"""Storing articles: exactly one row a page, versions of changed text, a bad one alone."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from psycopg_pool import ConnectionPool

from services.contract.envelopes import decode
from services.contract.errors import Unavailable
from services.contract.messages import ArticleEnriched, Link, Stamp
from services.store import ledger
from services.store.database import open_pool
from services.store.handler import Writer
from services.store.intake import parse_line
from services.store.status import pipeline_state
from tests.conftest import claim

EXAMPLE = Path(__file__).parents[1] / "contract" / "examples" / "ArticleEnriched.v1.json"
POLICY = ledger.RetryPolicy()


def _message(
    url: str = "https://example.org/world/strike", submission_id: int = 0, **article: Any
) -> ArticleEnriched:
    (message,) = decode(ArticleEnriched, json.loads(EXAMPLE.read_text(encoding="utf-8")))
    ticket = msgspec.structs.replace(message.ticket, url=url, submission_id=submission_id)
    changed = msgspec.structs.replace(message.article, url=url, canonical_url=url, **article)
    return msgspec.structs.replace(message, ticket=ticket, article=changed)


def _submitted(pool: ConnectionPool, *urls: str) -> list[int]:
    with pool.connection() as connection:
        ledger.record(connection, [parse_line(url, "test") for url in urls])  # type: ignore[misc]
        claimed = claim(connection, 100)
        (example,) = decode(ArticleEnriched, json.loads(EXAMPLE.read_text(encoding="utf-8")))
        connection.execute("UPDATE submissions SET dispatched_at = %s", (example.ticket.dispatched_at,))
        return [m.submission_id for m in sorted(claimed, key=lambda m: urls.index(m.url))]


def _one(pool: ConnectionPool, statement: str) -> tuple:
    with pool.connection() as connection:
        row = connection.execute(statement).fetchone()
    assert row is not None
    return row


def test_an_article_is_stored_with_all_its_parts(pool: ConnectionPool) -> None:
    url = "https://example.org/world/strike"
    (number,) = _submitted(pool, url)
    assert Writer(pool, POLICY).write([_message(url, number)]) == {"new": 1, "changed": 0, "unchanged": 0}
    assert _one(pool, "SELECT title, provider, agency, authors, language, word_count FROM articles") == (
        "Dockworkers end strike", "Reuters", "Reuters", ["Ann Lee"], "en", 10,
    )  # fmt: skip
    assert _one(pool, "SELECT code, path, evidence->0->>'text' FROM article_topics") == (
        "medtop:09000000",
        ["medtop:09000000"],
        "strike",
    )
    assert _one(pool, "SELECT code, m49, focus, roles FROM article_countries") == (
        "PT",
        620,
        True,
        ["about", "dateline"],
    )
    assert _one(pool, 'SELECT quote, start, "end", geonameid, country FROM article_places') == (
        "Portugal",
        34,
        42,
        2264397,
        "PT",
    )
    assert _one(pool, "SELECT kind, title FROM article_links") == ("related", "Another story")
    assert _one(pool, "SELECT state, article_id IS NOT NULL FROM submissions") == ("stored", True)
    assert _one(
        pool,
        "SELECT count(*) FROM articles WHERE search @@ websearch_to_tsquery('english', 'dockworker strikes')",
    ) == (1,)


def test_a_redelivered_article_is_stored_once(pool: ConnectionPool) -> None:
    message = _message(submission_id=_submitted(pool, "https://example.org/world/strike")[0])
    writer = Writer(pool, POLICY)
    writer.write([message])
    before = _one(pool, "SELECT id, fetched_at, stored_at FROM articles")
    assert writer.write([message, message]) == {"new": 0, "changed": 0, "unchanged": 1}
    assert _one(pool, "SELECT id, fetched_at, stored_at FROM articles") == before
    assert _one(pool, "SELECT count(*) FROM article_topics") == (1,)


def test_unchanged_text_only_touches_last_seen(pool: ConnectionPool) -> None:
    writer = Writer(pool, POLICY)
    writer.write([_message()])
    first = _one(pool, "SELECT last_seen_at FROM articles")
    writer.write([_message()])
    assert _one(pool, "SELECT last_seen_at FROM articles") > first
    assert _one(pool, "SELECT count(*) FROM article_versions") == (0,)


def test_changed_text_becomes_a_new_version(pool: ConnectionPool) -> None:
    writer = Writer(pool, POLICY)
    writer.write([_message()])
    assert (
        writer.write([_message(text="The strike in Portugal goes on.", content_hash="other")])["changed"] == 1
    )
    assert _one(pool, "SELECT version, text FROM articles") == (2, "The strike in Portugal goes on.")
    assert _one(pool, "SELECT version, left(text, 6) FROM article_versions") == (1, "LISBON")


def test_variants_of_a_url_are_one_article(pool: ConnectionPool) -> None:
    urls = ["https://example.org/a", "https://example.org/b"]
    numbers = _submitted(pool, *urls)
    same = [_message("https://www.example.org/a/", numbers[0]), _message("http://example.org/a", numbers[1])]
    Writer(pool, POLICY).write(same)
    assert _one(pool, "SELECT count(*) FROM articles") == (1,)
    assert _one(
        pool, "SELECT count(DISTINCT article_id), count(*) FROM submissions WHERE state = 'stored'"
    ) == (1, 2)


def test_a_bad_article_fails_alone_and_the_batch_is_stored(pool: ConnectionPool) -> None:
    urls = [f"https://example.org/{n}" for n in range(7)]
    numbers = _submitted(pool, *urls)
    batch = [_message(url, number) for url, number in zip(urls, numbers, strict=True)]
    batch[4] = msgspec.structs.replace(
        batch[4], article=msgspec.structs.replace(batch[4].article, url="no address")
    )
    done = Writer(pool, POLICY).write(batch)
    assert (done["new"], done["failed"]) == (6, 1)
    assert _one(pool, "SELECT count(*) FROM submissions WHERE state = 'stored'") == (6,)
    url, reason, error = _one(pool, "SELECT url, reason, error FROM dead_letters")
    assert (url, reason) == (urls[4], "not_storable")
    assert "BadUrl" in error


def test_links_of_an_article_that_is_written_again_are_the_new_ones(pool: ConnectionPool) -> None:
    """Those that were stored before links moved to the article itself go, too."""
    Writer(pool, POLICY).write([_message()])
    with pool.connection() as connection:
        connection.execute(
            "INSERT INTO article_links SELECT id, 5, 'https://x/', 'Former', 'body' FROM articles"
        )
    changed = Link(url="https://example.org/next", title="The next story", kind="body")
    Writer(pool, POLICY).write([_message(text="Something else was said.", content_hash="2", links=[changed])])
    with pool.connection() as connection:
        found = connection.execute("SELECT position, url, title, kind FROM article_links").fetchall()
    assert found == [(0, "https://example.org/next", "The next story", "body")]


def test_concurrent_writers_of_the_same_articles_store_each_once(pool: ConnectionPool) -> None:
    urls = [f"https://example.org/{n}" for n in range(12)]
    batch = [_message(url) for url in urls]
    writer = Writer(pool, POLICY)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda n: writer.write(batch[n:] + batch[:n]), range(8)))
    assert _one(pool, "SELECT count(*) FROM articles") == (12,)
    assert _one(pool, "SELECT count(*) FROM article_places") == (12,)
    assert _one(pool, "SELECT count(*) FROM article_versions") == (0,)


def test_postgres_away_is_unavailable() -> None:
    pool = open_pool("postgresql://dateline:x@127.0.0.1:1/dateline", size=1)
    pool.timeout = 0.5
    with pytest.raises(Unavailable):
        Writer(pool, POLICY).write([_message()])
    pool.close()


def test_an_attempt_ends_once_however_often_its_message_comes(pool: ConnectionPool) -> None:
    message = _message(submission_id=_submitted(pool, "https://example.org/world/strike")[0])
    writer = Writer(pool, POLICY)
    for batch in ([message, message], [message]):
        writer.write(batch)
    assert _one(pool, "SELECT count(*) FROM submission_attempts") == (1,)
    assert _one(pool, "SELECT sum(urls) FROM outcome_counts WHERE outcome = 'stored'") == (1,)


def test_an_article_that_comes_after_its_url_was_given_up_settles_the_letter(pool: ConnectionPool) -> None:
    message = _message(submission_id=_submitted(pool, "https://example.org/world/strike")[0])
    with pool.connection() as connection:
        connection.execute("UPDATE submissions SET state = 'failed', reason = 'no_progress'")
        connection.execute(
            "INSERT INTO dead_letters (submission_id, url, stage, reason, attempts) SELECT id, url, "
            "'dispatch', 'no_progress', 5 FROM submissions"
        )
    Writer(pool, POLICY).write([message])
    assert _one(pool, "SELECT state, reason FROM submissions") == ("stored", None)
    assert _one(pool, "SELECT replayed_at IS NOT NULL FROM dead_letters") == (True,)


def test_extraction_s_slower_ways_are_counted_by_themselves(pool: ConnectionPool) -> None:
    urls = [f"https://example.org/world/{n}" for n in range(3)]
    messages = []
    for number, (url, method) in enumerate(
        zip(urls, ("blocks/2", "blocks+whole page/2", "json-ld/2"), strict=True)
    ):
        stamp = Stamp(
            stage="ingest", event="extracted", at=datetime.now(UTC), elapsed_ms=4.0, detail={"method": method}
        )
        message = _message(url, _submitted(pool, url)[0], text=f"Text of story number {number}.")
        messages.append(msgspec.structs.replace(message, stamps=[stamp]))
    Writer(pool, POLICY).write(messages)
    with pool.connection() as connection:
        shown = {row["event"]: row["per_minute"] * 5 for row in pipeline_state(connection)["stages"]}
    assert shown == {
        "extracted": 1,
        "extracted (blocks+whole page)": 1,
        "extracted (json-ld)": 1,
        "stored": 3,
    }
