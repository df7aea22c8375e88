"""WARC files of other crawlers: `dateline submit --warc`, then each page read from the archive and extracted.

Each case: a name, its kind in general words, the file, what is right.
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tests.intakes.local_site import (
    FILES,
    Archive,
    ArticleFetched,
    Cases,
    UrlSettled,
    claim,
    dateline,
    fell,
    ingested,
    text_of,
)

RECORDS, FILES_OF_MANY, REUSED = Cases(), Cases(), Cases()
record, crawl, reused = RECORDS.add, FILES_OF_MANY.add, REUSED.add
Result = ArticleFetched | UrlSettled
HTML = "text/html; charset=utf-8"


def article(number: int, day: str = "monday") -> bytes:
    """A page that says its number and its day."""
    paragraphs = "".join(
        f"<p>The crews of the northern ferry line walked out on Monday for the {number * 10 + i}th time over "
        f"their rosters {day}, "
        "and no boat left the harbour before noon, officials said.</p>"
        for i in range(6)
    )
    title = f"Ferry strike {day} {number}"
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body><article><h1>{title}</h1>{paragraphs}</article></body></html>".encode()  # noqa: E501


def said(number: int, day: str = "monday") -> str:
    return f"for the {number * 10 + 3}th time over their rosters {day},"


def url_of(number: object, host: str = "crawl") -> str:
    return f"https://warc-{host}.example/news/story-{number}"


@dataclass(frozen=True)
class Rec:
    """A record, with what may be odd about it."""

    url: str
    body: bytes
    headers: list[tuple[str, str]] = field(default_factory=list)
    ct: str = HTML
    status: str = "200 OK"
    proto: str = "HTTP/1.1"
    without: tuple[str, ...] = ()
    with_: dict[str, str] = field(default_factory=dict)


def parts(records: Iterable[Rec], *, zipped: bool = True) -> list[bytes]:
    """A WARC file, record by record; the first says what file it is."""
    made = []
    for number, one in enumerate([None, *records]):
        buffer = io.BytesIO()
        writer = WARCWriter(buffer, gzip=zipped)
        if one is None:
            made_of = writer.create_warcinfo_record("test.warc.gz", {"software": "test"})
        else:
            http = StatusAndHeaders(one.status, [("Content-Type", one.ct), *one.headers], protocol=one.proto)
            fixed = {
                "WARC-Date": "2026-03-01T10:00:00Z",
                "WARC-Record-ID": f"<urn:uuid:00000000-0000-4000-8000-{number:012d}>",
            }
            made_of = writer.create_warc_record(
                one.url, "response", payload=io.BytesIO(one.body), http_headers=http, warc_headers_dict=fixed
            )
            for name in one.without:
                made_of.rec_headers.remove_header(name)
            for name, value in one.with_.items():
                made_of.rec_headers.replace_header(name, value)
        writer.write_record(made_of)
        made.append(buffer.getvalue())
    return made


def pages(number: int, first: int = 0) -> list[Rec]:
    return [Rec(url_of(n), article(n)) for n in range(first, first + number)]


def chunked(body: bytes) -> bytes:
    return (
        b"".join(
            b"%x\r\n%s\r\n" % (len(body[i : i + 200]), body[i : i + 200]) for i in range(0, len(body), 200)
        )
        + b"0\r\n\r\n"
    )


# --- one odd record between two plain ones: the article that is read from it


def odd(
    name: str, kind: str, *, body: bytes | None = None, right: Any = None, url: str | None = None, **more: Any
) -> None:
    record(
        name,
        kind,
        Rec(url or url_of(name), article(7) if body is None else body, **more),
        said(7) if right is None else right,
    )


odd("rec_plain", "a record")
odd("rec_gzip_lie", "encodings in a record", headers=[("Content-Encoding", "gzip")])
odd(
    "rec_chunked_gzip",
    "encodings in a record",
    body=chunked(gzip.compress(article(7))),
    headers=[("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip")],
)
odd(
    "rec_br",
    "an encoding that may not be known",
    body=(FILES / "page.br").read_bytes(),
    headers=[("Content-Encoding", "br")],
    right=lambda result: no_rubbish(result),  # noqa: PLW0108  defined below
)
odd("rec_br_lie", "encodings in a record", headers=[("Content-Encoding", "br")])
odd("rec_http2", "odd records", proto="HTTP/2")
odd("rec_no_ct", "odd records", ct="")
odd("rec_xhtml", "odd records", ct="application/xhtml+xml")
odd("rec_ct_upper", "odd records", ct="Text/HTML; Charset=UTF-8")
odd("rec_date14", "a record's date missing or in another form", with_={"WARC-Date": "20260301100000"})
odd(
    "rec_date_space", "a record's date missing or in another form", with_={"WARC-Date": "2026-03-01 10:00:00"}
)
odd("rec_date_empty", "a record's date missing or in another form", with_={"WARC-Date": ""})
odd(
    "rec_date_words",
    "a record's date missing or in another form",
    with_={"WARC-Date": "Sun Mar  1 10:00:00 2026"},
)
odd("rec_wget", "odd records", with_={"WARC-Target-URI": "<" + url_of("rec_wget") + ">"})
odd("rec_letters_in_url", "odd records", url="https://warc-crawl.example/news/größe-1")


def no_rubbish(result: Result | None) -> None:
    """The article, or a reason why not."""
    assert result is not None
    assert isinstance(result, UrlSettled) or "ferry line" in result.article.text
    assert not isinstance(result, UrlSettled) or result.reason != "extractor_error", result.detail


# --- whole files: the URLs that must be in the ledger, each with its own page


def zeros(part: bytes) -> bytes:
    """Forty bytes lost in the middle of a record."""
    middle = len(part) // 2
    return part[:middle] + b"\0" * 40 + part[middle + 40 :]


def lost(part: bytes) -> bytes:
    """The second half of a record is not there."""
    return part[: len(part) // 2]


def damaged(number: int, harm: Callable[[bytes], bytes], *which: int) -> Callable[[], bytes]:
    """A file of so many pages, some of them harmed; its first record tells of the file."""

    def make() -> bytes:
        made = parts(pages(number))
        for one in which:
            made[one + 1] = harm(made[one + 1])
        return b"".join(made)

    return make


def but(number: int, *without: int) -> set[str]:
    return {url_of(n) for n in range(number)} - {url_of(n) for n in without}


crawl("plain_warc", "a file", lambda: b"".join(parts(pages(3), zipped=False)), but(3), suffix=".warc")
crawl("truncated_700", "a file cut at its end", lambda: b"".join(parts(pages(700)))[:-300], but(700, 699))
crawl("damaged_middle", "a damaged record within a file", damaged(20, zeros, 10), but(20, 10))
crawl("damaged_first", "a damaged record within a file", damaged(12, zeros, 0), but(12, 0))
crawl("damaged_half_record", "a damaged record within a file", damaged(20, lost, 4), but(20, 4))
crawl("damaged_after_500", "a damaged record within a file", damaged(620, zeros, 560), but(620, 560))
crawl(
    "no_target_uri",
    "a record without its address",
    lambda: b"".join(
        parts([*pages(3), Rec(url_of("none"), article(3), without=("WARC-Target-URI",)), *pages(3, first=3)])
    ),
    but(6),
)
crawl(
    "empty_target_uri",
    "a record without its address",
    lambda: b"".join(
        parts([*pages(2), Rec(url_of("none"), article(3), with_={"WARC-Target-URI": ""}), *pages(3, first=2)])
    ),
    but(5),
)

# --- the same path, used again: for each crawl its host, its day and its stories; each URL must have the page
# of its own crawl

reused(
    "reused_next_day",
    "a file's path used for the next crawl",
    [("day1", "monday", range(6)), ("day2", "tuesday edition", range(50, 56))],
)
reused(
    "reused_same_lengths",
    "a file's path used for the next crawl",
    [("mon", "monday", range(4)), ("fri", "friday", range(4))],
    zipped=False,
)
reused(
    "reused_longer",
    "a file's path used for the next crawl",
    [("day1", "monday", range(2)), ("day2", "tuesday", range(7))],
)
reused(
    "reused_three_times",
    "a file's path used for the next crawl",
    [("sat", "saturday", range(3)), ("sun", "sunday--", range(3)), ("end", "saturday", range(9))],
    zipped=False,
)


@dataclass
class Home:
    """A database and an archive."""

    database_url: str
    folder: Path

    def submit(self, path: Path) -> Any:
        env = {"DATELINE_DATABASE_URL": self.database_url, "DATELINE_WARC_DIR": str(self.folder)}
        return dateline("submit", "--warc", str(path), "--quiet", env=env)

    def urls(self) -> set[str]:
        """What was taken from the archive."""
        with psycopg.connect(self.database_url) as connection:
            return {
                url
                for (url,) in connection.execute(
                    "SELECT url FROM submissions WHERE state = 'pending' AND archived IS NOT NULL"
                )
            }

    def read(self) -> dict[str, Result]:
        """Each URL's outcome, as ingest reads it from the archive."""
        with psycopg.connect(self.database_url) as connection:
            taken = claim(connection, 1000)
        archive = Archive(self.folder)
        return {one.url: ingested(one.url, archive=archive, submitted=one) for one in taken}


@pytest.fixture
def home(database_url: str, tmp_path: Path) -> Home:
    folder = tmp_path / "archive"
    folder.mkdir()
    return Home(database_url, folder)


@RECORDS.each()
def test_record(name: str, home: Home, tmp_path: Path) -> None:
    _, (one, right), _ = RECORDS[name]
    path = tmp_path / "crawl.warc.gz"
    before, after = pages(1, first=1), pages(1, first=2)
    path.write_bytes(b"".join(parts([*before, one, *after])))
    done = home.submit(path)
    assert {before[0].url, after[0].url} <= home.urls(), fell(done)
    found = home.read()
    assert said(1) in text_of(found.pop(before[0].url))
    assert said(2) in text_of(found.pop(after[0].url))
    assert len(found) <= 1
    result = next(iter(found.values()), None)
    if callable(right):
        right(result)
    else:
        assert result is not None, fell(done)
        assert right in text_of(result)


@FILES_OF_MANY.each()
def test_file(name: str, home: Home, tmp_path: Path) -> None:
    _, (make, right), more = FILES_OF_MANY[name]
    path = tmp_path / ("crawl" + more.get("suffix", ".warc.gz"))
    path.write_bytes(make())
    done = home.submit(path)
    found = home.urls()
    assert right <= found, f"{len(right - found)} lost, such as {sorted(right - found)[:3]}: {fell(done)}"
    for url, result in list(home.read().items())[:40]:
        if url in right:
            assert said(int(url.rsplit("-", 1)[1])) in text_of(result)


@REUSED.each()
def test_path_used_again(name: str, home: Home, tmp_path: Path) -> None:
    _, (crawls,), more = REUSED[name]
    zipped = more.get("zipped", True)
    path, new = tmp_path / ("crawl.warc.gz" if zipped else "crawl.warc"), tmp_path / "new"
    right = {}
    for host, day, numbers in crawls:
        new.write_bytes(
            b"".join(parts([Rec(url_of(n, host), article(n, day)) for n in numbers], zipped=zipped))
        )
        new.replace(path)
        done = home.submit(path)
        assert done.exit_code == 0, fell(done)
        right |= {url_of(n, host): said(n, day) for n in numbers}
    found = home.read()
    assert found.keys() == right.keys()
    for url, result in found.items():
        assert right[url] in text_of(result), f"{url} has another crawl's page"
