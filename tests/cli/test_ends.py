"""However a command ends, it ends with one line: no traceback, no half file, a status that says how."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner

from services.cli import main
from services.local.valkey import EmbeddedRedis
from tests.conftest import eventually

AWAY = "postgresql://a:b@127.0.0.1:1/x"
_ARTICLES = (
    "INSERT INTO articles (url_hash, url, canonical_url, source_domain, title, text, language, word_count, "
    "content_hash, extractor, extractor_version, fetched_at) SELECT n::text::bytea, 'u' || n, 'u' ||"
    " n, 'x.example', "
    "repeat('Title ', 30) || n, repeat('text ', 2000), 'en', 1, 'h', 'e', '1', now() FROM generate_series(1, "
    "%s) n"
)


def start(*arguments: str, stdout: int = subprocess.PIPE, **env: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "services.cli", *arguments], env=os.environ | env, stdin=subprocess.DEVNULL,
        stdout=stdout, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def run(*arguments: str, **env: str) -> tuple[int, str]:
    process = start(*arguments, **env)
    out, err = process.communicate(timeout=120)
    return process.returncode, (out + err).decode()


@pytest.fixture
def filled(database_url: str) -> str:
    with psycopg.connect(database_url) as connection:
        connection.execute(_ARTICLES, (2000,))
    return database_url


@pytest.fixture
def silent_postgres() -> Iterator[str]:
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"postgresql://a:b@127.0.0.1:{server.getsockname()[1]}/x"


@pytest.mark.parametrize(
    ("arguments", "env", "said"),
    [
        (["search"], {"DATELINE_DATABASE_URL": "nonsense"}, "DATELINE_DATABASE_URL='nonsense' is not valid"),
        (["search"], {"DATELINE_DATABASE_URL": "postgresql://h:port/x"}, "set it to the Postgres to use"),
        (["status"], {"DATELINE_DATABASE_URL": AWAY, "DATELINE_REDIS_URL": "http://x"},
        "set it to the Redis to use"),
        (["search"], {"DATELINE_DATABASE_URL": AWAY}, "Postgres does not answer"),
        (["backup", "/tmp/b.zip"], {"DATELINE_DATABASE_URL": AWAY}, "Postgres does not answer"),
        (["migrate"], {"DATELINE_DATABASE_URL": AWAY}, "Postgres does not answer"),
        (["dead", "messages"], {"DATELINE_REDIS_URL": "redis://127.0.0.1:1/0"}, "Redis does not answer"),
        (["status"], {"DATELINE_REDIS_URL": "redis://127.0.0.1:1/0"},
        "DATELINE_DATABASE_URL is not set, but"),
        (["replay"], {"DATELINE_DATABASE_URL": AWAY}, "docker compose run --rm cli"),
        (["up"], {"DATELINE_HOME": "/dev/null/x"}, "set DATELINE_HOME to a writable folder"),
        (["up"], {"DATELINE_DESK_PORT": "none", "DATELINE_HOST_LIMIT": "x"},
        "DATELINE_DESK_PORT='none' is not valid"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)  # fmt: skip
def test_what_is_amiss_is_one_line_with_its_remedy(
    arguments: list[str], env: dict[str, str], said: str
) -> None:
    done = CliRunner().invoke(main, arguments, env=env)
    assert done.exit_code == 2, done.output
    assert said in done.stderr
    assert done.exception is None or isinstance(done.exception, SystemExit)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["export", "-o", "{tmp}/none/x.jsonl"], "check the path"),
        (["export", "-o", "/proc/x.jsonl"], "/proc"),
        (["backup", "{tmp}/none/b.zip"], "check the path"),
        (["export", "-o", "/dev/full"], "No space left on device: free some space"),
        (["replay"], "{tmp}/no-archive"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_folder_that_is_missing_or_full_is_one_line(
    filled: str, tmp_path: Path, arguments: list[str], said: str
) -> None:
    env = {"DATELINE_DATABASE_URL": filled, "DATELINE_WARC_DIR": str(tmp_path / "no-archive")}
    done = CliRunner().invoke(main, [a.format(tmp=tmp_path) for a in arguments], env=env)
    assert done.exit_code == 2, done.output
    assert said.format(tmp=tmp_path) in done.stderr
    assert isinstance(done.exception, SystemExit)


def test_standard_output_on_a_full_disk_is_one_line(filled: str) -> None:
    with Path("/dev/full").open("wb") as full:
        process = start("search", "--limit", "1000", stdout=full.fileno(), DATELINE_DATABASE_URL=filled)
        _, err = process.communicate(timeout=120)
    assert process.returncode == 2
    assert err.decode().splitlines() == [
        "dateline: [Errno 28] No space left on device: free some space, or write elsewhere"
    ]


@pytest.mark.parametrize("options", [[], ["--json"]])
def test_a_reader_that_has_enough_ends_it_silently(filled: str, options: list[str]) -> None:
    process = start("search", "--limit", "1000", *options, DATELINE_DATABASE_URL=filled, PYTHONUNBUFFERED="")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(120) != 0
    assert process.stderr.read() == b""


def test_status_says_by_its_exit_that_a_server_is_away(
    database_url: str, redis_server: EmbeddedRedis
) -> None:
    run = CliRunner().invoke
    env = {"DATELINE_DATABASE_URL": database_url, "DATELINE_REDIS_URL": redis_server.url}
    assert run(main, ["status"], env=env).exit_code == 0
    gone = env | {"DATELINE_REDIS_URL": "redis://127.0.0.1:1/0"}
    for options in ([], ["--json"]):
        done = run(main, ["status", *options], env=gone)
        assert (done.exit_code, "Redis does not answer" in done.stdout) == (2, True)
    assert run(main, ["status"], env=env | {"DATELINE_DATABASE_URL": AWAY}).exit_code == 2


_INT, _TERM = (signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 143, "terminated")


@pytest.mark.parametrize(
    ("command", "number", "status", "word"),
    [
        ("export", *_INT),
        ("backup", *_TERM),
        pytest.param("export", *_TERM, marks=pytest.mark.long),
        pytest.param("backup", *_INT, marks=pytest.mark.long),
    ],
)
def test_a_signal_leaves_no_half_file(
    filled: str, tmp_path: Path, command: str, number: signal.Signals, status: int, word: str
) -> None:
    """The table is locked, so that the command stands within its writing when the signal comes."""
    target = tmp_path / "out"
    arguments = (
        ["export", "-o", str(target)] if command == "export" else ["backup", "--no-archive", str(target)]
    )
    with psycopg.connect(filled) as holding:
        holding.execute("LOCK TABLE articles IN ACCESS EXCLUSIVE MODE")
        process = start(*arguments, DATELINE_DATABASE_URL=filled)
        eventually("it has begun to write", lambda: [*tmp_path.iterdir()], within_s=60)
        process.send_signal(number)
        # libpq waits for the server: an answer lets the signal through
        release = threading.Timer(0.2, holding.rollback)
        release.start()
        _, err = process.communicate(timeout=60)
        release.join()
    assert process.returncode == status
    assert err.decode().splitlines() == [f"dateline: {word}"]
    assert [*tmp_path.iterdir()] == []


def test_an_export_that_fails_leaves_what_was_there(filled: str, tmp_path: Path) -> None:
    target = tmp_path / "x.csv"
    target.write_text("before")
    target.chmod(0o640)
    env = {"DATELINE_DATABASE_URL": filled}
    with psycopg.connect(filled) as connection:
        connection.execute("ALTER TABLE article_places RENAME TO gone")
    assert CliRunner().invoke(main, ["export", "--format", "csv", "-o", str(target)], env=env).exit_code == 2
    assert (target.read_text(), [*tmp_path.iterdir()]) == ("before", [target])
    with psycopg.connect(filled) as connection:
        connection.execute("ALTER TABLE gone RENAME TO article_places")
    assert CliRunner().invoke(main, ["export", "--format", "csv", "-o", str(target)], env=env).exit_code == 0
    assert target.read_text().count("x.example") == 2000
    assert target.stat().st_mode & 0o777 == 0o640


def test_ctrl_c_ends_many_processes_with_one_line(tmp_path: Path) -> None:
    for n in range(200):
        (tmp_path / f"{n}.html").write_text("<html><body><p>" + "words and more words. " * 4000)
    process = start("extract", str(tmp_path), "--workers", "2")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    reading = threading.Thread(target=process.stdout.read)
    reading.start()
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
    assert process.wait(60) == 130
    reading.join()
    assert process.stderr.read().decode().splitlines() == ["dateline: interrupted"]
