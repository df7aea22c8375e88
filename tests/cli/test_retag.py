"""Stored articles tagged again: only those of other versions, in a dry run first, whatever cuts it off."""

from __future__ import annotations

import pytest
from click.testing import CliRunner
from psycopg_pool import ConnectionPool

from services.cli import main
from services.demo.pages import stories

INSERT = (
    "INSERT INTO articles (url_hash, url, canonical_url, source_domain, title, text, language, word_count, "
    "content_hash, extractor, "
    "extractor_version, fetched_at) VALUES (%s, %s, %s, 'courier.example', %s, %s, %s, 1, 'h', 'e', '1', "
    "now()) RETURNING id"
)


@pytest.fixture
def filled(pool: ConnectionPool, database_url: str, monkeypatch: pytest.MonkeyPatch) -> ConnectionPool:
    monkeypatch.setenv("DATELINE_DATABASE_URL", database_url)
    with pool.connection() as connection:
        for number, (path, story) in enumerate(stories().items()):
            url = f"https://courier.example{path}"
            values = (number.to_bytes(16, "big"), url, url, story.title, story.text, story.language)
            row = connection.execute(INSERT, values).fetchone()
            assert row is not None
            connection.execute(
                "INSERT INTO article_topics (article_id, code, name, path, score, tagger_version) VALUES "
                "(%s, 'medtop:00000000', 'old', '{x}', 1, 'old')",
                (row[0],),
            )
    return pool


def _retag(*arguments: str) -> str:
    done = CliRunner().invoke(main, ["retag", "--workers", "1", *arguments])
    assert done.exit_code == 0, done.output
    return " ".join(done.output.split())


def _count(pool: ConnectionPool, condition: str) -> int:
    with pool.connection() as connection:
        row = connection.execute(f"SELECT count(*) FROM {condition}").fetchone()
    assert row is not None
    return int(row[0])


def test_a_dry_run_says_what_would_change_and_writes_nothing(filled: ConnectionPool) -> None:
    assert f"other topics {len(stories())}" in _retag("--dry-run")
    assert _count(filled, "article_topics WHERE code = 'medtop:00000000'") == len(stories())
    assert _count(filled, "articles WHERE topics_version IS NOT NULL") == 0


def test_old_tags_are_replaced_once_and_evidence_quotes_the_text(filled: ConnectionPool) -> None:
    assert f"written {len(stories())}" in _retag()
    assert _count(filled, "article_topics WHERE code = 'medtop:00000000'") == 0
    assert _count(filled, "article_topics") >= len(stories()) / 2
    assert _count(filled, "article_countries WHERE focus") >= len(stories()) / 2
    quotes = (
        "article_topics t JOIN articles a ON a.id = t.article_id, jsonb_to_recordset(t.evidence) AS e (text "
        'text, start int, "end" int) '
        'WHERE substring(a.text FROM e.start + 1 FOR e."end" - e.start) <> e.text'
    )
    assert _count(filled, quotes) == 0
    assert _retag() == "every article was tagged by the current versions"
    assert f"the same tags {len(stories())}" in _retag("--all", "--dry-run")


def test_a_run_that_was_cut_off_goes_on_with_the_rest(filled: ConnectionPool) -> None:
    _retag()
    with filled.connection() as connection:
        connection.execute(
            "UPDATE articles SET topics_version = 'old' WHERE id IN (SELECT id FROM articles ORDER BY id "
            "DESC LIMIT 5)"
        )
    assert "written 5" in _retag()


def test_only_what_is_asked_for_is_tagged(filled: ConnectionPool) -> None:
    told = _retag("--source", "other.example")
    assert told.startswith("there is no article from other.example.")
    assert told.endswith("every article was tagged by the current versions")
