"""Retention that runs by itself: what is past its limit goes, in batches, once, whatever ends the process in
between."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from prometheus_client import CollectorRegistry
from psycopg_pool import ConnectionPool

from services.contract.messages import Archived
from services.ingest.archive import Archive, pages
from services.local.valkey import EmbeddedRedis
from services.scheduler import retention
from services.scheduler.raw_remover import RawRemover
from services.scheduler.retention import Retention
from services.store import audit, changes, deletion
from services.store.handler import Writer
from services.store.retention_rules import Limits, RetentionRules, parse_sources
from tests.articles import enriched, stored
from tests.conftest import eventually, repository
from tests.ingest.test_archive import BASE, _page
from tests.store.test_articles import POLICY, _message, _one, _submitted

NOW = datetime.now(UTC)


def _days_ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


def _run(pool: ConnectionPool, rules: RetentionRules, *arguments: Any, **more: Any) -> Counter[str]:
    """One whole run, tick by tick."""
    job, total = Retention(pool, rules, *arguments, **more), Counter[str]()
    while not job._ended_at:
        total += Counter(job.tick() or {})
    assert job.tick() is None, "it rests"
    return total


def _aged(pool: ConnectionPool, *ages: int, source: str = "news.example.org") -> list[int]:
    return stored(
        pool,
        *(
            enriched(f"https://{source}/{age}", published_at=_days_ago(age), source_domain=source)
            for age in ages
        ),
    )


def test_each_limit_takes_what_is_past_it_and_the_ledger_keeps_the_receipt(
    pool: ConnectionPool,
) -> None:
    urls = [f"https://example.org/{age}" for age in (1, 40, 100, 400)]
    numbers = _submitted(pool, *urls)
    Writer(pool, POLICY).write(
        [
            _message(u, n, published_at=_days_ago(int(u.rsplit("/", 1)[1])), content_hash=u,
                     archived=Archived(file="a.warc.gz", offset=n, length=9))
            for u, n in zip(urls, numbers, strict=True)
        ]
    )  # fmt: skip
    with pool.connection() as connection:
        known = changes.newest(connection)
        ids = dict(connection.execute("SELECT url, id FROM articles").fetchall())
    assert _run(pool, RetentionRules(Limits(raw=30, text=90, articles=365))) == {
        "text": 1,
        "tags": 1,
        "nothing": 1,
    }
    with pool.connection() as connection:
        kept = connection.execute(
            "SELECT url, text <> '' FROM articles ORDER BY published_at DESC"
        ).fetchall()
        ledger = connection.execute(
            "SELECT url, state, reason, archived->>'file' FROM submissions ORDER BY length(url), url"
        )
        assert ledger.fetchall() == [
            (urls[0], "stored", None, "a.warc.gz"), (urls[1], "stored", None, None),
            (urls[2], "stored", None, None),
            (urls[3], "skipped", "retention_ended", None),
        ]  # fmt: skip
        told = {c.article_id: c.kind for c in changes.after(connection, known, limit=10)}
        assert len(deletion.raw_pending(connection)) == 3
        run = audit.newest(connection, "retention_run")
    assert kept == [(urls[0], True), (urls[1], True), (urls[2], False)]
    assert told == {ids[urls[2]]: "changed", ids[urls[3]]: "deleted"}
    assert run is not None
    assert run["who"] == "scheduler"
    limits = {"*": "raw=30d,text=90d,articles=365d"}
    assert run["detail"] == {"limits": limits, "text": 1, "tags": 1, "nothing": 1}
    assert _run(pool, RetentionRules(Limits(raw=30, text=90, articles=365))) == {}


def test_a_source_has_limits_of_its_own(pool: ConnectionPool) -> None:
    _aged(pool, 5, 50, source="short.example")
    _aged(pool, 5, 50, source="www.kept.example")
    _aged(pool, 5, 50, source="other.example")
    rules = RetentionRules(
        Limits(articles=30), parse_sources("short.example articles=3d; kept.example forever")
    )
    assert _run(pool, rules) == {"nothing": 3}
    with pool.connection() as connection:
        left = [row[0] for row in connection.execute("SELECT url FROM articles ORDER BY url")]
    assert left == ["https://other.example/5", "https://www.kept.example/5", "https://www.kept.example/50"]


def test_many_pages_and_batches_are_walked_and_an_article_whose_text_went_comes_back_when_asked_for(
    pool: ConnectionPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    from services.store import retention_due

    monkeypatch.setattr(retention, "BATCH", 3)
    monkeypatch.setattr(retention_due.articles, "__kwdefaults__", {"limit": 5})
    messages = [
        enriched(f"https://x.example/{n}", published_at=_days_ago(50 if n % 3 else 2)) for n in range(31)
    ]
    stored(pool, *messages)
    assert _run(pool, RetentionRules(Limits(text=30))) == {"tags": 20}
    assert _one(pool, "SELECT count(*) FROM articles WHERE text = ''") == (20,)
    assert _one(pool, "SELECT count(*) FROM audit WHERE action = 'article_let_go'")[0] >= 7
    stored(pool, messages[1])
    assert _one(pool, "SELECT count(*) FROM articles WHERE text = ''") == (19,)


_CHILD = """
import sys
from services.scheduler import retention
from services.store import audit
from services.store.database import open_pool
from services.store.retention_rules import Limits, RetentionRules

url, where = sys.argv[1:]
retention.BATCH, note = 10, audit.note

def stop(*arguments, **more):
    if where == "before the commit":
        note(*arguments, **more)
    print("batch", flush=True)
    sys.stdin.readline()
    if where == "between batches":
        note(*arguments, **more)

audit.note = stop
job = retention.Retention(open_pool(url, size=2), RetentionRules(Limits(articles=30)))
while True:
    job.tick()
"""


@pytest.mark.parametrize("where", ["before the commit", "between batches"])
@pytest.mark.parametrize("batches", [0, 2])
def test_a_run_that_is_killed_loses_nothing_and_the_next_one_finishes_it(
    pool: ConnectionPool, database_url: str, where: str, batches: int
) -> None:
    ids = set(_aged(pool, *range(31, 91)))
    young = set(_aged(pool, 1, 2))
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, database_url, where],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=repository(),
    )  # fmt: skip
    assert child.stdin is not None
    assert child.stdout is not None
    for _ in range(batches):
        assert child.stdout.readline() == "batch\n"
        child.stdin.write("\n")
        child.stdin.flush()
    assert child.stdout.readline() == "batch\n"
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert _one(pool, "SELECT count(*) FROM articles") == (62 - 10 * batches,)
    assert _run(pool, RetentionRules(Limits(articles=30))) == {"nothing": 60 - 10 * batches}
    with pool.connection() as connection:
        left = {row[0] for row in connection.execute("SELECT id FROM articles")}
        acts = [
            entry["detail"]["ids"]
            for entry in audit.listed(connection, limit=1000)
            if "ids" in entry["detail"]
        ]
        told = {c.article_id for c in changes.after(connection, 0, limit=1000) if c.kind == "deleted"}
    assert left == young
    assert Counter(i for act in acts for i in act) == Counter(ids), "each in the audit, once"
    assert told == ids


def test_it_lets_those_who_write_go_first(pool: ConnectionPool) -> None:
    _aged(pool, 40)
    job = Retention(pool, RetentionRules(Limits(articles=30)))
    with pool.connection() as writing:
        assert not deletion.any_barred(writing)
        assert job.tick() is None
        assert _one(pool, "SELECT count(*) FROM articles") == (1,)
    assert job.tick() == {"nothing": 1}


def test_an_article_that_came_again_meanwhile_stays(pool: ConnectionPool) -> None:
    (number,) = _aged(pool, 40)
    job = Retention(pool, RetentionRules(Limits(articles=30)))
    with pool.connection() as writing:
        deletion.any_barred(writing)
        assert job.tick() is None
        writing.execute("UPDATE articles SET published_at = now() WHERE id = %s", (number,))
    assert job.tick() is None
    assert _one(pool, "SELECT count(*) FROM articles") == (1,)


def test_raw_answers_without_an_article_go_by_their_host_and_those_under_way_stay(
    pool: ConnectionPool,
) -> None:
    hosts = ("a.example", "b.example", "c.example", "kept.example")
    numbers = _submitted(pool, *(f"https://{host}/x" for host in hosts))
    with pool.connection() as connection:
        for number, state, days in zip(
            numbers, ("skipped", "in_flight", "failed", "skipped"), (40, 40, 1, 40), strict=True
        ):
            connection.execute(
                "UPDATE submissions SET state = %s, updated_at = %s, archived = %s WHERE id = %s",
                (state, _days_ago(days), f'{{"file": "f.warc", "offset": {number}}}', number),
            )
    rules = RetentionRules(Limits(raw=30), parse_sources("kept.example forever"))
    assert _run(pool, rules) == {"raw": 1}
    with pool.connection() as connection:
        assert deletion.raw_pending(connection) == [("f.warc", numbers[0])]
    assert _one(pool, "SELECT count(*) FROM submissions WHERE archived IS NOT NULL") == (3,)
    assert _run(pool, rules) == {}


def _archived(pool: ConnectionPool, folder: Path, *, days: int, count: int = 2) -> Path:
    """A file of the archive with stored articles, written so long ago."""
    paths = [f"/{days}-{n}" for n in range(count)]
    written = Archive(folder)
    places = [written.write(_page("/world/strike"), BASE + path) for path in paths]
    written.close()
    file = (folder / places[0].file).rename(folder / f"{days}.warc.gz")
    places = [structs.replace(place, file=file.name) for place in places]
    os.utime(file, (_days_ago(days).timestamp(),) * 2)
    numbers = _submitted(pool, *(BASE + path for path in paths))
    Writer(pool, POLICY).write(
        [_message(BASE + u, n, published_at=_days_ago(days), archived=p, content_hash=u)
         for u, n, p in zip(paths, numbers, places, strict=True)]
    )  # fmt: skip
    return file


def test_files_of_the_archive_go_whole_once_nothing_in_them_is_kept(
    pool: ConnectionPool, tmp_path: Path
) -> None:
    old, young = _archived(pool, tmp_path, days=60), _archived(pool, tmp_path, days=3)
    rules = RetentionRules(Limits(raw=30), parse_sources("a.example raw=40d"))
    assert _run(pool, rules, tmp_path) == {"text": 2}, "its files came into the folder just now"
    assert RawRemover(pool, tmp_path).tick() == {"removed": 2, "failed": 0}
    assert list(pages(old)) == []
    assert (
        _run(
            pool,
            RetentionRules(Limits(raw=30), parse_sources("a.example forever")),
            tmp_path,
            settled=timedelta(),
        )
        == {}
    )
    assert old.exists(), "some raw answers are kept for ever"
    assert _run(pool, rules, tmp_path, settled=timedelta()) == {"files": 1}
    assert not old.exists()
    assert [url for url, _, _ in pages(young)] != []
    with pool.connection() as connection:
        assert [e["subject"] for e in audit.listed(connection) if e["action"] == "archive_file_let_go"] == [old.name]  # fmt: skip  # noqa: E501


def test_a_file_stays_while_the_ledger_points_to_it_and_goes_with_what_is_pending_in_it(
    pool: ConnectionPool, tmp_path: Path
) -> None:
    file = _archived(pool, tmp_path, days=60)
    rules = RetentionRules(Limits(raw=30))
    with pool.connection() as connection:
        connection.execute("UPDATE submissions SET article_id = NULL, state = 'pending'")
    assert _run(pool, rules, tmp_path, settled=timedelta()) == {}
    with pool.connection() as connection:
        connection.execute("UPDATE submissions SET state = 'skipped', updated_at = %s", (_days_ago(50),))
    assert _run(pool, rules, tmp_path, settled=timedelta()) == {"raw": 2, "files": 1}
    assert not file.exists()
    with pool.connection() as connection:
        assert deletion.raw_pending(connection) == []


def test_a_folder_that_cannot_be_changed_keeps_its_file_and_says_so(
    pool: ConnectionPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = _archived(pool, tmp_path, days=60)

    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError("read-only file system")

    monkeypatch.setattr(Path, "unlink", refuse)
    assert _run(pool, RetentionRules(Limits(raw=30)), tmp_path, settled=timedelta()) == {"text": 2}
    assert file.exists()
    with pool.connection() as connection:
        stays = audit.newest(connection, "archive_file_stays")
    assert stays is not None
    assert "read-only" in stays["detail"]["error"]


def test_its_figures_are_told(pool: ConnectionPool) -> None:
    _aged(pool, 40)
    registry = CollectorRegistry()
    job = Retention(pool, RetentionRules(Limits(articles=30)))
    registry.register(job)
    assert registry.get_sample_value("dateline_retention_run_at") == 0
    job.tick()
    assert registry.get_sample_value("dateline_retention_total", {"kept": "nothing"}) == 1
    assert registry.get_sample_value("dateline_retention_total", {"kept": "tags"}) == 0
    assert registry.get_sample_value("dateline_retention_run_at") > 0  # type: ignore[operator]


@pytest.mark.parametrize("limits", ["", "articles=30d"])
def test_the_scheduler_runs_it_only_where_a_limit_is_set(
    pool: ConnectionPool, database_url: str, redis_server: EmbeddedRedis, limits: str
) -> None:
    _aged(pool, 1, 40)
    environ = os.environ | {
        "DATELINE_DATABASE_URL": database_url,
        "DATELINE_REDIS_URL": redis_server.url,
        "DATELINE_RETENTION": limits,
    }
    child = subprocess.Popen([sys.executable, "-m", "services.scheduler"], env=environ, cwd=repository())
    try:
        if limits:
            ran = "SELECT count(*) FROM audit WHERE action = 'retention_run'"
            eventually("a run has ended", lambda: _one(pool, ran) == (1,))
        else:
            learned = "SELECT count(*) FROM source_homes"  # by the last of its jobs
            eventually("its jobs have run", lambda: _one(pool, learned) == (1,))
    finally:
        child.terminate()
        child.wait(timeout=60)
    assert _one(pool, "SELECT count(*) FROM articles") == ((1,) if limits else (2,))
