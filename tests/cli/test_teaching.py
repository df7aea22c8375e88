"""What a person finds out from the command itself: examples, what was meant, versions, completion, whole
tables, times."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import psycopg
import pytest
from click.testing import CliRunner, Result

from services.cli import main
from services.runtime import version
from tests.conftest import repository

_ARTICLE = (
    "INSERT INTO articles (url_hash, url, canonical_url, source_domain, title, text, language, word_count, "
    "content_hash, extractor, extractor_version, fetched_at) "
    "VALUES (%s, 'u', 'u', %s, %s, 'x', 'en', 1, 'h', 'e', '1', now())"
)
_URL = (
    "INSERT INTO submissions (url_hash, url, canonical_url, host, origin, state, reason, updated_at, "
    "submitted_at) "
    "VALUES (%s, %s, %s, 'e.org', 'cli', 'failed', %s, %s, %s) RETURNING id"
)
LONG = "A title that is much longer than a terminal is wide, " * 5


def commands(
    command: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(command)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            if not found.hidden:
                yield from commands(found, (*path, name))
    yield path, command


ALL = dict(commands(main))


def run(*arguments: str, database_url: str = "") -> Result:
    return CliRunner().invoke(main, list(arguments), env={"DATELINE_DATABASE_URL": database_url})


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_shows_an_example_of_itself(path: tuple[str, ...]) -> None:
    call = " ".join(("dateline", *path))
    lines = [line.strip() for line in (ALL[path].help or "").splitlines()]
    assert any(line.startswith(call) or f" {call}" in line for line in lines), ALL[path].help


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_example_can_be_read_by_the_command(path: tuple[str, ...]) -> None:
    """Each `dateline …` in a help text names a command and options that there are."""
    for line in (ALL[path].help or "").splitlines():
        for call in re.findall(r"(?:^|[|&] *|\"\$\()\s*dateline ([a-z].*?)(?:\s{3,}|$|[|>&)])", line.strip()):
            words = shlex.split(call)
            names, rest = (), words
            while rest and (*names, rest[0]) in ALL:
                names, rest = (*names, rest[0]), rest[1:]
            assert names, line
            known = {opt for p in ALL[names].params for opt in (*p.opts, *p.secondary_opts)} | {"--help"}
            assert {w for w in rest if w.startswith("-") and len(w) > 1 and not w[1].isdigit()} <= known, line


def test_each_command_stands_in_the_file_of_its_name() -> None:
    folder = repository() / "services" / "cli"
    for path in ALL:
        if len(path) == 1:
            assert (folder / f"{path[0]}.py").is_file() or (folder / path[0] / "__init__.py").is_file(), path


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["serach"], "No such command 'serach'. Did you mean search"),
        (["sources", "lsit"], "Did you mean list?"),
        (["dead", "mesages"], "Did you mean messages?"),
        (["search", "--topic", "sprot"], "'sprot' is no code or name of an IPTC topic. Did you mean sport"),
        (["search", "--region", "Germny"], "Did you mean Germany"),
        (["search", "--source", "lemnde.fr"], "there is no article from lemnde.fr. Did you mean lemonde.fr?"),
        (["export", "--source", "lemnde.fr"], "Did you mean lemonde.fr?"),
        (["search", "--sorce", "x"], "--source"),
        (["dead", "list", "--reason", "htp_404"], "Did you mean http_404?"),
        (["dead", "list", "--stage", "injest"], "'ingest'"),
        (["topics", "--under", "helth"], "Did you mean health"),
        (["tokens", "qqqq"], "No such command 'qqqq'. Its commands: add, "),
        (["export", "--format", "parqet"], "'parquet'. Did you mean parquet?"),
        (["completion", "bsh"], "Did you mean bash"),
        (["sources", "add", "http://x.example/", "--kind", "sitmap"], "Did you mean sitemap?"),
        (["up", "--scale", "ingst=2"], "Did you mean ingest?"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_was_meant_is_told(database_url: str, arguments: list[str], said: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(_ARTICLE, (b"1", "lemonde.fr", "t"))
        connection.execute(
            "INSERT INTO outcome_counts (hour, stage, outcome, reason, urls) "
            "VALUES (now(), 'ingest', 'failed', 'http_404', 1)"
        )
    assert said in run(*arguments, database_url=database_url).output


def test_what_is_nothing_like_anything_is_not_guessed(database_url: str) -> None:
    assert "Did you mean" not in run("search", "--source", "qqqq", database_url=database_url).output


def test_a_piped_table_is_whole_with_a_row_a_line(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(_ARTICLE, (b"1", "lemonde.fr", LONG))
    done = subprocess.run(
        [sys.executable, "-m", "services.cli", "search"], capture_output=True, text=True, check=True,
        timeout=120,
        env=os.environ | {"DATELINE_DATABASE_URL": database_url, "COLUMNS": "60"},
    )  # fmt: skip
    (_, row) = done.stdout.splitlines()
    assert row.startswith(LONG)
    assert "lemonde.fr" in row


def test_why_urls_were_not_stored_can_be_asked_for_a_time(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        for day, reason in ((1, "http_404"), (2, "timeout"), (3, "too_large")):
            when = f"2026-03-0{day}T12:00Z"
            url = f"https://e.org/{day}"
            row = connection.execute(_URL, (str(day).encode(), url, url, reason, when, when)).fetchone()
            assert row is not None
            connection.execute(
                "INSERT INTO submission_attempts (submission_id, attempt, stage, outcome, reason, ended_at, "
                "stamps) "
                "VALUES (%s, 1, 'ingest', 'failed', %s, %s, '[]')",
                (row[0], reason, when),
            )
            connection.execute(
                "INSERT INTO dead_letters (submission_id, url, stage, reason, error, attempts, failed_at) "
                "VALUES (%s, %s, 'ingest', %s, 'e', 1, %s)",
                (row[0], url, reason, when),
            )
    asked = ("--since", "2026-03-02", "--until", "2026-03-03", "--json")
    state = json.loads(run("status", *asked, database_url=database_url).stdout)
    assert [row["reason"] for row in state["reasons"]] == ["timeout"]
    assert [(row["outcome"], row["reason"], row["attempts"]) for row in state["outcomes"]] == [
        ("failed", "timeout", 1)
    ]
    assert len(json.loads(run("status", "--json", database_url=database_url).stdout)["reasons"]) == 3
    shown = run("status", *asked[:-1], database_url=database_url).stdout
    assert "Why URLs were not stored since 2026-03-02 00:00 and before 2026-03-03 00:00 (UTC)" in shown
    assert "timeout" in shown
    assert "http_404" not in shown
    letters = run("dead", "list", *asked, database_url=database_url).stdout.splitlines()
    assert [json.loads(line)["reason"] for line in letters] == ["timeout"]
    assert (
        run("dead", "replay", "--until", "2026-03-02", database_url=database_url).stdout
        == "1 URLs start again\n"
    )


def test_two_webhooks_never_share_a_name(database_url: str) -> None:
    url = "https://hooks.example.org/x"
    assert run("webhooks", "add", "floods", url, "flood", database_url=database_url).exit_code == 0
    again = run("webhooks", "add", "floods", url, "storm", database_url=database_url)
    assert (again.exit_code, again.stdout) == (2, "")
    assert "is called 'floods' already: choose another name" in again.stderr
    assert run("webhooks", "add", "storms", url, "storm", database_url=database_url).exit_code == 0
    rows = run("webhooks", "list", "--json", database_url=database_url).stdout.splitlines()
    assert [json.loads(row)["name"] for row in rows] == ["floods", "storms"]


def test_the_version_names_the_commit_and_what_is_compiled() -> None:
    said = run("--version").stdout
    assert said.startswith(f"dateline {version.__version__} (commit ")
    built = {path.name.partition(".")[0] for path in (repository() / "services").rglob("*.so")}
    assert ("not compiled" in said) == (not version.compiled_parts())
    assert len(said) < 200
    assert sum(int(n) for n in re.findall(r"(\d+)(?: modules)? of", said)) == len(version.compiled_parts())
    assert {part.rpartition(".")[2] for part in version.compiled_parts()} <= built
    if (repository() / ".git").exists() and shutil.which("git"):
        head = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=repository(), capture_output=True, text=True, check=True
        )
        assert f"commit {head.stdout[:12]}" in said


def test_an_image_says_which_commit_it_is_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(version, "_SERVICES", tmp_path)
    assert version.commit() is None
    (tmp_path / "COMMIT").write_text("0123456789abcdef0123\n")
    assert version.described().endswith("(commit 0123456789ab; not compiled: plain Python, a quarter slower)")


def _bash(line: str, tmp_path: Path) -> list[str]:
    """What bash offers for a line, by the completion that the command prints."""
    (tmp_path / "dateline").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m services.cli "$@"\n')
    (tmp_path / "dateline").chmod(0o755)
    words = line.split(" ")
    script = (
        'eval "$(dateline completion bash)"; complete -p dateline >/dev/null || exit 1\n'
        f"COMP_WORDS=({' '.join(repr(w) for w in words)}); COMP_CWORD={len(words) - 1}\n"
        "_dateline_completion dateline\nprintf '%s\\n' \"${COMPREPLY[@]}\""
    )
    path = f"{tmp_path}:{os.environ['PATH']}"
    environ = os.environ | {"PATH": path, "PYTHONPATH": str(repository())}
    done = subprocess.run(
        ["bash", "-c", script], env=environ, capture_output=True, text=True, check=True, timeout=120
    )
    return done.stdout.split()


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("dateline sea", ["search"]),
        ("dateline sources re", ["report", "resume", "remove"]),
        ("dateline export --form", ["--form", "--format"]),
        ("dateline export --format p", ["parquet"]),
    ],
)
def test_bash_completes(tmp_path: Path, line: str, offered: list[str]) -> None:
    assert sorted(_bash(line, tmp_path)) == sorted(offered)


@pytest.mark.parametrize(
    ("shell", "marks"),
    [("zsh", ["#compdef dateline", "compdef"]), ("fish", ["complete --no-files --command dateline"])],
)
def test_other_shells_complete(shell: str, marks: list[str]) -> None:
    script = run("completion", shell).stdout
    assert all(mark in script for mark in marks)
    words = {
        "zsh": {"COMP_WORDS": "dateline sea", "COMP_CWORD": "1"},
        "fish": {"COMP_WORDS": "dateline sea", "COMP_CWORD": "sea"},
    }[shell]
    done = subprocess.run(
        [sys.executable, "-m", "services.cli"], capture_output=True, text=True, timeout=120, check=False,
        env=os.environ | words | {"_DATELINE_COMPLETE": f"{shell}_complete"},
    )  # fmt: skip
    assert "search" in done.stdout, done.stderr
    if binary := shutil.which(shell):
        check = subprocess.run(
            [binary, "-n"], input=script, capture_output=True, text=True, check=False, timeout=60
        )
        assert (check.returncode, check.stderr) == (0, "")
