"""Records that are removed from WARC files: gone, and every other record where it was."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import pytest

from services.contract.errors import PermanentError
from services.contract.messages import Archived
from services.contract.urls import parse_url
from services.demo.pages import stories
from services.ingest.archive import Archive, pages
from services.warc.erasure import erase, member, record, sweep
from services.warc.records import Frame, frames
from tests.ingest.test_archive import BASE, _page, _tool

SIZES = [
    20,
    21,
    40,
    90,
    91,
    92,
    120,
    150,
    200,
    999,
    1000,
    1073,
    9_990,
    65_552,
    *range(65_600, 65_640),
    131_200,
    700_001,
]


@pytest.mark.parametrize("size", SIZES)
def test_a_member_has_any_size_and_is_whole(size: int) -> None:
    made = member(size)
    assert len(made) == size
    unzip = zlib.decompressobj(31)
    content = unzip.decompress(made) + unzip.flush()
    assert unzip.eof
    assert not unzip.unused_data
    assert gzip.decompress(made) == content
    assert not content or content.startswith(b"WARC/1.0\r\nWARC-Type: metadata")


@pytest.mark.parametrize("size", [54, 55, 62, 63, 64, 65, 72, 153, 154, 155, 1052, 1053, 1054, 1055, 100_000])
def test_a_plain_record_has_any_size(size: int) -> None:
    made = record(size)
    assert len(made) == size
    head, _, block = made.partition(b"\r\n\r\n")
    assert f"Content-Length: {len(block)}".encode() in head.replace(b":  ", b": ")


def _written(folder: Path) -> dict[str, Archived]:
    archive = Archive(folder)
    written = {path: archive.write(_page(path), BASE + path) for path in stories()}
    archive.close()
    return written


def test_one_record_goes_and_every_other_stays_where_it_was(tmp_path: Path) -> None:
    written = _written(tmp_path)
    gone, *kept = written
    file = tmp_path / written[gone].file
    size = file.stat().st_size
    assert erase(file, written[gone].offset)
    assert not erase(file, written[gone].offset)
    assert file.stat().st_size == size
    archive = Archive(tmp_path)
    for path in kept:
        assert archive.read(written[path]).body == _page(path).body
    with pytest.raises(PermanentError, match="holds no answer"):
        archive.read(written[gone])
    assert [url for url, _, _ in pages(file)] == [BASE + path for path in kept]
    left = gzip.decompress(file.read_bytes())
    assert f"{BASE}{gone}\r".encode() not in left
    assert _page(gone).body not in left
    checked = _tool("check", str(file))
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_a_plain_file_is_treated_alike(tmp_path: Path) -> None:
    written = _written(tmp_path)
    packed = tmp_path / next(iter(written.values())).file
    plain = tmp_path / "plain.warc"
    plain.write_bytes(gzip.decompress(packed.read_bytes()))
    with plain.open("rb") as file:
        second = [f for f in frames(file) if isinstance(f, Frame)][1]
    before = [url for url, _, _ in pages(plain)]
    assert erase(plain, second.offset)
    gaps: list[object] = []
    assert [url for url, _, _ in pages(plain, gaps.append)] == before[1:]
    assert gaps == []


def test_a_sweep_finds_every_answer_of_an_address_also_by_the_one_that_was_asked_for(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    first, second, *_ = stories()
    for page, asked in (
        (_page(first), BASE + first),
        (_page(second), BASE + second),
        (_page(first), BASE + first),
    ):
        archive.write(page, asked)
    archive.write(_page(second), "https://short.example/x")
    archive.close()
    (file,) = tmp_path.glob("*.warc.gz")
    assert sweep(file, {parse_url(f"{BASE}{first}?utm_source=x").hash}) == 2
    assert sweep(file, {parse_url("https://short.example/x").hash}) == 1
    assert [url for url, _, _ in pages(file)] == [BASE + second]


@pytest.mark.parametrize("offset", [1, 10**9])
def test_where_no_record_begins_nothing_is_written(tmp_path: Path, offset: int) -> None:
    written = _written(tmp_path)
    file = tmp_path / next(iter(written.values())).file
    before = file.read_bytes()
    with pytest.raises(ValueError, match="holds no record"):
        erase(file, offset)
    assert file.read_bytes() == before
