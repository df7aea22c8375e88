"""Browsing the taxonomy from the command line."""

from __future__ import annotations

import json
from pathlib import Path

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


def test_rules_of_ones_own_are_tested_with_hits_words_and_what_changed(tmp_path: Path) -> None:
    rules, articles = tmp_path / "rules.yaml", tmp_path / "articles.jsonl"
    rows = [
        {"id": 1, "title": "Rains", "text": "The river rose."},
        {"id": 2, "title": "Calm", "text": "The lake is calm."},
    ]
    articles.write_text("".join(json.dumps(row) + "\n" for row in rows))
    rules.write_text("- {id: water, name: Water, when: river}\n")
    first = "\n".join(_run("test", str(rules), str(articles)))
    assert "rule:water  river" in first
    assert "tested for the first time" in first
    rules.write_text("- {id: water, name: Water, when: lake}\n- {id: more, name: More, when: calm}\n")
    second = _run("test", str(rules), str(articles))
    row = next(line.split() for line in second if line.startswith("water"))
    assert row[1:5] == ["1", "50.0%", "1", "1"]
    assert "the version tested at" in second[-1]
    (hit,) = (json.loads(line) for line in _run("test", str(rules), str(articles), "--json"))
    assert [t["code"] for t in hit["topics"]] == ["rule:water", "rule:more"]
    rules.write_text("- {id: water, name: Water, when: {near: lake}}\n")
    bad = CliRunner().invoke(main, ["topics", "test", str(rules), str(articles)])
    assert bad.exit_code == 2
    assert "rules.yaml, line 1" in bad.output
