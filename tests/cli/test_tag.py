"""`dateline tag`: a source's other articles say which namesake it means, and every choice can be explained."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from services.cli import main

_TEXTS = (
    "The Alexandria city council met on Monday. Virginia lawmakers in Richmond, Va., will vote on the budget this week.",
    "Police in Alexandria, Virginia, are looking for a driver who fled toward Arlington, Va., on Friday night.",
    "A school in Alexandria will close. Students will go to Arlington, Virginia, for the rest of the year.",
    "Alexandria residents asked the Virginia government for help after the storm flooded King Street on Sunday.",
    "Firefighters in Alexandria put out a blaze near the river early on Tuesday, and no one was hurt.",
)


def _tag(tmp_path: Path, *options: str) -> list[dict]:
    path = tmp_path / "articles.jsonl"
    rows = [
        {"id": n, "title": "", "text": text, "domain": "alextimes.example", "language": "en"}
        for n, text in enumerate(_TEXTS)
    ]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    done = CliRunner().invoke(main, ["tag", "--workers", "1", *options, str(path)])
    assert done.exit_code == 0, done.output
    return (
        [json.loads(line) for line in done.stdout.splitlines()]
        if "--explain" not in options
        else [{"out": done.stdout}]
    )


def _country_of_last(rows: list[dict]) -> str:
    (place,) = [p for p in rows[-1]["places"] if p["text"] == "Alexandria"]
    return str(place["country"])


def test_a_source_that_is_at_home_in_virginia_means_its_own_alexandria(tmp_path: Path) -> None:
    assert _country_of_last(_tag(tmp_path, "--no-homes")) == "EG"
    assert _country_of_last(_tag(tmp_path)) == "US"


def test_what_an_article_is_about_within_its_country_is_told(tmp_path: Path) -> None:
    localities = _tag(tmp_path)[1]["localities"]
    assert ("US.VA", "admin1") in {(x["admin1"], x["kind"]) for x in localities}
    text = _TEXTS[1]
    assert all(q["text"] == text[q["start"] : q["end"]] for x in localities for q in x["evidence"])


def test_explain_shows_candidates_and_why_one_won(tmp_path: Path) -> None:
    out = " ".join(_tag(tmp_path, "--explain")[0]["out"].split())
    assert "stands before the region that holds it" in out
    assert "its source is at home in: US" in out
    assert "Alexandria, EG" in out


def test_a_line_that_cannot_be_tagged_is_told_in_its_place(tmp_path: Path) -> None:
    path = tmp_path / "articles.jsonl"
    good = [json.dumps({"id": n, "title": "", "text": text, "language": "en"}) for n, text in enumerate(_TEXTS)]
    path.write_text("\n".join([good[0], "{not JSON", good[1], '{"id": "x"}', *good[2:]]), encoding="utf-8")
    done = CliRunner().invoke(main, ["tag", "--workers", "1", str(path)])
    assert done.exit_code == 1
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["id"] for row in rows] == [0, None, 1, "x", 2, 3, 4]
    assert "line 2 is not JSON" in rows[1]["error"]
    assert 'line 4 has no "text"' in rows[3]["error"]
    assert all(row["places"] for row in rows if "error" not in row)
