"""`dateline stories list`, `show` and `dateline copies` of what is stored, beside their use of files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from psycopg_pool import ConnectionPool

from services.cli import main
from tests.articles import enriched, stored
from tests.story_rows import copy, event, printed, story


@pytest.fixture
def strike(pool: ConnectionPool) -> list[int]:
    ids = stored(pool, *(printed(n, site_name=f"House {n}") for n in range(3)), enriched(title="Flut"),
                 enriched("https://x.example/flut", title="Hochwasser", language="de"))  # fmt: skip
    with pool.connection() as connection:
        story(connection, 71, ids[:3], copies=1)
        story(connection, 72, ids[3:])
        copy(connection, ids[1], ids[0], [0, 82, 0, 82], kind="cut")
    return ids


def _run(database_url: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), env={"DATELINE_DATABASE_URL": database_url})


def test_stories_are_listed_with_filters_as_a_table_and_as_lines(
    strike: list[int], database_url: str
) -> None:
    table = _run(database_url, "stories", "list").stdout.splitlines()
    assert [line.split()[0] for line in table] == ["id", "71", "72"]
    assert "Strike ends (0)" in table[1]
    done = _run(database_url, "stories", "list", "--json", "--limit", "1")
    (row,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert (row["id"], row["articles"], row["reports"], row["sources"], row["title"]) == (
        71, 3, 2, 3, "Strike ends (0)",
    )  # fmt: skip
    rest = _run(database_url, "stories", "list", "--json", "--after", row["next"])
    assert [json.loads(line)["id"] for line in rest.stdout.splitlines()] == [72]
    only = _run(database_url, "stories", "list", "--language", "de", "--json")
    assert [json.loads(line)["id"] for line in only.stdout.splitlines()] == [72]
    grows = _run(database_url, "stories", "list", "--order", "growth")
    assert (grows.exit_code, grows.stdout) == (0, "")
    assert "no story" in grows.stderr
    for arguments in (["--after", "x"], ["--order", "new", "--after", row["next"]], ["--order", "sizes"]):
        wrong = _run(database_url, "stories", "list", *arguments)
        assert wrong.exit_code == 2, arguments


def test_a_story_is_shown_by_its_id_and_by_an_article(strike: list[int], database_url: str) -> None:
    for written in ("71", "https://house2.example/strike"):
        done = _run(database_url, "stories", "show", written)
        assert "3 articles · 2 reports · 3 sources" in done.stdout
        assert f"cut copy of {strike[0]}" in done.stdout
        told = json.loads(_run(database_url, "stories", "show", written, "--json").stdout)
        assert [member["id"] for member in told["members"]] == strike[:3]
    missing = _run(database_url, "stories", "show", "99")
    assert (missing.exit_code, "there is no story 99" in missing.stderr) == (2, True)


def test_the_family_of_a_text_is_shown_by_an_id_or_a_url(strike: list[int], database_url: str) -> None:
    for written in (str(strike[1]), "https://house0.example/strike"):
        lines = _run(database_url, "copies", written).stdout.splitlines()
        assert [line.split()[0] for line in lines] == ["id", str(strike[0]), str(strike[1])]
        assert "House 1" in lines[2]
        told = json.loads(_run(database_url, "copies", written, "--json").stdout)
        assert told["copies"][0]["copy"]["passages"] == [
            {"start": 0, "end": 82, "parent_start": 0, "parent_end": 82}
        ]
    alone = _run(database_url, "copies", str(strike[3]))
    assert (alone.exit_code, "no copy" in alone.stderr) == (0, True)
    for written in ("99", "https://nowhere.example/", "9" * 40):
        missing = _run(database_url, "copies", written)
        assert (missing.exit_code, "no stored article is" in missing.stderr) == (2, True), missing.output


def test_a_file_is_read_whatever_it_is_called(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("list", "71", "articles.jsonl"):
        (tmp_path / name).write_text(json.dumps({"id": name, "text": "Some words of a text."}))
        for command in ("stories", "copies"):
            done = _run("postgresql://nowhere.invalid/", command, f"./{name}")
            assert json.loads(done.stdout)["id"] == name, done.output
    assert "Did you mean list?" in _run("", "stories", "lsit").output
    assert "No such file" in _run("", "stories", "none.jsonl").output
    assert "No such file" in _run("", "copies", "none.jsonl").output


def test_options_of_files_and_of_what_is_stored_are_not_mixed(tmp_path: Path) -> None:
    file = tmp_path / "articles.jsonl"
    file.write_text("")
    assert _run("", "copies", str(file), "--json").exit_code == 2
    assert _run("", "copies", "71", "--window-days", "3").exit_code == 2


def test_search_finds_one_article_of_each_story(strike: list[int], database_url: str) -> None:
    def found(*arguments: str) -> list[int]:
        done = _run(database_url, "search", "--json", *arguments)
        return sorted(json.loads(line)["id"] for line in done.stdout.splitlines())

    assert found("--collapse", "copies") == [strike[0], *strike[2:]]
    assert len(found("--collapse", "stories")) == 2
    assert found("--story", "71") == strike[:3]


def test_a_webhook_can_be_told_of_stories(strike: list[int], database_url: str, pool: ConnectionPool) -> None:
    done = _run(
        database_url, "webhooks", "add", "s", "https://hooks.example.org/x", "--kind", "story_created",
        "--collapse", "copies", "--language", "en",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    (row,) = [
        json.loads(line) for line in _run(database_url, "webhooks", "list", "--json").stdout.splitlines()
    ]
    assert row["query"] == {"role": "about", "together": False, "language": "en", "collapse": "copies",
                            "kinds": ["story_created"]}  # fmt: skip
    with pool.connection() as connection:
        event(connection, 71, "story_grew", mark=5)
