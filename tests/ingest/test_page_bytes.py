"""What is asked of a page's bytes: the compiled form answers as Python's own means do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.extract.charset import holds, is_utf8, plain_is_utf8
from tests.compiled import need_compiled

LENGTHS = (0, 1, 7, 31, 32, 33, 63, 64, 65)  # of what stands before: words are read several at a time


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    need_compiled()


def test_every_beginning_of_a_sequence_is_judged_as_python_does() -> None:
    ends = (0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF)
    for first in range(256):
        assert is_utf8(bytes([first])) == plain_is_utf8(bytes([first]))
        for second in range(256):
            for rest in (b"", b"\x80", b"\x80\x80", b"\x80\x80\x80", *(bytes([0x80, e]) for e in ends)):
                page = bytes([first, second]) + rest
                assert is_utf8(page) == plain_is_utf8(page), page


@pytest.mark.parametrize("before", LENGTHS)
@pytest.mark.parametrize("cut", ["é", "中", "𝔘"])
def test_a_character_that_the_end_of_the_page_cuts_is_none(before: int, cut: str) -> None:
    page = b"a" * before + cut.encode()
    assert is_utf8(page)
    assert not any(is_utf8(page[:-n]) for n in range(1, len(cut.encode())))


@given(st.lists(st.one_of(st.binary(max_size=6), st.text(max_size=40).map(lambda t: t.encode("utf-8")))))
def test_any_bytes_are_judged_as_python_does(parts: list[bytes]) -> None:
    page = b"".join(parts)
    assert is_utf8(page) == plain_is_utf8(page)


@given(st.binary(max_size=80), st.binary(max_size=4))
def test_a_mark_is_found_where_python_finds_it(page: bytes, mark: bytes) -> None:
    assert holds(page, mark) == (mark in page)
    assert holds(page + mark + page, mark)
