"""`dateline submit --warc`: each crawl keeps its own pages, and what was skipped is reported."""

from __future__ import annotations

import gzip
import os
from io import BytesIO
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from services.cli import main
from services.contract.messages import Archived
from services.ingest.archive import Archive


def _page(url: str, words: str, *, without: str = "") -> bytes:
    out = BytesIO()
    writer = WARCWriter(out, gzip=True)
    http = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
    record = writer.create_warc_record(url, "response", payload=BytesIO(words.encode()), http_headers=http)
    if without:
        record.rec_headers.remove_header(without)
    writer.write_record(record)
    return out.getvalue()


class _Home:
    def __init__(self, database_url: str, folder: Path) -> None:
        self.database_url, self.folder = database_url, folder

    def submit(self, *paths: Path) -> Result:
        env = {"DATELINE_DATABASE_URL": self.database_url, "DATELINE_WARC_DIR": str(self.folder)}
        return CliRunner().invoke(
            main,
            [
                "submit",
                "--origin",
                "crawl \udce9",
                *(word for path in paths for word in ("--warc", str(path))),
            ],
            env=env,
        )

    def pages(self) -> dict[str, str]:
        with psycopg.connect(self.database_url) as connection:
            rows = connection.execute(
                "SELECT url, archived FROM submissions WHERE archived IS NOT NULL"
            ).fetchall()
        return {url: Archive(self.folder).read(Archived(**archived)).body.decode() for url, archived in rows}

    def files(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "imported").iterdir())


@pytest.fixture
def home(database_url: str, tmp_path: Path) -> _Home:
    (tmp_path / "warc").mkdir()
    return _Home(database_url, tmp_path / "warc")


def test_a_file_written_anew_in_place_leaves_the_pages_of_the_first_crawl_as_they_were(
    home: _Home, tmp_path: Path
) -> None:
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(_page("https://a.example/mon", "monday"))
    assert home.submit(path).exit_code == 0
    with path.open("r+b") as file:  # the same file, not another one under its name
        file.write(_page("https://a.example/tue", "tuesday"))
        file.truncate()
    assert home.submit(path).exit_code == 0
    assert home.pages() == {"https://a.example/mon": "monday", "https://a.example/tue": "tuesday"}


def test_the_same_content_is_one_archive_whatever_its_path(home: _Home, tmp_path: Path) -> None:
    one, other = tmp_path / "one.warc.gz", tmp_path / ("ö" * 100 + " \udce9.warc.gz")
    one.write_bytes(_page("https://a.example/x", "x"))
    other.write_bytes(one.read_bytes())
    os.utime(one, (10**9, 10**9))
    first = home.submit(one)
    second = home.submit(other)
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "0 new, 1 known" in second.stdout
    assert len(home.files()) == 1
    assert (home.folder / "imported" / home.files()[0]).stat().st_mtime == 10**9


def test_what_is_passed_over_is_told_and_the_rest_goes_in(home: _Home, tmp_path: Path) -> None:
    broken = _page("https://a.example/broken", "broken " * 50)
    parts = [
        _page("https://a.example/1", "one"),
        broken[:40] + b"\0" * 40 + broken[80:],
        _page("https://a.example/none", "none", without="WARC-Target-URI"),
        _page("https://a.example/undated", "undated", without="WARC-Date"),
        _page("https://a.example%3A80/", "refused"),
        _page("https://a.example/2", "two"),
        _page("https://a.example/cut", "cut")[:-30],
    ]
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(b"".join(parts))
    done = home.submit(path)
    assert done.exit_code == 0, done.output
    assert "3 new, 0 known, 1 refused" in done.stdout
    assert home.pages() == {
        f"https://a.example/{n}": words for n, words in (("1", "one"), ("undated", "undated"), ("2", "two"))
    }
    assert "3 records were skipped" in done.stderr
    assert f"(byte {len(parts[0]):,})" in done.stderr
    assert "no WARC-Target-URI (byte" in done.stderr
    assert "urn:uuid" in done.stderr
    assert "1 record was read despite a flaw" in done.stderr
    assert f"refused: {path}, byte " in done.stderr


def test_a_file_that_cannot_be_read_is_told_and_not_kept_and_the_next_one_is_read(
    home: _Home, tmp_path: Path
) -> None:
    bad, good = tmp_path / "bad.arc.gz", tmp_path / "good.warc.gz"
    bad.write_bytes(gzip.compress(b"filedesc://x.arc 0.0.0.0 20260301100000 text/plain 76\n1 0 X\n"))
    good.write_bytes(_page("https://a.example/1", "one"))
    done = home.submit(bad, good)
    assert done.exit_code == 1
    assert f"not read: {bad} is an ARC file" in done.stderr
    assert home.pages() == {"https://a.example/1": "one"}
    assert len(home.files()) == 1


def test_a_file_within_the_archive_stays_where_it_is(home: _Home) -> None:
    path = home.folder / "crawl.warc.gz"
    path.write_bytes(_page("https://a.example/1", "one"))
    assert home.submit(path).exit_code == 0
    assert home.pages() == {"https://a.example/1": "one"}
    assert not (home.folder / "imported").exists()
