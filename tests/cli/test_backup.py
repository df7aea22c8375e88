"""A backup restored into an empty installation holds every row as it was, whatever goes on while it is taken."""

from __future__ import annotations

import hashlib
import json
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner
from psycopg_pool import ConnectionPool

from services.cli import main
from services.contract.urls import parse_url
from services.runtime.embedded import EmbeddedPostgres
from services.store import deletion, tokens
from services.store.handler import Writer
from services.store.migrate import current, head
from services.store.schema import metadata
from tests.articles import enriched, stored
from tests.store.test_articles import POLICY, _message, _submitted


@pytest.fixture
def blank(postgres: EmbeddedPostgres) -> Iterator[str]:
    base = postgres.url.rsplit("/", 1)[0]
    with psycopg.connect(base + "/postgres", autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS restored WITH (FORCE)")
        connection.execute("CREATE DATABASE restored TEMPLATE blank")
    yield base + "/restored"


@pytest.fixture
def filled(pool: ConnectionPool) -> ConnectionPool:
    urls = [f"https://example.org/{n}" for n in range(5)]
    numbers = _submitted(pool, *urls)
    hard = 'tab\there, \\N, "quotes", line\nbreak, ümläut, 日本 🗞'
    Writer(pool, POLICY).write(
        [_message(u, n, text=f"{hard} {n}", content_hash=u) for u, n in zip(urls, numbers, strict=True)]
    )
    Writer(pool, POLICY).write([_message(urls[0], numbers[0], text="later", content_hash="later")])
    stored(pool, enriched(topics=("medtop:15000000",), countries={"ML": ("about", "mentioned")}))
    with pool.connection() as connection:
        tokens.add(connection, "test", ["read"])
        deletion.delete(connection, hashes=[parse_url(urls[4]).hash], reason="asked", who="test")
    return pool


def _run(monkeypatch: pytest.MonkeyPatch, url: str, *arguments: str, code: int = 0) -> str:
    monkeypatch.setenv("DATELINE_DATABASE_URL", url)
    done = CliRunner().invoke(main, list(arguments))
    assert done.exit_code == code, done.output
    return done.output


def _content(url: str, *, without: tuple[str, ...] = ()) -> dict[str, tuple[int, str]]:
    """Rows of each table, and the hash of them all, generated columns among them."""
    found = {}
    with psycopg.connect(url, options="-c timezone=UTC") as connection:
        for table in metadata.sorted_tables:
            if table.name not in without:
                rows = connection.execute(f'SELECT t::text FROM "{table.name}" t ORDER BY t::text').fetchall()
                found[table.name] = (len(rows), hashlib.sha256(repr(rows).encode()).hexdigest())
    return found


def test_everything_comes_back_as_it_was(
    filled: ConnectionPool, database_url: str, blank: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "dateline.backup"
    _run(monkeypatch, database_url, "backup", str(file))
    assert file.stat().st_mode & 0o077 == 0
    assert "rows restored" in _run(monkeypatch, blank, "restore", str(file))
    before, after = (_content(url, without=("audit",)) for url in (database_url, blank))
    assert after == before
    assert before["articles"][0] == 5
    assert before["article_versions"][0] == 1
    with psycopg.connect(blank) as connection:
        assert connection.execute("SELECT action FROM audit ORDER BY id").fetchall() == [
            ("article_deleted",),
            ("restored",),
        ]
    assert current(blank) == head()


def test_what_is_written_after_a_restore_gets_numbers_that_were_never_given(
    filled: ConnectionPool, database_url: str, blank: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with filled.connection() as connection:
        ids = [row[0] for row in connection.execute("SELECT id FROM articles")]
        deletion.delete(connection, ids=[max(ids)], reason="asked", who="test")
    _run(monkeypatch, database_url, "backup", str(tmp_path / "b"))
    _run(monkeypatch, blank, "restore", str(tmp_path / "b"))
    with ConnectionPool(blank, min_size=1, max_size=1) as restored:
        (number,) = stored(restored, enriched("https://news.example.org/after"))
        with restored.connection() as connection:
            seqs = [r[0] for r in connection.execute("SELECT seq FROM article_changes ORDER BY seq")]
            newest = connection.execute(
                "SELECT seq FROM article_changes WHERE article_id = %s", (number,)
            ).fetchone()
    assert number > max(ids)
    assert newest == (max(seqs),)


def test_a_backup_is_of_one_moment_while_articles_are_stored(
    pool: ConnectionPool, database_url: str, blank: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = threading.Event()

    def write() -> None:
        while not done.is_set():
            stored(pool, enriched(topics=("medtop:15000000",)))

    stored(pool, enriched(topics=("medtop:15000000",)))
    writer = threading.Thread(target=write)
    writer.start()
    try:
        _run(monkeypatch, database_url, "backup", str(tmp_path / "b"))
    finally:
        done.set()
        writer.join()
    _run(monkeypatch, blank, "restore", str(tmp_path / "b"))
    with psycopg.connect(blank) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM article_topics), (SELECT count(*) FROM article_changes)"
        ).fetchone()
    assert row is not None
    assert row[0] == row[1] == row[2] > 0


def test_what_was_deleted_since_is_deleted_again(
    filled: ConnectionPool, database_url: str, blank: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _run(monkeypatch, database_url, "backup", str(tmp_path / "b"))
    _run(
        monkeypatch, database_url, "articles", "delete", "https://example.org/1", "--yes", "--reason", "later"
    )
    (tmp_path / "gone").write_text(_run(monkeypatch, database_url, "articles", "deleted", "--json"))
    _run(monkeypatch, blank, "restore", str(tmp_path / "b"), "--deletions", str(tmp_path / "gone"))
    with psycopg.connect(blank) as connection:
        urls = {row[0] for row in connection.execute("SELECT url FROM articles")}
        reasons = {row[0] for row in connection.execute("SELECT reason FROM tombstones")}
    assert not urls & {"https://example.org/1", "https://example.org/4"}
    assert reasons == {"later", "asked"}


def test_an_installation_that_holds_something_is_left_alone(
    filled: ConnectionPool, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _content(database_url)
    _run(monkeypatch, database_url, "backup", str(tmp_path / "b"))
    assert "restore into an empty one" in _run(
        monkeypatch, database_url, "restore", str(tmp_path / "b"), code=2
    )
    assert _content(database_url) == before


@pytest.mark.parametrize("damage", ["no zip", "cut off", "other rows", "newer"])
def test_a_damaged_file_is_told_and_nothing_of_it_stays(
    filled: ConnectionPool,
    database_url: str,
    blank: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    damage: str,
) -> None:
    file = tmp_path / "b"
    _run(monkeypatch, database_url, "backup", str(file))
    if damage == "no zip":
        file.write_text("nothing of the kind")
    elif damage == "cut off":
        file.write_bytes(file.read_bytes()[:-200])
    else:
        _rewritten(file, damage)
    assert str(file) in _run(monkeypatch, blank, "restore", str(file), code=2)
    if current(blank) is not None:
        content = _content(blank, without=("areas",))
        assert {rows for rows, _ in content.values()} == {0}


def _rewritten(file: Path, damage: str) -> None:
    with zipfile.ZipFile(file) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    manifest = json.loads(parts["manifest.json"])
    if damage == "newer":
        manifest["schema"] = "9999"
    parts["manifest.json"] = json.dumps(manifest).encode()
    if damage == "other rows":
        parts["tables/articles"] = parts["tables/articles"].replace(b"later", b"other")
    with zipfile.ZipFile(file, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)


def test_the_archive_is_listed_and_what_differs_is_told(
    filled: ConnectionPool, database_url: str, blank: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "warc"
    (folder / "imported").mkdir(parents=True)
    for name in ("a.warc.gz", "b.warc.gz", "imported/c.warc"):
        (folder / name).write_bytes(name.encode())
    monkeypatch.setenv("DATELINE_WARC_DIR", str(folder))
    assert "3 archive files" in _run(monkeypatch, database_url, "backup", str(tmp_path / "b"))
    (folder / "a.warc.gz").unlink()
    (folder / "b.warc.gz").write_bytes(b"B.warc.gz")
    with (folder / "imported/c.warc").open("ab") as file:
        file.write(b"more")
    said = _run(monkeypatch, blank, "restore", str(tmp_path / "b"))
    assert "a.warc.gz: is missing" in said
    assert "b.warc.gz: holds something else" in said
    assert "c.warc" not in said
