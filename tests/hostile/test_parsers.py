"""Each parser of what others wrote, on text as nobody should write it: a value or an error of ours, and
quickly.

Unicode digits, lone surrogates, NUL, numbers that no calendar and no C `time_t` reaches, numbers of thousands
of digits. Parsers of whole documents (pages, feeds, sitemaps, WARC files, OPML, messages) get broken ones in
`test_intakes.py` too.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import click
import pytest
import requests
from fastapi import HTTPException
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.cli import choosing, restore
from services.contract.envelopes import decode_each, encode_item
from services.contract.errors import DatelineError
from services.contract.messages import UrlSubmitted
from services.contract.urls import parse_url, resolve
from services.desk import access, bounds, proxies, written_query
from services.desk.settings import networks
from services.enrich.topics.rule_files import compile_rules
from services.ingest.dates.read import read_date
from services.ingest.extract.charset import decode_page
from services.ingest.extract.rules import load_rules
from services.ingest.fetch.cookies import Cookies
from services.ingest.fetch.decoding import Damaged, codings, decoded
from services.ingest.fetch.inflate import Truncated
from services.ingest.fetch.redirects import refresh_of, unpacked
from services.ingest.fetch.response import _is_part, kind_and_charset, retry_after
from services.ingest.fetch.robots import RobotsRules
from services.ingest.recorded import _dechunked, _moment
from services.ingest.settings import ports
from services.ingest.sources.json_feed import read_json_feed
from services.ingest.sources.sitemaps import read_sitemap
from services.ingest.sources.wrapped import unwrapped
from services.net import hosts
from services.runtime import settings as env
from services.runtime.passwords import known_passwords
from services.store.intake import parse_line
from services.store.retention_rules import parse_limits, parse_sources
from services.warc.records import fields_of, frames
from tests.thinning import examples

NOW = datetime(2026, 9, 1, tzinfo=UTC)
PIECES = [
    "٣", "²", "１２", "४", "①", "\x00", "\ud800", "\udc80", "\u2028", "\ufeff", "\u202e", "İ", "ß", "é",
    "\x85", "\t", "\r", "\n", " ", ",", ";", ":", "=",
    "/", "?", "#", "@", "%", "%00", "%ud800", "%F0%9F", "-", "+", ".", "*", "'", '"', "\\", "[", "]", "{",
    "}", "<", ">", "&", "|", "$", "^", "0", "1", "9",
    "-1", "1e999", "NaN", "inf", "0x10", "1_000", "2147483648", "9223372036854775808", "253402300800",
    "-62135596801", "9" * 30, "9" * 5000,
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "Fri, 31 Dec 9999 23:59:59 -1400",
    "Thu, 01 Jan 1970 00:00:00 GMT", "29 Feb 2027", "T25:61:61Z",
    "https://", "http://[", "[::1]", "xn--", "xn--\u200d", "a" * 300, "example.org", "localhost", "true",
    "null",
]  # fmt: skip


def _text(*words: str) -> st.SearchStrategy[str]:
    """Text of a parser's own words, pieces of the above, and any characters."""
    piece = st.sampled_from([*words * 4, *PIECES]) | st.text(st.characters(codec=None), max_size=3)
    return st.lists(piece, max_size=14).map("".join)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _header(text: str) -> str:
    """As a header's value arrives: bytes as Latin-1, without what ends a line."""
    return _bytes(text).decode("latin-1").translate({0: None, 10: None, 13: None})


def _cookies(text: str) -> None:
    jar, request = Cookies(), requests.Request("GET", "https://www.example.org/a/b").prepare()
    for field in (text, "kept=1; " + text):
        jar._take(_header(field), "https", "www.example.org", "/a/b")
    jar.add_to(request)
    request.headers.get("Cookie", "").encode("latin-1")


def _robots(text: str) -> None:
    rules = RobotsRules.of(_bytes(text))
    assert 0 <= rules.crawl_delay_s < 1e9
    rules.forbidding("https://example.org/a?b=%D8%A3")


def _rules_file(text: str) -> None:
    path = Path(os.environ["DATELINE_HOME"]) / "rules.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_bytes(text))
    load_rules(path).of("example.org")


def _warc_head(text: str) -> None:
    fields = fields_of(_bytes(text))
    assert all(isinstance(value, str) for value in fields.values())
    content = b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: " + _bytes(text) + b"\r\n\r\nabc\r\n\r\n"
    list(frames(BytesIO(content)))


def _message(text: str) -> None:
    decode_each(UrlSubmitted, {"items": [text]} if len(text) % 2 else {"version": text, "items": text})


def _deletion(text: str) -> None:
    restore._line(1, json.dumps({"url_hash": text, "reason": text}) if len(text) % 2 else text)


def _asked(name: str) -> Callable[[str], Any]:
    return lambda text: written_query.read_query(**{name: text})


def _proxied(text: str) -> None:
    scope = {
        "client": ("10.0.0.1", 1),
        "scheme": "http",
        "headers": [(b"x-forwarded-for", _bytes(text)), (b"x-forwarded-proto", _bytes(text))],
    }
    proxies.apply_forwarded(scope, networks("10.0.0.0/8"))
    assert scope["scheme"] in ("http", "https")
    proxies.caller_key(scope["client"][0])  # type: ignore[arg-type]


def _moment_option(text: str) -> None:
    choosing.moment_option(click.Context(click.Command("x")), click.Option(["--since"]), text)


def _line(text: str) -> None:
    found = parse_line(_bytes(text) if len(text) % 2 else text, "test")
    if hasattr(found, "hints"):
        encode_item(found.hints)


def _url(text: str) -> None:
    parse_url(text).url.encode()
    resolve("https://example.org/a/b", text).url.encode()


def _dated(text: str) -> None:
    for language in (None, "en", "th", "fa"):
        found = read_date(text, NOW, language=language)
        assert found is None or 1400 <= found.year < 2200


def _retry_after(text: str) -> None:
    waits = retry_after(_header(text))
    assert waits is None or 0 <= waits <= 86_400


OURS = (DatelineError, HTTPException, click.ClickException)
OF_A_SETTING = (*OURS, ValueError)  # which `load` turns into BadSettings
PARSERS: dict[str, tuple[Callable[[str], Any], tuple[str, ...], tuple[type[Exception], ...]]] = {
    "urls": (_url, ("https://example.org", "/a", "?b=", "#"), OURS),
    "wrapped urls": (unwrapped,
    ("https://www.google.com/url?q=", "https://feedproxy.google.com/~r/", "https%3A//"), ()),
    "lines": (_line,
    ('{"url": "https://example.org/', '", "published_at": "', '"}', '"title": ["', "https://example.org/ "),
    OURS),
    "dates": (_dated, ("Mon, ", "2026", "年", "月", " Jan ", "พ.ศ.", "am", "vor ", "days ago"), ()),
    "retry-after": (_retry_after, ("120", " minutes", "h", "Fri, 31 Dec 1999 23:59:59 GMT", "2026-01-01T"),
    ()),
    "cookies": (_cookies, ("a=b", "; Max-Age=", "; Expires=", "; Domain=", "; Path=/", "; Secure"), ()),
    "content type": (lambda text: kind_and_charset(_header(text)), ("text/html", "; charset=", ", "), ()),
    "content range": (lambda text: _is_part(_header(text)), ("bytes ", "0-9/", "1-", "/*"), ()),
    "content encoding": (lambda text: decoded(b"abc", codings(_header(text)), 1000),
    ("gzip", "br", "zstd", "deflate, "), (*OURS, Damaged, Truncated)),
    "refresh": (lambda text: refresh_of("https://example.org/", _header(text), "text/html",
    b"<p>" + _bytes(text)), ("0; url=", "<meta http-equiv=refresh content='", "5;"), OURS),
    "location": (lambda text: unpacked(_header(text)), ("https://example.org/", "//", "=?utf-8?q?"), ()),
    "robots": (_robots, ("User-agent: *\n", "Disallow: ", "Allow: /", "Crawl-delay: ", "\n", "*$"), ()),
    "charset": (lambda text: decode_page(_bytes(text), text).encode("utf-8", "surrogatepass"),
    ("<meta charset=", "utf-16", "utf-7", "<?xml encoding='"), ()),
    "sitemaps": (lambda text: read_sitemap(_bytes(text), "https://example.org/s.xml", NOW),
    ("<urlset><url><loc>", "https://example.org/a", "</loc><lastmod>", "</lastmod>", "</url>", "&#"), OURS),
    "json feeds": (lambda text: read_json_feed(_bytes(text), "https://example.org/", NOW),
    ('{"version": "https://jsonfeed.org/version/1", "items": [', '{"url": "', '"},', '"date_published": ',
    "]}"), OURS),
    "warc heads": (_warc_head,
    ("WARC/1.0\r\n", "Content-Length: ", "WARC-Date: ", "\r\n", "WARC-Target-URI: <"), OURS),
    "warc dates": (lambda text: _moment(text, NOW), ("2026-01-01T00:00:00Z", "20260101000000"), ()),
    "chunks": (lambda text: _dechunked(_bytes(text)),
    ("3\r\nabc\r\n", "0\r\n\r\n", "ffffffffffffffff\r\n", ";x="), ()),
    "messages": (_message, ("{", '"ticket": ', "}"), OURS),
    "deletions": (_deletion, ("ab", "00", '{"url_hash": "', '"}'), OURS),
    "site rules": (_rules_file,
    ("example.org: ", "{drop: [", ".promo", "]}", "- ", "&a ", "*a", "\n", "? ", "!!python/name:os.system "),
    OURS),
    "topic rules": (lambda text: compile_rules([("x.yml", text)]),
    ("- code: ", "name: ", "any: [", "]", "\n  ", "&a ", "*a", "- "), OURS),
    "asked near": (_asked("near"), ("1,", "2", "km"), (written_query.UnreadablePart,)),
    "asked since": (_asked("since"), ("7d", "24h", "2026-01-01"), (written_query.UnreadablePart,)),
    "since of commands": (_moment_option, ("7d", "24h", "2026-01-01"), OURS),
    "forwarded for": (_proxied, ("10.0.0.2", ", ", "1.2.3.4", ":80", "for="), ()),
    "content length": (lambda text: bounds._whole(_bytes(text)), ("0", "123", "-"), ()),
    "host": (lambda text: access.host_name(_header(text)), ("example.org", ":80", "["), ()),
    "settings: limits of hosts": (hosts._overrides, ("example.org=", "1/2", ","), OF_A_SETTING),
    "settings: limit": (hosts._limit, ("1/2", "/"), OF_A_SETTING),
    "settings: networks": (networks, ("10.0.0.0/8", ",", "::1"), OF_A_SETTING),
    "settings: ports": (ports, ("80", ","), OF_A_SETTING),
    "settings: numbers": (lambda text: (env.whole(0, 9)(text), env.seconds(0, 9)(text)), ("5",),
    OF_A_SETTING),
    "settings: days": (env.days, ("5", "d"), OF_A_SETTING),
    "settings: retention": (lambda text: (parse_limits(text), parse_sources(text)),
    ("raw=", "30d", ",", "a.example ", ";"), OF_A_SETTING),
    "settings: servers": (env.server_url("redis", "postgresql"),
    ("redis://", ":secret@", "host", ":6379", "/0"), OF_A_SETTING),
    "passwords": (lambda text: known_passwords({"DATELINE_REDIS_URL": text}),
    ("redis://:", "dateline-dev", "@host"), ()),
}  # fmt: skip


@pytest.mark.parametrize("name", PARSERS)
def test_a_parser_gives_a_value_or_an_error_of_ours(name: str) -> None:
    parse, words, allowed = PARSERS[name]

    @settings(
        max_examples=examples(60), deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(_text(*words))
    def each(text: str) -> None:
        try:
            parse(text)
        except allowed as error:
            assert str(error) or error.args

    each()


@pytest.mark.parametrize("name", PARSERS)
@pytest.mark.parametrize(
    "piece", ["", "\x00", "\ud800", "٣", "²", "9" * 5000, "[" * 400, "-" * 5000, "253402300800"]
)
def test_a_parser_survives_each_piece_alone_and_behind_its_own_words(name: str, piece: str) -> None:
    parse, words, allowed = PARSERS[name]
    for before in ("", *words):
        try:
            parse(before + piece)
        except allowed:
            continue
