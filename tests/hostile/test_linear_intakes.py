"""Intakes whose input grows cost in proportion: twice as much of anything takes about twice as long, in all
that read it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from chaos.intakes import INTAKES
from services.contract.errors import DatelineError
from tests.hostile.proportion import assert_in_proportion

_UNITS = (
    b"<", b">", b"&", b"&amp;", b"a", b" ", b"\n", b"\r", b"<a", b"<a>", b"</a>", b"<a ", b'a="', b'"', b"'",
    b"<!--", b"<![CDATA[", b"]]>", b"<?", b"<!DOCTYPE",
    b"[", b"{", b'{"a":', b"<item>", b"<link>", b"<item><link>x", b"xmlns:a='b' ", b"<a:b xmlns:a='c'>",
    b"<outline ", b"<url><loc>", b"<sitemap><loc>a</loc>",
    b"1 ", b"12:", b"2026-", b"Jan ", b"/", b"../", b"%2E", b"@", b"a.", b"?", b"&a=b", b"User-agent: a\n",
    b"Disallow: /*a*\n", b"*", b"\xff", b"\x00",
    b"WARC/1.0\r\nContent-Length: 5\r\n\r\n", b"\x1f\x8b\x08", b"Content-Length: 1\r\n",
    b"http://a.example/ ", b"<script>", b"<meta charset=", b"\\u", b'"a",', b"<!ENTITY a 'b'>",
)  # fmt: skip
_BEFORE: dict[str, tuple[bytes, ...]] = {
    "feeds": (b"", b"<rss><channel><item>", b"<rss><channel><item><title>", b"<rss><channel><item><pubDate>",
    b"<rss ", b'{"items":[', b"<!DOCTYPE x ["),
    "sitemaps": (b"<urlset><url><loc>", b"<sitemapindex>", b"<urlset><url><lastmod>"),
    "front pages": (b"<html><head>", b"<html><a href='"),
    "opml": (b"", b"<opml><body><outline text='"),
    "warc": (b"", b"WARC/1.0\r\n"),
    "robots": (b"", b"Sitemap: /x\n", b"User-agent: *\nAllow: /\n", b"User-agent: *\nCrawl-delay: "),
    "dates": (b"", b"1 Jan "),
    "http": (b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nSet-Cookie: ", b"HTTP/1.1 403 F\r\n\r\n"),
    "lines": (b"", b'{"url":"'),
    "urls": (b"", b"http://a.example/?"),
    "messages": (b"", b'{"type":"UrlSubmitted","v":1,"items":['),
}  # fmt: skip
_SIZE = 120_000
"""Bytes of the whole."""


_PLACES = [(name, before) for name, several in _BEFORE.items() for before in several]


def _cases() -> list[Any]:
    """Behind each beginning every ninth unit, others behind the next one; the rest with `make test-all`."""
    return [
        pytest.param(
            name, before, _UNITS[place % 9 :: 9] if few else _UNITS, marks=[] if few else [pytest.mark.long]
        )
        for place, (name, before) in enumerate(_PLACES)
        for few in (True, False)
    ]


@pytest.mark.parametrize(("name", "before", "units"), _cases())
def test_twice_as_much_of_anything_costs_about_twice(
    name: str, before: bytes, units: tuple[bytes, ...]
) -> None:
    take = INTAKES[name].take

    for unit in units:

        def work(size: int, unit: bytes = unit) -> Callable[[], None]:
            body = before + unit * (size // len(unit))

            def taken() -> None:
                with suppress(DatelineError):
                    take(body)

            return taken

        assert_in_proportion(work, _SIZE, f"{name}: {unit!r} behind {before!r}")
