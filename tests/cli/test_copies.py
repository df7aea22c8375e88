"""`dateline copies` and `dateline stories`: a line an article, whatever the lines are."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner

from services.cli import main
from tests.stories.texts import prose


def _run(command: str, lines: list[Any], *, code: int = 0) -> list[dict[str, Any]]:
    given = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    done = CliRunner().invoke(main, [command, "-"], input=given.encode("utf-8", "surrogatepass"))
    assert done.exit_code == code, done.output
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_copies_prints_a_line_for_each_article_in_the_order_of_the_file() -> None:
    text = prose(1)
    part = text[: text.index(" ", 600)]
    rows = [
        {"id": "b", "text": part, "published_at": "2026-03-01T12:00:00Z", "domain": "b.example"},
        {"id": 7, "text": prose(2), "published_at": "2026-03-01T10:00:00Z"},
        {"id": "a", "text": text, "published_at": "2026-03-01T09:00:00Z", "url": "https://a.example/1"},
    ]
    first, second, third = _run("copies", rows)
    assert [first["id"], second["id"], third["id"]] == ["b", 7, "a"]
    assert (first["copy_of"], first["kind"], first["share"]) == ("a", "cut", 1.0)
    [passage] = first["passages"]
    assert part[passage["start"] : passage["end"]] == text[passage["parent_start"] : passage["parent_end"]]
    assert second == {"id": 7, "copy_of": None, "kind": None, "share": None, "passages": []}
    assert third["copy_of"] is None


def test_stories_prints_the_story_of_each_article() -> None:
    rows = [{"id": n, "title": "", "text": prose(n % 2, "en", 150), "lang": "en"} for n in range(4)]
    found = _run("stories", rows)
    assert [row["story"] for row in found] == [0, 1, 0, 1]
    assert {"id", "story", "score", "evidence"} == found[0].keys()


def test_a_line_that_cannot_be_read_gets_an_error_and_the_others_their_answers() -> None:
    rows = [{"id": 1, "text": prose(1)}, "{", {"id": 2}, "[]", {"id": 3, "text": prose(1), "published_at": 5}]
    for command in ("copies", "stories"):
        found = _run(command, rows, code=1)
        assert ["error" in row for row in found] == [False, True, True, True, False]
        assert [row.get("line") for row in found if "error" in row] == [2, 3, 4]


def test_of_lines_with_one_id_the_last_is_the_newest_version() -> None:
    rows = [{"id": 1, "text": prose(1)}, {"id": 2, "text": prose(2)}, {"id": 2, "text": prose(1)}]
    assert [row["copy_of"] for row in _run("copies", rows)] == [None, 1, 1]
    assert [row["story"] for row in _run("stories", rows)] == [1, 1, 1]


def test_odd_fields_do_not_stop_it() -> None:
    rows = [
        {"text": prose(1)},
        {"text": prose(1), "id": None},
        {"text": "\ud800 \udfff", "id": ["x"], "places": [1, {"name": 2}, {"name": "Oslo"}, "Rom"]},
        {
            "text": prose(1),
            "id": "u",
            "url": "http://[",
            "agency": 3,
            "published_at": "9999-12-31T00:00:00-23:00",
        },
    ]
    assert len(_run("copies", rows)) == len(_run("stories", rows)) == 4


def test_nothing_in_nothing_out() -> None:
    assert _run("copies", []) == _run("stories", []) == []
