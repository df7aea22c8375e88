"""Browsing the taxonomy from the command line."""

from __future__ import annotations

import json

from click.testing import CliRunner

from services.cli import main
from services.enrich.topics.taxonomy import Taxonomy


def _run(*arguments: str) -> list[str]:
    done = CliRunner().invoke(main, ["topics", *arguments])
    assert done.exit_code == 0, done.output
    return done.output.splitlines()


def test_the_first_level_is_what_one_sees_first() -> None:
    lines = _run()
    assert len(lines) == 17
    assert all(line.startswith("medtop:") and line[7:15].endswith("000000") for line in lines)


def test_a_branch_in_the_readers_language_stands_below_its_root() -> None:
    lines = _run("--under", "sport", "--lang", "de")
    assert lines[0] == "medtop:15000000  Sport"
    assert all(line.split("  ")[1] == "" for line in lines[1:])
    taxonomy = Taxonomy()
    assert len(lines) == sum("medtop:15000000" in taxonomy.path(code) for code in taxonomy.codes())
    assert len(_run("--under", "medtop:15000000", "--depth", "2")) < len(lines)


def test_names_are_found_in_any_language_with_their_path() -> None:
    assert any("sport > " in line for line in _run("--find", "Fußball"))
    row = json.loads(_run("--find", "climate change", "--json")[0])
    assert row["path"][-1] == row["code"]
    assert len(row["names"]) == len(row["path"])


def test_a_language_or_a_name_that_is_not_there_names_the_way_out() -> None:
    unknown = CliRunner().invoke(main, ["topics", "--lang", "xx"])
    assert unknown.exit_code == 2
    assert "de, en, es" in unknown.output
    nothing = CliRunner().invoke(main, ["topics", "--find", "zzzz"])
    assert nothing.exit_code == 1
    assert "dateline topics --find" in nothing.output
