"""Exports: the same articles in each format, whatever they hold, without holding them all."""

from __future__ import annotations

import csv
import io
import json
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient
from psycopg_pool import ConnectionPool
from pyarrow import parquet

from services.cli import main
from services.desk.state import EXPORTS_AT_ONCE
from services.store import exporting
from services.store.article_reader import EXPORTED
from tests import story_rows
from tests.articles import enriched, stored

ODD = '=HYPERLINK("http://evil.example")'


@pytest.fixture
def filled(pool: ConnectionPool) -> list[int]:
    return stored(
        pool,
        enriched(title="Flood\nin two lines, \"quoted\"", topics=("medtop:03000000",),
        countries={"ML": ("about", "mentioned")}, language="en"),
        enriched(title=ODD, authors=["Ann", "Bo"], published_at=datetime(2026, 1, 2, tzinfo=UTC),
        language="en"),
        enriched(title="Überschwemmung 洪水", language="de"),
    )  # fmt: skip


def _rows(raw: bytes, kind: str) -> list[dict[str, Any]]:
    if kind == "jsonl":
        return [json.loads(line) for line in raw.splitlines()]
    if kind == "csv":
        return list(csv.DictReader(io.StringIO(raw.decode(), newline="")))
    found: list[dict[str, Any]] = parquet.read_table(io.BytesIO(raw)).to_pylist()
    return found


@pytest.mark.parametrize("kind", exporting.FORMATS)
def test_each_format_holds_every_article_of_the_search(
    client: TestClient, filled: list[int], kind: str
) -> None:
    answer = client.get("/export", params={"format": kind})
    assert answer.headers["content-type"].startswith(exporting.MEDIA_TYPES[kind])
    rows = _rows(answer.content, kind)
    assert [int(row["id"]) for row in rows] == filled
    assert list(rows[0]) == list(EXPORTED)
    assert rows[0]["title"] == 'Flood\nin two lines, "quoted"'
    assert rows[2]["title"] == "Überschwemmung 洪水"
    assert rows[1]["authors"] == ("Ann; Bo" if kind == "csv" else ["Ann", "Bo"])
    assert rows[0]["countries"] == ("ML" if kind == "csv" else ["ML"])
    assert [
        int(r["id"])
        for r in _rows(client.get("/export", params={"format": kind, "language": "de"}).content, kind)
    ] == filled[2:]


@pytest.mark.parametrize("kind", exporting.FORMATS)
def test_an_export_says_what_is_a_copy_and_of_which_story(
    client: TestClient, filled: list[int], pool: ConnectionPool, kind: str
) -> None:
    with pool.connection() as connection:
        story_rows.story(connection, 9, filled[:2], copies=1)
        story_rows.copy(connection, filled[1], filled[0], [], kind="cut")
    rows = _rows(client.get("/export", params={"format": kind}).content, kind)
    columns = ("copy_of", "copy_kind", "copy_share", "story_id")
    told = [[str(row[name]) if row[name] not in (None, "") else "" for name in columns] for row in rows]
    assert told == [["", "", "", "9"], [str(filled[0]), "cut", "0.9", "9"], ["", "", "", ""]]
    alone = _rows(client.get("/export", params={"format": kind, "collapse": "copies"}).content, kind)
    assert [int(row["id"]) for row in alone] == [filled[0], filled[2]]


def test_a_cell_never_becomes_a_formula(client: TestClient, filled: list[int]) -> None:
    rows = _rows(client.get("/export", params={"format": "csv"}).content, "csv")
    assert rows[1]["title"] == f"'{ODD}"


@pytest.mark.parametrize("kind", exporting.FORMATS)
def test_the_command_writes_the_same(
    filled: list[int], kind: str, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATELINE_DATABASE_URL", database_url)
    out = tmp_path / "out"
    done = CliRunner().invoke(
        main, ["export", "--format", kind, "-o", str(out), "--language", "en", "--collapse", "copies"]
    )
    assert done.exit_code == 0, done.output
    assert "2 articles" in done.output
    assert [int(r["id"]) for r in _rows(out.read_bytes(), kind)] == filled[:2]


@pytest.mark.parametrize("kind", exporting.FORMATS)
def test_memory_does_not_grow_with_the_number_of_articles(kind: str) -> None:
    row = dict.fromkeys(EXPORTED) | {"id": 1, "word_count": 3, "text": "word " * 1000, "title": "t"}
    row |= {
        name: []
        for name in (
            "authors",
            "keywords",
            "topics",
            "topic_names",
            "countries",
            "mentioned_countries",
            "places",
            "literal_places",
        )
    }

    def peak(articles: int) -> int:
        tracemalloc.start()
        for _ in exporting.encoded(({**row, "text": f"{n}{row['text']}"} for n in range(articles)), kind):
            pass
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    peak(1000)
    assert peak(6000) < 1.5 * peak(2000)


def test_exports_that_go_on_leave_the_rest_of_the_desk_alone(client: TestClient, filled: list[int]) -> None:
    desk = client.app.state.desk  # type: ignore[attr-defined]
    for _ in range(EXPORTS_AT_ONCE):
        assert desk.exports.acquire(blocking=False)
    refused = client.get("/export")
    assert refused.status_code == 503
    assert refused.headers["retry-after"]
    assert client.get("/articles").status_code == 200
    for _ in range(EXPORTS_AT_ONCE):
        desk.exports.release()
    for _ in range(EXPORTS_AT_ONCE + 1):
        assert client.get("/export").status_code == 200, "each export gives its place back"
