"""A backup restored into an empty installation holds every row as it was, whatever goes on while it
is taken."""

from __future__ import annotations

import hashlib
import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner
from psycopg_pool import ConnectionPool

from services.cli import main
from services.contract.urls import parse_url
from services.local.postgres import EmbeddedPostgres
from services.store import deletion, tokens
from services.store.backup import backup
from services.store.handler import Writer
from services.store.migrate import current, head
from services.store.schema import metadata
from tests.articles import enriched, stored
from tests.store.test_articles import POLICY, _message, _submitted
from tests.store.test_filled_migrations import _fill as fill


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
            "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM article_topics), (SELECT count(*) "
            "FROM article_changes)"
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


@pytest.fixture(scope="module")
def kept() -> dict[str, bytes]:
    return {}


@pytest.fixture
def taken(kept: dict[str, bytes], request: pytest.FixtureRequest, tmp_path: Path) -> bytes:
    """A backup of `filled`, taken once for all tests."""
    if not kept:
        request.getfixturevalue("filled")
        backup(request.getfixturevalue("database_url"), tmp_path / "taken", archive=[])
        kept["file"] = (tmp_path / "taken").read_bytes()
    return kept["file"]


def _flipped(file: Path) -> None:
    """One byte of the largest table's compressed rows."""
    with zipfile.ZipFile(file) as old:
        at = max(old.infolist(), key=lambda part: part.compress_size)
    content = bytearray(file.read_bytes())
    content[at.header_offset + 30 + len(at.filename) + 20 + at.compress_size // 2] ^= 0xFF
    file.write_bytes(content)


def _with_table(told: dict[str, Any], table: str, **values: Any) -> dict[str, Any]:
    """A manifest in which a table's entry says otherwise."""
    return told | {"tables": told["tables"] | {table: told["tables"].get(table, {}) | values}}


_MANIFESTS: dict[str, Any] = {
    "no object": lambda told: [],
    "nothing in it": lambda told: {},
    "newer": lambda told: told | {"schema": "9999"},
    "newer format": lambda told: told | {"format": 2},
    "no schema": lambda told: told | {"schema": None},
    "no such schema": lambda told: told | {"schema": "0000"},
    "another's table": lambda told: _with_table(told, "users", rows=0, bytes=0, sha256="", columns=[]),
    "another's column": lambda told: _with_table(told, "areas", columns=["name", "m49", "x"]),
    "a column less": lambda told: _with_table(told, "areas", columns=["name", "m49"]),
    "tables as a list": lambda told: told | {"tables": list(told["tables"])},
    "another's sequence": lambda told: told | {"sequences": {"users_id_seq": 4}},
    "no archive": lambda told: {name: value for name, value in told.items() if name != "archive"},
    "more rows": lambda told: _with_table(told, "areas", rows=3),
}  # fmt: skip
_FILES: dict[str, Any] = {
    "no zip": lambda file: file.write_text("nothing of the kind"),
    "empty": lambda file: file.write_bytes(b""),
    "cut off": lambda file: file.write_bytes(file.read_bytes()[:-200]),
    "half": lambda file: file.write_bytes(file.read_bytes()[: file.stat().st_size // 2]),
    "another's zip": lambda file: zipfile.ZipFile(file, "w").close(),
    "a byte": _flipped,
    "other rows": lambda file: _rewritten(file, rows=True),
}


@pytest.fixture(scope="module")
def migrated(postgres: EmbeddedPostgres) -> str:
    """An installation without a row; one for all, since nothing of what is refused may change it."""
    base = postgres.url.rsplit("/", 1)[0]
    with psycopg.connect(base + "/postgres", autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS restored_head WITH (FORCE)")
        connection.execute("CREATE DATABASE restored_head TEMPLATE dateline")
    return base + "/restored_head"


@pytest.mark.parametrize("damage", [*_FILES, *_MANIFESTS])
def test_a_damaged_or_foreign_file_is_told_and_nothing_of_it_stays(
    taken: bytes, migrated: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    file = tmp_path / "b"
    file.write_bytes(taken)
    if damage in _FILES:
        _FILES[damage](file)
    else:
        _rewritten(file, _MANIFESTS[damage])
    said = _run(monkeypatch, migrated, "restore", str(file), code=2)
    assert said.startswith("dateline: ")
    assert str(file) in said
    assert len(said.splitlines()) <= 3, "no traceback"
    assert current(migrated) == head()
    assert {rows for rows, _ in _content(migrated, without=("areas",)).values()} == {0}


def test_a_backup_that_was_given_sessions_is_refused(
    taken: bytes, migrated: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "b"
    file.write_bytes(taken)
    none = {"rows": 0, "bytes": 0, "sha256": hashlib.sha256().hexdigest(), "columns": ["token_id"]}
    _rewritten(file, lambda told: told | {"tables": told["tables"] | {"desk_sessions": none}})
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("tables/desk_sessions", b"")
    said = _run(monkeypatch, migrated, "restore", "--check", str(file), code=2)
    assert "a backup has no table desk_sessions" in said


@pytest.mark.parametrize("damage", ["half", "another's column"])
def test_a_database_without_tables_has_none_after_a_damaged_file(
    taken: bytes, blank: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    file = tmp_path / "b"
    file.write_bytes(taken)
    if damage in _FILES:
        _FILES[damage](file)
    else:
        _rewritten(file, _MANIFESTS[damage])
    assert str(file) in _run(monkeypatch, blank, "restore", str(file), code=2)
    assert current(blank) is None


def _rewritten(file: Path, change: Callable[[Any], Any] = lambda told: told, rows: bool = False) -> None:
    with zipfile.ZipFile(file) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts["manifest.json"] = json.dumps(change(json.loads(parts["manifest.json"]))).encode()
    if rows:
        parts["tables/articles"] = parts["tables/articles"].replace(b"later", b"other")
    with zipfile.ZipFile(file, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)


def test_every_table_comes_back_row_for_row(
    database_url: str, blank: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(database_url) as connection:
        fill(connection)
    before = _content(database_url)
    assert [table for table, (rows, _) in before.items() if not rows] == []
    del before["desk_sessions"]
    _run(monkeypatch, database_url, "backup", str(tmp_path / "b"))
    assert "whole" in _run(monkeypatch, blank, "restore", "--check", str(tmp_path / "b"))
    assert current(blank) is None
    _run(monkeypatch, blank, "restore", str(tmp_path / "b"))
    with psycopg.connect(blank) as connection:
        connection.execute("DELETE FROM audit WHERE action = 'restored'")
        assert connection.execute("SELECT FROM desk_sessions").fetchone() is None, "none comes to life again"
    assert _content(blank, without=("desk_sessions",)) == before


def test_the_archive_is_listed_and_what_differs_is_told(
    filled: ConnectionPool, database_url: str, blank: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "warc"
    (folder / "imported").mkdir(parents=True)
    for name in ("a.warc.gz", "b.warc.gz", "imported/c.warc", "d.warc"):
        (folder / name).write_bytes(name.encode())
    monkeypatch.setenv("DATELINE_WARC_DIR", str(folder))
    assert "4 archive files" in _run(monkeypatch, database_url, "backup", str(tmp_path / "b"))
    (folder / "a.warc.gz").unlink()
    (folder / "b.warc.gz").write_bytes(b"B.warc.gz")
    with (folder / "imported/c.warc").open("ab") as file:
        file.write(b"more")
    (folder / "d.warc").unlink()
    (folder / "d.warc").symlink_to("/etc/hostname")
    for arguments, code in ((["--check"], 1), ([], 0)):
        said = _run(monkeypatch, blank, "restore", *arguments, str(tmp_path / "b"), code=code)
        assert "a.warc.gz: is missing" in said
        assert "b.warc.gz: holds something else" in said
        assert "d.warc: is not within the archive" in said
        assert "c.warc" not in said
