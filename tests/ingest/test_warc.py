"""WARC files of other crawlers, whole and damaged: what is damaged costs itself, and nothing else is
raised."""

from __future__ import annotations

import gzip
import zlib
from datetime import UTC, datetime
from pathlib import Path

import brotli
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contract.errors import PermanentError
from services.contract.messages import Archived
from services.ingest.archive import Archive, pages
from services.ingest.fetch import Fetched
from services.ingest.fetch.decoding import zstd
from services.warc.records import Gap
from tests.thinning import examples

_BODY = b"<html><body><p>Story %d. " + b"The ferry did not leave. " * 20 + b"</p></body></html>"


def _record(
    number: int = 0,
    *,
    url: str | None = None,
    body: bytes | None = None,
    head: bytes = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n",
    more: bytes = b"WARC-Date: 2026-03-01T10:00:00Z\r\n",
    kind: bytes = b"response",
) -> bytes:
    url = f"https://a.example/{number}" if url is None else url
    block = head + b"\r\n" + (_BODY % number if body is None else body)
    target = b"WARC-Target-URI: %s\r\n" % url.encode() if url else b""
    return (
        b"WARC/1.1\r\nWARC-Type: %s\r\nWARC-Record-ID: <urn:x:%d>\r\n" % (kind, number)
        + target + more + b"Content-Length: %d\r\n\r\n%s\r\n\r\n" % (len(block), block)
    )  # fmt: skip


def _file(tmp_path: Path, *records: bytes, zipped: bool = True) -> Path:
    path = tmp_path / ("crawl.warc.gz" if zipped else "crawl.warc")
    path.write_bytes(b"".join(gzip.compress(record) if zipped else record for record in records))
    return path


def _read(path: Path) -> tuple[dict[str, Fetched], list[Gap]]:
    gaps: list[Gap] = []
    archive = Archive(path.parent)
    return {url: archive.read(position) for url, position, _ in pages(path, gaps.append)}, gaps


def _numbers(found: dict[str, Fetched]) -> list[int]:
    for url, page in found.items():
        assert page.body == _BODY % int(url.rsplit("/", 1)[1])
    return [int(url.rsplit("/", 1)[1]) for url in found]


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("between", [b"", b"\r\n\r\n", b"\0" * 10_000])
def test_records_are_found_whatever_blank_stands_between_them(
    tmp_path: Path, zipped: bool, between: bytes
) -> None:
    path = _file(tmp_path, *map(_record, range(4)), zipped=zipped)
    parts = [gzip.compress(_record(n)) if zipped else _record(n) for n in range(4)]
    path.write_bytes(between.join(parts) + between)
    found, gaps = _read(path)
    assert (_numbers(found), gaps) == ([0, 1, 2, 3], [])


def _zeros(part: bytes) -> bytes:
    return part[:100] + b"\0" * 40 + part[140:]


@pytest.mark.parametrize("which", [0, 3, 7])
@pytest.mark.parametrize(
    "harm",
    [
        _zeros,
        lambda p: p[:100],
        lambda p: p[10:],
        lambda p: p[:-4],
        lambda p: b"x" + p[1:],
        lambda p: p[:60] + p[90:],
    ],
)
def test_a_damaged_member_costs_its_record(tmp_path: Path, harm: object, which: int) -> None:
    parts = [gzip.compress(_record(n)) for n in range(8)]
    parts[which] = harm(parts[which])  # type: ignore[operator]
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(b"".join(parts))
    found, gaps = _read(path)
    assert _numbers(found) == [n for n in range(8) if n != which]
    assert len(gaps) == 1
    assert gaps[0].offset == sum(map(len, parts[:which]))


@pytest.mark.parametrize("which", [0, 3, 7])
@pytest.mark.parametrize(
    "harm",
    [
        lambda p: p[:300],
        lambda p: p[20:],
        lambda p: p[:200] + p[210:],
        lambda p: p.replace(b"Length", b"Lxngth"),
    ],
)
def test_a_damaged_record_of_a_plain_file_costs_itself(tmp_path: Path, harm: object, which: int) -> None:
    parts = [_record(n) for n in range(8)]
    parts[which] = harm(parts[which])  # type: ignore[operator]
    path = tmp_path / "crawl.warc"
    path.write_bytes(b"".join(parts))
    found, gaps = _read(path)
    assert _numbers(found) == [n for n in range(8) if n != which]
    assert gaps


_PARTS = [gzip.compress(_record(n)) for n in range(6)]
_PLAIN = [_record(n) for n in range(6)]
_HARM = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 10_000), st.binary(max_size=6), st.integers(0, 400)),
    min_size=1,
    max_size=3,
)


@settings(max_examples=examples(150), deadline=None)
@given(harm=_HARM, zipped=st.booleans())
def test_whatever_is_damaged_nothing_is_raised_and_the_other_records_are_read(
    tmp_path_factory: pytest.TempPathFactory, harm: list[tuple[int, int, bytes, int]], zipped: bool
) -> None:
    """In plain files a neighbour may be lost, too: only its length says where a record ends."""
    parts = list(_PARTS if zipped else _PLAIN)
    for which, place, new, removed in harm:
        place %= len(parts[which]) + 1
        parts[which] = parts[which][:place] + new + parts[which][place + removed :]
    path = tmp_path_factory.mktemp("harm") / "crawl.warc.gz"
    path.write_bytes(b"".join(parts))
    found: dict[str, Fetched] = {}
    try:
        for url, position, _ in pages(path):
            try:
                found[url] = Archive(path.parent).read(position)
            except PermanentError as error:
                assert error.reason == "archive_missing"
    except PermanentError as error:
        assert error.reason == "bad_warc"
    harmed = {which for which, *_ in harm}
    if not zipped:
        harmed |= {which - 1 for which in harmed} | {which + 1 for which in harmed}
    for number in set(range(6)) - harmed:
        assert found[f"https://a.example/{number}"].body == _BODY % number


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"\x1f\x8b\x08", b"WARC/1.1\r\n", gzip.compress(b"WARC/1.1\r\n\r\n")]),
)
def test_any_bytes_are_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, start: bytes
) -> None:
    path = tmp_path_factory.mktemp("any") / "x.warc.gz"
    path.write_bytes(start + content)
    with pytest.raises(PermanentError) as refused:
        assert list(pages(path)) == []
        raise PermanentError("bad_warc", "it holds a record, and no page")
    assert refused.value.reason == "bad_warc"
    for offset in (0, 3, 10**9):
        with pytest.raises(PermanentError):
            Archive(path.parent).read(Archived(file=path.name, offset=offset, length=1))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\0" * 100, "no record"),
        (b"filedesc://x.arc 0.0.0.0 20260301100000 text/plain 76\n1 0 X\n", "ARC file"),
        (gzip.compress(b"filedesc://x.arc 0.0.0.0 20260301100000 text/plain 76\n1 0 X\n"), "ARC file"),
        (b"\x28\xb5\x2f\xfd" + b"x" * 50, "zstd"),
        (b"\x5d\x2a\x4d\x18" + b"x" * 50, "zstd"),
        (gzip.compress(_record(0) + _record(1)), "as one piece"),
        (b"\x1f\x8b\x08\x04" + b"\0" * 8 + b"BC\x02\0" + b"x" * 50, "bgzip"),
        (gzip.compress(b"<html>"), "no record"),
        (b"<html>" * 1000, "no record"),
        (gzip.compress(_record())[:60], "no record"),
    ],
)
def test_a_file_of_another_kind_is_refused_by_name(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "crawl.warc.gz"
    path.write_bytes(content)
    with pytest.raises(PermanentError, match=said) as refused:
        list(pages(path))
    assert refused.value.reason == "bad_warc"
    assert str(path) in str(refused.value)


def test_a_folder_or_no_file_is_refused_by_name(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "gone"):
        with pytest.raises(PermanentError, match="cannot be read"):
            list(pages(path))


@pytest.mark.parametrize(
    ("date", "moment"),
    [
        ("2026-03-01T10:00:00Z", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01T10:00:00.123456Z", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01T12:00:00+02:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("20260301100000", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01 10:00:00", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03", datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026", datetime(2026, 1, 1, tzinfo=UTC)),
        ("Sun Mar  1 10:00:00 2026", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("Sun, 01 Mar 2026 10:00:00 GMT", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("", None),
        ("yesterday", None),
        ("0001-01-01T00:00:00+23:00", None),
        ("9999-12-31T23:59:59Z", None),
        ("20261399999999", None),
        ("２０２６", None),
    ],
)
def test_a_records_date_is_read_in_any_form_and_else_that_of_its_answer(
    tmp_path: Path, date: str, moment: datetime | None
) -> None:
    head = b"HTTP/1.1 200 OK\r\nDate: Mon, 02 Mar 2026 00:00:00 GMT\r\n"
    path = _file(
        tmp_path, _record(more=b"WARC-Date: %s\r\n" % date.encode(), head=head), _record(1, more=b"")
    )
    found, gaps = _read(path)
    assert found["https://a.example/0"].fetched_at.replace(microsecond=0) == (
        moment or datetime(2026, 3, 2, tzinfo=UTC)
    )
    written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    assert found["https://a.example/1"].fetched_at == written
    assert [gap.record_id for gap in gaps if gap.taken] == (
        ["<urn:x:1>"] if moment else ["<urn:x:0>", "<urn:x:1>"]
    )


def test_a_record_without_its_address_is_told_and_passed_over(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        _record(0),
        _record(1, url=""),
        _record(2, url="<>"),
        _record(3, url="<https://a.example/3>"),
    )
    found, gaps = _read(path)
    assert _numbers(found) == [0, 3]
    assert [(gap.why, gap.record_id) for gap in gaps] == [
        ("no WARC-Target-URI", "<urn:x:1>"), ("no WARC-Target-URI", "<urn:x:2>")
    ]  # fmt: skip


def _chunks(body: bytes) -> bytes:
    return b"".join(
        b"%x;a=b\r\n%s\r\n" % (len(body[i : i + 50]), body[i : i + 50]) for i in range(0, len(body), 50)
    )


_RAW = zlib.compressobj(wbits=-15)


@pytest.mark.parametrize(
    ("fields", "body"),
    [
        (b"", _BODY % 0),
        (b"Content-Encoding: gzip\r\n", gzip.compress(_BODY % 0)),
        (b"content-encoding : X-GZIP\r\n", gzip.compress(_BODY % 0)),
        (b"Content-Encoding: gzip\r\n", _BODY % 0),
        (b"Content-Encoding: deflate\r\n", zlib.compress(_BODY % 0)),
        (b"Content-Encoding: deflate\r\n", _RAW.compress(_BODY % 0) + _RAW.flush()),
        (b"Content-Encoding: br\r\n", brotli.compress(_BODY % 0)),
        (b"Content-Encoding: br\r\n", _BODY % 0),
        (b"Content-Encoding: identity, x-unknown\r\n", _BODY % 0),
        (b"Content-Encoding: gzip, br\r\n", brotli.compress(gzip.compress(_BODY % 0))),
        (b"Transfer-Encoding: chunked\r\n", _chunks(_BODY % 0) + b"0\r\n\r\n"),
        (b"Transfer-Encoding: Chunked\r\n", _chunks(_BODY % 0)),
        (b"Transfer-Encoding: chunked\r\n", _BODY % 0),
        (
            b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n",
            _chunks(gzip.compress(_BODY % 0)) + b"0\r\n",
        ),
        (b"Transfer-Encoding: gzip, chunked\r\n", _chunks(gzip.compress(_BODY % 0)) + b"0\r\n"),
        (b"Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", _chunks(_BODY % 0) + b"0\r\n"),
        (b"Content-Encoding: gzip\r\n", gzip.compress((_BODY % 0)[:99]) + gzip.compress((_BODY % 0)[99:])),
        (b"Content-Encoding: gzip\r\n", gzip.compress(_BODY % 0) + b"\0\0<!-- cached -->"),
        (b"Content-Encoding: gzip\r\nContent-Encoding: gzip\r\n", gzip.compress(gzip.compress(_BODY % 0))),
        (b"Content-Encoding: gzip;q=1.0\r\n", gzip.compress(_BODY % 0)),
        (b"Content-Encoding: deflate\r\n", gzip.compress(_BODY % 0)),
        (b"Content-Encoding: br\r\n", brotli.compress(_BODY % 0) + b"<!-- cached -->"),
        (b"Content-Encoding: zstd\r\n", zstd.compress((_BODY % 0)[:99]) + zstd.compress((_BODY % 0)[99:])),
        (b"Content-Encoding: zstd\r\n", _BODY % 0),
    ],
)
def test_a_body_is_read_out_of_its_codings_and_out_of_those_it_only_claims(
    tmp_path: Path, fields: bytes, body: bytes
) -> None:
    found, _ = _read(_file(tmp_path, _record(head=b"HTTP/1.1 200 OK\r\n" + fields, body=body)))
    assert _numbers(found) == [0]


@pytest.mark.parametrize(
    ("head", "header"),
    [
        (b"HTTP/2 200\r\nX-A: 1\r\n", "1"),
        (b"HTTP/1.1 200 OK\nX-A: 1\n", "1"),
        (b"HTTP/1.0 200 Fine\xff\r\nno header\r\n: none\r\nx-a: caf\xe9\r\n", "caf\xe9"),
        (b"HTTP/1.1 200 OK\r\nX-A: 1\r\n\t2\r\n", "1 2"),
    ],
)
def test_an_answers_head_is_read_leniently(tmp_path: Path, head: bytes, header: str) -> None:
    found, gaps = _read(_file(tmp_path, _record(head=head)))
    assert found["https://a.example/0"].header("x-a") == header
    assert gaps == []


@pytest.mark.parametrize(
    "packed",
    [gzip.compress(_BODY % 0)[:-20], zlib.compress(_BODY % 0)[:-20], brotli.compress(_BODY % 0)[:-9]],
)
def test_a_packed_body_that_is_cut_off_is_read_as_far_as_it_goes(tmp_path: Path, packed: bytes) -> None:
    coding = {b"\x1f": b"gzip", b"\x78": b"deflate"}.get(packed[:1], b"br")
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: " + coding + b"\r\n"
    found, _ = _read(_file(tmp_path, _record(head=head, body=packed)))
    assert (_BODY % 0).startswith(found["https://a.example/0"].body)


@pytest.mark.parametrize(
    "interim", [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" * 2]
)
def test_what_a_server_said_before_its_answer_is_passed_over(tmp_path: Path, interim: bytes) -> None:
    found, gaps = _read(
        _file(tmp_path, _record(head=interim + b"HTTP/1.1 200 OK\r\n"), _record(1, head=interim))
    )
    assert (_numbers(found), gaps) == ([0], [])


@pytest.mark.parametrize("length", [b"0", b"90", b"99999", b"-1", b"+400", b"abc", b"", b"1, 2"])
def test_a_wrong_length_within_a_gzip_member_costs_nothing(tmp_path: Path, length: bytes) -> None:
    right = b"Content-Length: %d\r\n" % (
        len(_BODY % 1) + len(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    )
    wrong = _record(1).replace(right, b"Content-Length: %b\r\n" % length)
    assert wrong != _record(1)
    found, gaps = _read(_file(tmp_path, _record(0), wrong, _record(2)))
    assert [page.body.strip() for page in found.values()] == [_BODY % n for n in range(3)]
    assert gaps == []


@pytest.mark.parametrize(
    ("kind", "body", "is_page"),
    [
        (b"text/html", _BODY % 0, True), (b"", _BODY % 0, True), (b"text/plain", _BODY % 0, True),
        (b"application/octet-stream", b"\n" + _BODY % 0, True),
        (b"text/html\r\nContent-Type: text/html; charset=utf-8", b"<p>", True),
        (b"text/plain", b"<p>no page", False), (b"application/json", b'"<html>"', False),
        (b"image/png", b"\x89PNG<html>", False),
    ],
)  # fmt: skip
def test_a_page_is_told_by_its_type_or_by_how_it_begins(
    tmp_path: Path, kind: bytes, body: bytes, is_page: bool
) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: " + kind + b"\r\n"
    found, _ = _read(_file(tmp_path, _record(head=head, body=body)))
    assert bool(found) is is_page


@pytest.mark.parametrize(
    "kind", [b"revisit", b"resource", b"conversion", b"request", b"metadata", b"continuation"]
)
def test_records_of_other_kinds_are_no_pages(tmp_path: Path, kind: bytes) -> None:
    found, gaps = _read(_file(tmp_path, _record(0, kind=kind), _record(1)))
    assert (_numbers(found), gaps) == ([1], [])
