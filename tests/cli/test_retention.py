"""`dateline retention` shows the limits, what would go now, and the last run; it changes nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from psycopg_pool import ConnectionPool

from services.cli import main
from services.scheduler.retention import Retention
from services.store.retention_rules import Limits, RetentionRules
from tests.articles import enriched, stored
from tests.store.test_articles import _one


def _run(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(main, ["retention", *arguments])
    assert done.exit_code == code, done.output
    return " ".join(done.output.split())


@pytest.fixture
def filled(
    pool: ConnectionPool, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> ConnectionPool:
    monkeypatch.setenv("DATELINE_DATABASE_URL", database_url)
    monkeypatch.setenv("DATELINE_WARC_DIR", str(tmp_path))
    for source in ("a.example", "b.example"):
        for days in (1, 50, 500):
            at = datetime.now(UTC) - timedelta(days=days)
            stored(pool, enriched(f"https://{source}/{days}", source_domain=source, published_at=at))
    return pool


def test_without_a_setting_everything_is_kept(filled: ConnectionPool) -> None:
    said = _run()
    assert "DATELINE_RETENTION is not set here: everything is kept" in said
    assert "all 0 sources 0 0 0" in said
    assert "the scheduler has removed nothing yet" in said


def test_what_would_go_is_shown_by_source_and_stays(
    filled: ConnectionPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATELINE_RETENTION", "text=30d,articles=365d")
    monkeypatch.setenv("DATELINE_RETENTION_SOURCES", "b.example forever")
    said = _run()
    assert "every other 30 d 30 d 365 d b.example forever forever forever" in said
    assert "a.example 1 1 0 all 1 sources 1 1 0" in said
    assert json.loads(_run("--json"))["due"] == {
        "articles": {"a.example": {"nothing": 1, "tags": 1}},
        "raw_without_article": 0, "archive_files": 0, "archive_bytes": 0,
    }  # fmt: skip
    assert _one(filled, "SELECT count(*) FROM articles WHERE text <> ''") == (6,)
    assert _one(filled, "SELECT count(*) FROM audit") == (0,)


def test_the_last_run_is_told_with_the_limits_it_went_by(filled: ConnectionPool) -> None:
    job = Retention(filled, RetentionRules(Limits(articles=365)))
    while not job._ended_at:
        job.tick()
    assert 'ago, by * articles=365d: removed {"nothing": 2}' in _run()


def test_a_bad_setting_is_named(filled: ConnectionPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_RETENTION", "30 days")
    assert "DATELINE_RETENTION='30 days' is not valid" in _run(code=2)
