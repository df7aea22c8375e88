"""`dateline tag`: a source's other articles say which namesake it means, and every choice can be
explained."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.cli import main

_TEXTS = (
    "The Alexandria city council met on Monday. Virginia lawmakers in Richmond, Va., will vote on the budget "
    "this week.",
    "Police in Alexandria, Virginia, are looking for a driver who fled toward Arlington, Va., on Friday "
    "night.",
    "A school in Alexandria will close. Students will go to Arlington, Virginia, for the rest of the year.",
    "Alexandria residents asked the Virginia government for help after the storm flooded King Street on "
    "Sunday.",
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


def test_a_source_with_a_prior_for_virginia_means_its_own_alexandria(tmp_path: Path) -> None:
    assert _country_of_last(_tag(tmp_path, "--no-priors")) == "EG"
    assert _country_of_last(_tag(tmp_path, "--no-homes")) == "EG"  # the former name of the option
    assert _country_of_last(_tag(tmp_path)) == "US"


def test_what_an_article_is_about_within_its_country_is_told(tmp_path: Path) -> None:
    localities = _tag(tmp_path)[1]["localities"]
    assert ("US.VA", "admin1") in {(x["admin1"], x["kind"]) for x in localities}
    text = _TEXTS[1]
    assert all(q["text"] == text[q["start"] : q["end"]] for x in localities for q in x["evidence"])


def test_explain_shows_candidates_and_why_one_won(tmp_path: Path) -> None:
    out = " ".join(_tag(tmp_path, "--explain")[0]["out"].split())
    assert "stands before the region that holds it" in out
    assert "source prior: US" in out
    assert "Alexandria, EG" in out


def test_a_line_that_cannot_be_tagged_is_told_in_its_place(tmp_path: Path) -> None:
    path = tmp_path / "articles.jsonl"
    good = [
        json.dumps({"id": n, "title": "", "text": text, "language": "en"}) for n, text in enumerate(_TEXTS)
    ]
    path.write_text("\n".join([good[0], "{not JSON", good[1], '{"id": "x"}', *good[2:]]), encoding="utf-8")
    done = CliRunner().invoke(main, ["tag", "--workers", "1", str(path)])
    assert done.exit_code == 1
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["id"] for row in rows] == [0, None, 1, "x", 2, 3, 4]
    assert "line 2 is not JSON" in rows[1]["error"]
    assert 'line 4 has no "text"' in rows[3]["error"]
    assert all(row["places"] for row in rows if "error" not in row)


_GOOD = (
    b'{"id": %d, "title": "Floods in Bavaria", "text": "Rain fell in Munich, Germany.", '
    b'"domain": "a.example"}'
)


@pytest.mark.parametrize(
    "line",
    [
        b'{"id": "x", "domain": "a.example", "text": "Munich", "x": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b'{"id": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b', "text": "Munich"}',
        b"[" * 50_000,
        b"[1, 2]",
        b"null",
        b'"text"',
        b'{"id": "x"}',
        b'{"id": "x", "text": ["Munich"]}',
        b"\xff\xfe{}",
        b"\0",
    ],
)
def test_a_line_that_is_no_article_costs_itself(tmp_path: Path, line: bytes) -> None:
    done, rows = _lines_tagged(tmp_path, [_GOOD % 1, line, _GOOD % 2, _GOOD % 3])
    assert done.exit_code == 1
    assert [row["id"] for row in rows if "error" not in row] == [1, 2, 3]
    assert "line 2 " in rows[1]["error"]


@pytest.mark.parametrize(
    ("line", "row_id"),
    [
        (rb'{"id": "\ud800", "text": "In \ud83d Munich \udce9 rain fell in Bavaria, police said.",'
            rb' "title": "\udfff"}', "\ufffd"),
        (b'{"id": "x", "text": "Rain fell in M\xfcnchen and Berlin."}', "x"),
        (b'{"id": 1e400, "text": "Rain fell in Munich."}', None),
        (b'{"id": ' + b"9" * 5000 + b', "text": "Rain fell in Munich."}', None),
        (b'{"id": 123456789012345678901234567890, "text": "Rain fell in Munich."}',
        123456789012345678901234567890.0),
        (b'{"id": {"oid": ["\xff"]}, "text": "Rain fell in Munich."}', {"oid": ["\ufffd"]}),
        (b'{"id": 7, "text": "Munich", "title": [1], "url": 5, "domain": {}, "language": ["en"], "dateline": '
            b'5, "keywords": [1, "rain"]}', 7),
        (b'{"id": 7, "text": "Munich", "url": "http://[::1", "language": "xx-YY"}', 7),
        (b'\xef\xbb\xbf{"id": 7, "text": "\\ufeffRain fell in Munich."}', 7),
        (b'{"id": 7, "text": "Rain in Munich.", "domain": "[bad", "keywords": ["\\udfff"]}', 7),
        ('{"id": 7, "text": "Rain\u2028in Munich\x85today"}'.encode(), 7),
    ],
)  # fmt: skip
def test_an_article_with_odd_values_is_tagged_and_written_as_utf8(
    tmp_path: Path, line: bytes, row_id: object
) -> None:
    done, rows = _lines_tagged(tmp_path, [_GOOD % 1, line, _GOOD % 2])
    assert done.exit_code == 0, done.output
    assert [row["id"] for row in rows] == [1, row_id, 2]
    assert all("countries" in row for row in rows)


def test_a_byte_order_mark_and_blank_lines_are_passed_over_and_lines_counted_as_they_stand(
    tmp_path: Path,
) -> None:
    _, rows = _lines_tagged(
        tmp_path, [b"\xef\xbb\xbf" + _GOOD % 1, b"", b" \r", b"nonsense", _GOOD % 2 + b"\r"]
    )
    assert [row["id"] for row in rows] == [1, None, 2]
    assert "line 4 is not JSON" in rows[1]["error"]


def test_explain_tells_of_a_line_that_it_cannot_read_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "articles.jsonl"
    path.write_bytes(
        b'nonsense\n{"id": "[/x]", "title": "[/bold] \\ud800", "text": "Rain fell in Munich."}\n'
    )
    done = CliRunner().invoke(main, ["tag", "--workers", "1", "--explain", str(path)])
    assert done.exit_code == 1
    assert "line 1 is not JSON" in done.stderr
    assert "[/x]  [/bold]" in done.stdout
    assert "Munich" in done.stdout


def _lines_tagged(tmp_path: Path, lines: list[bytes]) -> tuple[Result, list[dict]]:
    path = tmp_path / "articles.jsonl"
    path.write_bytes(b"\n".join(lines))
    done = CliRunner().invoke(main, ["tag", "--workers", "1", str(path)])
    return done, [json.loads(line) for line in done.stdout_bytes.decode("utf-8").splitlines()]
