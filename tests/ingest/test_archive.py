"""WARC files that any tool reads, and pages read back from them as they were."""

from __future__ import annotations

import gzip
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from services.contract.errors import PermanentError
from services.contract.messages import Archived
from services.demo.pages import render, stories
from services.ingest.archive import Archive, pages
from services.ingest.fetch import Fetched

BASE = "https://courier.example"


def _page(path: str, **more: object) -> Fetched:
    body = (render(path, BASE) or "").encode()
    headers = (
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Encoding", "gzip"),
        ("X-Robots-Tag", "noai"),
    )
    page = Fetched(
        f"{BASE}{path}",
        200,
        body,
        "utf-8",
        datetime(2026, 3, 1, 12, tzinfo=UTC),
        12.0,
        headers,
        kind="text/html",
    )
    return replace(page, **more)  # type: ignore[arg-type]


def test_every_page_is_read_back_from_where_it_was_written(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    with ThreadPoolExecutor(8) as threads:
        written = list(threads.map(lambda path: archive.write(_page(path), BASE + path), list(stories()) * 4))
    assert len({(p.file, p.offset) for p in written}) == 4 * len(stories())
    for path, position in zip(list(stories()) * 4, written, strict=True):
        page = archive.read(position)
        assert (page.url, page.body, page.charset, page.kind) == (
            BASE + path,
            _page(path).body,
            "utf-8",
            "text/html",
        )
        assert page.header("x-robots-tag") == "noai"
        assert page.fetched_at == datetime(2026, 3, 1, 12, tzinfo=UTC)


def _tool(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "warcio.cli", *arguments], capture_output=True, text=True, check=False
    )


def test_a_standard_tool_has_no_complaint(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    positions = [archive.write(_page(path), BASE + path) for path in stories()]
    archive.close()
    (file,) = tmp_path.glob("*.warc.gz")
    checked = _tool("check", "-v", str(file))
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "digest pass" in checked.stdout
    index = _tool("index", "-f", "offset,warc-type,warc-target-uri", str(file)).stdout.splitlines()
    assert len(index) == len(stories()) + 1
    assert next(line for line in index if '"response"' in line).startswith(
        f'{{"offset": "{positions[0].offset}"'
    )


def test_files_are_rotated_by_size_and_by_age(tmp_path: Path) -> None:
    for bounds in ({"max_bytes": 20_000}, {"max_age_s": 0.0}):
        folder = tmp_path / next(iter(bounds))
        archive = Archive(folder, **bounds)  # type: ignore[arg-type]
        positions = [archive.write(_page(path), BASE + path) for path in stories()]
        archive.close()
        assert len(list(folder.glob("*.warc.gz"))) > 1
        assert all(archive.read(position).status == 200 for position in positions)


def test_a_position_that_leads_nowhere_or_outside_is_refused_by_name(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive")
    position = archive.write(_page(next(iter(stories()))), BASE)
    archive.close()
    (tmp_path / "secret.warc.gz").write_bytes((tmp_path / "archive" / position.file).read_bytes())
    for wrong, said in (
        (Archived(file="../secret.warc.gz", offset=position.offset, length=1), "not within the archive"),
        (Archived(file="/etc/passwd", offset=0, length=1), "not within the archive"),
        (Archived(file="gone.warc.gz", offset=0, length=1), "is DATELINE_WARC_DIR right"),
        (Archived(file=position.file, offset=position.offset + 3, length=1), "cannot be read|no answer"),
        (Archived(file=position.file, offset=0, length=1), "no answer"),
    ):
        with pytest.raises(PermanentError, match=said) as raised:
            archive.read(wrong)
        assert raised.value.reason == "archive_missing"


def _crawl(path: Path) -> None:
    """A file as another crawler writes it: chunked and compressed bodies, requests, redirects, pictures,
    errors."""
    html = b"<html><body><p>Story.</p></body></html>"
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(html), html)
    records = [
        ("https://a.example/plain", "200 OK", [("Content-Type", "text/html")], html),
        (
            "https://a.example/zipped",
            "200 OK",
            [("Content-Type", "text/html; charset=utf-8"), ("Content-Encoding", "gzip")],
            gzip.compress(html),
        ),
        (
            "https://a.example/chunked",
            "200 OK",
            [("Content-Type", "text/html"), ("Transfer-Encoding", "chunked")],
            chunked,
        ),
        ("https://a.example/gone", "404 Not Found", [("Content-Type", "text/html")], html),
        ("https://a.example/picture", "200 OK", [("Content-Type", "image/png")], b"\x89PNG"),
        ("https://a.example/moved", "301 Moved", [("Location", "/plain")], b""),
    ]
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        writer.write_record(writer.create_warcinfo_record(path.name, {"software": "another"}))
        for url, status, headers, body in records:
            http = StatusAndHeaders(status, headers, protocol="HTTP/1.1")
            response = writer.create_warc_record(url, "response", payload=BytesIO(body), http_headers=http)
            asked = StatusAndHeaders("GET / HTTP/1.1", [("Host", "a.example")], is_http_request=True)
            writer.write_record(writer.create_warc_record(url, "request", http_headers=asked))
            writer.write_record(response)


def test_the_pages_of_another_crawler_are_found_and_read(tmp_path: Path) -> None:
    path = tmp_path / "crawl.warc.gz"
    _crawl(path)
    found = list(pages(path))
    assert [url.rsplit("/", 1)[1] for url, _, _ in found] == ["plain", "zipped", "chunked"]
    archive = Archive(tmp_path)
    for _, position, _ in found:
        assert archive.read(position).body == b"<html><body><p>Story.</p></body></html>"


def test_a_file_that_is_no_warc_says_so(tmp_path: Path) -> None:
    path = tmp_path / "no.warc.gz"
    path.write_bytes(b"this is not a WARC file\n" * 10)
    with pytest.raises(PermanentError, match="is not a WARC file"):
        list(pages(path))
