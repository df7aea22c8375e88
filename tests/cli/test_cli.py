"""The command line as a person meets it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.cli import main
from services.demo.pages import render, stories

ENV = {k: v for k, v in os.environ.items() if not k.startswith("DATELINE_")}


def run(
    *arguments: str, stdin: str = "", env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    home = {"DATELINE_HOME": os.environ["DATELINE_HOME"]}
    return subprocess.run(
        [sys.executable, "-m", "services.cli", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=ENV | home | (env or {}),
    )


def _objects(done: subprocess.CompletedProcess[str]) -> list[dict]:
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    "command",
    ["up", "down", "submit", "status", "trace", "search", "dead", "extract", "tag", "migrate", "demo"],
)
def test_every_command_explains_itself(command: str) -> None:
    done = CliRunner().invoke(main, [command, "--help"])
    assert done.exit_code == 0
    assert len(done.stdout) > 120
    assert command in CliRunner().invoke(main, ["--help"]).stdout


def test_a_command_without_servers_says_how_to_get_some() -> None:
    done = run("status")
    assert done.returncode == 2
    assert "dateline up" in done.stderr
    assert "Traceback" not in done.stderr


def test_submit_counts_new_known_and_refused_and_names_bad_lines(database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "urls.txt"
    file.write_text(
        "# ours\nhttps://example.org/a\n"
        '{"url": "https://example.org/b", "title": "B"}\nnonsense\nhttps://example.org/a#x\n'
    )
    done = run("submit", "--file", str(file), env={"DATELINE_DATABASE_URL": database_url})
    assert done.stdout.strip() == "2 new, 1 known, 1 refused"
    assert (
        f"refused: {file}, line 4: 'nonsense' is not an absolute URL; write it as https://host/path"
        in done.stderr
    )
    assert done.returncode == 1
    piped = run("submit", "-", stdin="https://example.org/c\n", env={"DATELINE_DATABASE_URL": database_url})
    assert (piped.stdout.strip(), piped.returncode) == ("1 new, 0 known, 0 refused", 0)


def test_trace_of_an_unknown_url_says_so(database_url: str) -> None:
    done = run("trace", "https://example.org/unknown", env={"DATELINE_DATABASE_URL": database_url})
    assert done.returncode == 1
    assert "was never submitted" in done.stderr


def test_search_refuses_an_unknown_topic_by_name(database_url: str) -> None:
    done = run("search", "--topic", "quidditch", env={"DATELINE_DATABASE_URL": database_url})
    assert done.returncode == 2
    assert "'quidditch' is no code or name of an IPTC topic" in done.stderr


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    rows = []
    for n, path in enumerate(stories()):
        (tmp_path / f"p{n:02}.html").write_text(
            render(path, "https://courier.example") or "", encoding="utf-8"
        )
        rows.append(f"p{n:02}\thttps://courier.example{path}")
    (tmp_path / "urls.tsv").write_text("\n".join(rows) + "\n")
    (tmp_path / "notes.txt").write_text("not a page")
    return tmp_path


def test_extract_prints_one_object_a_page_in_order(pages: Path) -> None:
    done = run("extract", str(pages), "--urls", str(pages / "urls.tsv"), "--workers", "2")
    found = _objects(done)
    assert done.returncode == 0
    assert [row["id"] for row in found] == [f"p{n:02}" for n in range(len(stories()))]
    assert [row["text"] for row in found] == [story.text for story in stories().values()]
    assert all(row["canonical_url"].startswith("https://courier.example/") for row in found)


def test_extract_survives_a_bad_page_with_an_error_in_its_place(pages: Path) -> None:
    (pages / "p00.html").unlink()
    (pages / "p00.html").symlink_to(pages / "missing")
    done = run("extract", str(pages))
    found = _objects(done)
    assert done.returncode == 1
    assert found[0]["id"] == "p00"
    assert "FileNotFoundError" in found[0]["error"]
    assert all("error" not in row for row in found[1:])


def test_extract_reads_standard_input_and_explains(pages: Path) -> None:
    page = (pages / "p01.html").read_text(encoding="utf-8")
    (found,) = _objects(run("extract", "-", "--url", "https://courier.example/x", stdin=page))
    assert found["id"] == "stdin"
    explained = run("extract", str(pages / "p01.html"), "--explain")
    assert "kept" in explained.stdout


def test_tag_prints_one_object_a_line_and_survives_a_bad_one(pages: Path) -> None:
    story = stories()["/world/europe/gdansk-amber-smuggling-trial"]
    lines = [
        json.dumps({"id": 7, "title": story.title, "text": story.text, "domain": "example.pl"}),
        "{broken",
        '{"id": "x"}',
        "",
    ]
    done = run("tag", "-", "--workers", "1", stdin="\n".join(lines))
    good, broken, empty = _objects(done)
    assert done.returncode == 1
    assert good["id"] == 7
    assert good["topics"][0]["path"][0] == "medtop:02000000"
    assert good["countries"][0]["code"] == "PL"
    assert "publisher" in good["countries"][0]["roles"]
    assert all(story.text[p["start"] : p["end"]] == p["text"] for p in good["places"])
    assert (broken["line"], "not JSON" in broken["error"]) == (2, True)
    assert (empty["id"], 'no "text"' in empty["error"]) == ("x", True)


@pytest.mark.parametrize("raw", ["ingest", "ingest=0", "ingest=x", "desk=2", "=3", "ingest=999"])
def test_a_scale_that_cannot_be_is_named(raw: str) -> None:
    done = run("up", "--scale", raw)
    assert done.returncode == 2
    assert repr(raw) in done.stderr
    assert "ingest, enrich, store, scheduler" in done.stderr
