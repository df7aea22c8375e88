"""Answers as they come over the wire: what is a page, what is not, and what the next request over the
connection gets."""

from __future__ import annotations

import email.utils
import gzip
import time
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import brotli
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.contract.errors import DatelineError, NotModified, TransientError
from services.contract.messages import Validators
from services.ingest.extract.charset import as_utf8, codec_of, decode_page
from services.ingest.fetch import Fetched, Fetcher, FetchPolicy
from services.ingest.fetch.decoding import ACCEPTED, zstd
from services.ingest.fetch.redirects import refresh_of
from services.ingest.fetch.response import kind_and_charset, retry_after
from services.net.guard import Gate
from tests.ingest.wire import PAGE, WireSite, answer, moved
from tests.thinning import examples

GZ, BR, ZSTD = gzip.compress(PAGE, mtime=0), brotli.compress(PAGE), zstd.compress(PAGE)
SITE = "http://site.example:81"


@pytest.fixture(scope="module")
def site() -> Iterator[WireSite]:
    with WireSite() as running:
        yield running


def fetcher(timeout_s: float = 3.0) -> Fetcher:
    return Fetcher(FetchPolicy(gate=Gate(allow_hosts=("127.0.0.1", "localhost")), timeout_s=timeout_s))


def fetched(site: WireSite, routes: dict[str, Any], path: str = "/") -> Fetched:
    site.routes = routes
    site.asked.clear()
    return fetcher().fetch(site.url + path)


def reason(site: WireSite, routes: dict[str, Any], path: str = "/") -> str:
    with pytest.raises(DatelineError) as raised:
        fetched(site, routes, path)
    return raised.value.reason


# Bodies


def chunks(body: bytes) -> bytes:
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (GZ, [b"Content-Encoding: gzip", b"Content-Length: %d" % (len(PAGE))]),
        (BR, [b"Content-Encoding: br", b"Content-Length: %d" % (len(PAGE))]),
        (ZSTD, [b"Content-Encoding: zstd", b"Content-Length: %d" % (len(PAGE))]),
        (zlib.compress(PAGE), [b"Content-Encoding: Deflate", b"Content-Length: %d" % (len(PAGE))]),
        (GZ, [b"Content-Encoding: GZIP, identity"]),
        (GZ, [b"Transfer-Encoding: gzip", b"Content-Length: 9"][:1]),
        (chunks(GZ), [b"Transfer-Encoding: gzip, Chunked"]),
        (chunks(GZ), [b"TRANSFER-ENCODING: CHUNKED", b"content-encoding: x-gzip", b"nc"]),
        (chunks(GZ)[:-5], [b"Transfer-Encoding: chunked", b"Content-Encoding: gzip"]),
        (brotli.compress(GZ), [b"Content-Encoding: gzip", b"Content-Encoding: br"]),
        (zstd.compress(PAGE[:99]) + zstd.compress(PAGE[99:]), [b"Content-Encoding: zstd"]),
        (GZ[:-8], [b"Content-Encoding: gzip"]),
        (GZ[:-3], [b"Content-Encoding: gzip"]),
        (zlib.compress(PAGE)[:-4], [b"Content-Encoding: deflate"]),
        (zlib.compress(PAGE)[2:-4], [b"Content-Encoding: deflate"]),
        (BR + b"<!-- cached -->", [b"Content-Encoding: br"]),
        (ZSTD + b"\0\0<!-- cached -->", [b"Content-Encoding: zstd"]),
        (PAGE, [b"Content-Encoding: gzip"]),
        (PAGE, [b"Content-Encoding: br"]),
        (PAGE, [b"Content-Encoding: zstd"]),
        (PAGE, [b"Content-Encoding: deflate"]),
        (PAGE, [b"Content-Encoding: compress"]),
        (b"\xef\xbb\xbf\r\n" + PAGE, [b"Content-Encoding: gzip"]),
        (PAGE, [b"Content-Encoding: utf-8"]),
        (PAGE, [b"Content-Encoding: none"]),
        (GZ, [b"Content-Encoding: gzip;q=1.0"]),
        (BR, [b"Content-Encoding: Br; q=1"]),
        (BR, [b"Content-Encoding: brotli"]),
        (ZSTD, [b"Content-Encoding: X-Zstd"]),
        (GZ, [b"Content-Encoding: deflate"]),
        (GZ, [b"Content-Encoding: br"]),
        (GZ, [b"Content-Encoding: zstd"]),
        (ZSTD, [b"Content-Encoding: gzip"]),
        (zlib.compress(PAGE), [b"Content-Encoding: gzip"]),
        (PAGE, [b"Content-Encoding: xz"]),
        (PAGE, [b"Content-Encoding: aws-chunked"]),
    ],
)
def test_a_page_is_unpacked_however_it_was_packed(site: WireSite, body: bytes, lines: list[bytes]) -> None:
    assert fetched(site, {"/": answer(body, *lines)}).body.lstrip(b"\xef\xbb\xbf\r\n") == PAGE
    assert site.asked[0][1]["accept-encoding"] == ACCEPTED == "gzip, deflate, br, zstd"


@pytest.mark.parametrize(
    ("body", "coding", "said"),
    [
        (GZ[:-20], b"gzip", "truncated"),
        (BR[:-9], b"br", "truncated"),
        (ZSTD[:-9], b"zstd", "truncated"),
        (zlib.compress(PAGE)[:-20], b"deflate", "truncated"),
        (b"\x1f\x8b\x08\0" + b"this is no gzip at all", b"gzip", "bad_encoding"),
        (b"\xff\xfe\xfd no brotli", b"br", "bad_encoding"),
        (b"\x28\xb5\x2f\xfd no zstd", b"zstd", "bad_encoding"),
        (b"\x1f\x9d\x90" + bytes(range(128, 256)), b"compress", "bad_encoding"),
        (b"\xfd7zXZ\0" + bytes(range(128, 256)), b"xz", "bad_encoding"),
        (BR, b"gzip", "bad_encoding"),
        (GZ, b"gzip, " * 6 + b"gzip", "bad_encoding"),
        (gzip.compress(mtime=0, data=b"\0" * 60_000_000), b"gzip", "too_large"),
        (zlib.compress(b"\0" * 60_000_000), b"deflate", "too_large"),
        (brotli.compress(b"\0" * 60_000_000, quality=1), b"br", "too_large"),
        (zstd.compress(b"\0" * 60_000_000), b"zstd", "too_large"),
        (gzip.compress(mtime=0, data=zstd.compress(b"\0" * 60_000_000)), b"zstd, gzip", "too_large"),
        (b"", b"br", "empty_page"),
    ],
)
def test_what_cannot_be_unpacked_has_a_reason(site: WireSite, body: bytes, coding: bytes, said: str) -> None:
    assert reason(site, {"/": answer(body, b"Content-Encoding: " + coding)}) == said


@pytest.mark.parametrize("length", ["²".encode("latin-1"), b"abc", b"-1", b"+9", b"1_0", b"", "٣".encode()])
def test_a_length_that_is_none_is_not_believed(site: WireSite, length: bytes) -> None:
    assert fetched(site, {"/": answer(PAGE, b"Content-Length: " + length)}).body == PAGE


def test_lengths_that_contradict_each_other_are_no_answer(site: WireSite) -> None:
    assert reason(site, {"/": answer(PAGE, b"Content-Length: 10", b"Content-Length: 700")}) == "bad_answer"


@pytest.mark.parametrize(
    "line", [b"no colon", b"X : y", "Ü: x".encode(), b"X: a\rb", b"X: \0", b" folded", b": x"]
)
@pytest.mark.parametrize(
    ("rest", "status"),
    [
        ([b"Content-Encoding: gzip"], b"200 OK"),
        ([b"Content-Encoding: gzip", b"Location: /else"], b"302 Found"),
    ],
)
def test_fields_behind_a_broken_line_are_not_lost(
    site: WireSite, line: bytes, rest: list[bytes], status: bytes
) -> None:
    got = fetched(site, {"/": answer(GZ, line, *rest, status=status), "/else": answer()})
    assert got.body == PAGE
    assert got.kind == "text/html"


# Connections


@pytest.mark.parametrize(
    "first",
    [
        b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" * 3 + answer(keep=True),
        b"HTTP/1.1 100 Continue\r\n\r\n" + answer(GZ, b"Content-Encoding: gzip", keep=True),
        answer(keep=True) + answer(b"<html>left over</html>", keep=True),
        answer(keep=True) + b"\r\n\r\n",
        answer(PAGE + b"more than was said", b"Content-Length: %d" % len(PAGE), keep=True),
        answer(PAGE, b"broken", keep=True),
        answer(chunks(PAGE), b"Transfer-Encoding: chunked", keep=True),
        answer(chunks(PAGE) + b"HTTP/1.1 200 OK\r\n\r\n", b"Transfer-Encoding: chunked", keep=True),
    ],
)
def test_the_next_request_over_a_connection_gets_its_own_answer(site: WireSite, first: bytes) -> None:
    site.routes = {"/": first, "/next": answer(b"<html>next</html>", keep=True)}
    one = fetcher()
    for _ in range(3):
        assert one.fetch(site.url + "/").body == PAGE
        assert one.fetch(site.url + "/next").body == b"<html>next</html>"


def test_a_connection_is_used_again_after_hints(site: WireSite) -> None:
    site.routes = {"/": b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + answer(keep=True)}
    one, before = fetcher(), site.connections
    for _ in range(4):
        assert one.fetch(site.url + "/").body == PAGE
    assert site.connections == before + 1


# Redirects


@pytest.mark.parametrize(
    ("location", "path"),
    [
        ("/café", "/caf%C3%A9"),
        (b"/caf\xe9", "/caf%E9"),
        ("/новости", "/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8"),
        ("/s?q=größe", "/s?q=gr%C3%B6%C3%9Fe"),
        ("{site}/café", "/caf%C3%A9"),
        ("http:///{host}/x", "/x"),
        ("http:////{host}/x", "/x"),
        ("http:\\\\{host}\\x", "/x"),
        ("\\\\{host}\\x", "/x"),
        ("///{host}/x", "/x"),
        ("//{host}/x", "/x"),
        ("HTTP:/\\{host}/x", "/x"),
        ("\\x", "/x"),
        ("x", "/x"),
        ("  /x#top", "/x"),
        ("?x=1", "/?x=1"),
        ("/a b", "/a%20b"),
        ("./y/../x", "/x"),
    ],
)
def test_a_location_is_read_as_browsers_read_it(site: WireSite, location: str | bytes, path: str) -> None:
    if isinstance(location, str):
        location = location.format(site=site.url, host=site.url[7:])
    assert fetched(site, {"/": moved(location), path: answer()}).url == site.url + path


@pytest.mark.parametrize(
    "location",
    ["http://[::1/x", "http://[v1.x]/", "http://a:port/", "http:", "//", "http://example.com%3A8080/x",
    "http://\0/", "ftp://a.example/", "http://a..b/"],
)  # fmt: skip
def test_a_location_that_is_none_is_an_error_of_ours(site: WireSite, location: str) -> None:
    allowed = "bad_redirect bad_answer malformed_url dns_failure port_refused unreachable redirect_loop"
    assert reason(site, {"/": moved(location)}) in allowed.split()


def gate(names: str, otherwise: Callable[[str], bytes]) -> Callable[[dict[str, str]], bytes]:
    def go(headers: dict[str, str]) -> bytes:
        brought = headers.get("cookie", "")
        return answer() if all(f"{name}=1" in brought for name in names) else otherwise(brought)

    return go


def lacking(names: str) -> Callable[[str], bytes]:
    def go(brought: str) -> bytes:
        name = next(name for name in names if f"{name}=1" not in brought)
        return moved("/", b"Set-Cookie: %b=1; Path=/" % name.encode())

    return go


@pytest.mark.parametrize(
    "routes",
    [
        {"/": gate("a", lacking("a"))},
        {"/": gate("abcde", lacking("abcde"))},
        {"/": gate("k", lambda _: moved("/1")), "/1": moved("/2"), "/2": moved("/3"),
        "/3": moved("/", b"Set-Cookie: k=1; Path=/")},
        {"/": gate("ab", lambda b: moved("/1" if "a=1" in b else "/2")), "/1": moved("/", b"Set-Cookie: b=1"),
        "/2": moved("/", b"Set-Cookie: a=1")},
    ],
)  # fmt: skip
def test_a_gate_that_sets_cookies_on_the_way_is_passed(site: WireSite, routes: dict[str, Any]) -> None:
    assert fetched(site, routes).body == PAGE
    assert "cookie" not in site.asked[0][1]


@pytest.mark.parametrize(
    ("routes", "said"),
    [
        ({"/": moved("/")}, "redirect_loop"),
        ({"/": moved("/", b"Set-Cookie: a=1; Path=/")}, "redirect_loop"),
        ({"/": lambda h: moved("/", b"Set-Cookie: n=%d" % time.monotonic_ns())}, "too_many_redirects"),
        ({"/": moved("/1"), "/1": moved("/2"), "/2": moved("/")}, "redirect_loop"),
    ],
)
def test_a_circle_is_seen_whatever_cookies_it_sets(site: WireSite, routes: dict[str, Any], said: str) -> None:
    assert reason(site, routes) == said


@pytest.mark.parametrize(
    "cookie", [b"a=1", b"a=1; Domain=localhost", b"a=1; Domain=.1", b"a=1; Domain=0.0.1", b"a=1; Domain=com"]
)
def test_a_cookie_never_leaves_its_host(site: WireSite, cookie: bytes) -> None:
    fetched(site, {"/": moved(f"http://localhost:{site.port}/x", b"Set-Cookie: " + cookie), "/x": answer()})
    assert [headers.get("cookie") for _, headers in site.asked] == [None, None]


@pytest.mark.parametrize(
    ("domain", "comes_back"),
    [(b"", False), (b"; Domain=example.co.uk", True), (b"; Domain=.example.co.uk", True),
    (b"; Domain=co.uk", False), (b"; Domain=uk", False)],
)  # fmt: skip
def test_a_cookie_goes_as_far_as_its_registrable_domain(
    site: WireSite, domain: bytes, comes_back: bool
) -> None:
    first, second = f"a.example.co.uk:{site.port}", f"b.example.co.uk:{site.port}"
    site.routes = {"/": moved(f"http://{second}/x", b"Set-Cookie: k=1; Path=/" + domain), "/x": answer()}
    site.asked.clear()
    policy = FetchPolicy(gate=Gate(allow_hosts=(first, second), lookup=lambda *_: ["127.0.0.1"]))
    Fetcher(policy).fetch(f"http://{first}/")
    assert ("cookie" in site.asked[1][1]) is comes_back


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize(
    "cookie",
    [
        "k=1", "k=1;", " k = 1 ;; ; path = / ", "k=1; Path=/x; Path=/", "k=1; Path", "k=1; Path=x",
        "k=1; Path=/g", "k=1; Path=/g/", "k=1; Domain", "k=1; Domain=",
        "k=1; Domain={host}", "k=1; DOMAIN=.{host}", "k=1; Max-Age=abc", "k=1; Max-Age=1.5",
        "k=1; Max-Age=" + "9" * 40, "k=1; Max-Age=60; Max-Age=x",
        "k=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60", "k=1; Expires=garbage",
        "k=1; Expires=Thu, 31-Feb-2099 00:00:00 GMT", "k=1; Expires=0",
        "k=1; Expires=Thu, 01-Jan-37 00:00:00 GMT", "k=1; Expires=Thu Jan  1 00:00:00 2099",
        "k=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT",
        "k=1; SameSite=Strict; HttpOnly; Partitioned; Priority=High",
        "k=1; Version=2; Port=\"80\"; Comment=a", "k=1; odd", "k=0|k=1", "k=; Max-Age=0|k=1",
        "=|;|x=a\x01b|x=größe|x={{\"a\": \"b, c\"}}|k=1", "x=" + "v" * 5_000 + "|k=1",
    ],
)  # fmt: skip
def test_a_cookie_is_read_as_browsers_read_it(site: WireSite, cookie: str, host: str) -> None:
    set_here = [b"Set-Cookie: " + one.format(host=host).encode() for one in cookie.split("|")]
    site.routes = {"/g/a": gate("k", lambda _: moved("/g/set")), "/g/set": moved("/g/a", *set_here)}
    assert fetcher().fetch(f"http://{host}:{site.port}/g/a").body == PAGE


@pytest.mark.parametrize(
    "cookie",
    [
        "k=1; Path=/other", "k=1; Path=/g/ab", "k=1; Domain=other.example", "k=1; Domain=1", "k=1; Secure",
        "k=1; Max-Age=0", "k=1; Max-Age=-1",
        "k=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "k=1; expires=Thu, 01-Jan-70 00:00:00 GMT",
        "k=1; Expires=Thu Jan  1 00:00:00 2015",
        "k=1|k=; Max-Age=0", "k=1|k=2; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "k=1|k=2",
    ],
)  # fmt: skip
def test_a_cookie_that_is_for_elsewhere_or_over_is_not_given_back(site: WireSite, cookie: str) -> None:
    set_here = [b"Set-Cookie: " + one.encode() for one in cookie.split("|")]
    routes = {"/g/a": gate("k", lambda _: moved("/g/set")), "/g/set": moved("/g/a", *set_here)}
    assert reason(site, routes, "/g/a") == "redirect_loop"


# Pages that send on


def refresh(content: str, body: str = "") -> bytes:
    return f'<html><head><meta http-equiv="refresh" content="{content}"></head><body>{body}</body></html>'.encode()  # noqa: E501


LONG = "The harbour stays shut. " * 40


@pytest.mark.parametrize(
    "body",
    [
        refresh("0; url=/x"), refresh("0;URL=/x"), refresh("0; Url = '/x'"), refresh("0, /x"),
        refresh("0 /x"), refresh("5;url=x"),
        refresh("0.5; url=/x"), refresh("1;url=" + SITE + "/x#a"), refresh("0; url=/x", LONG),
        refresh("10; url=/x"), refresh("  0 ;url=/x  "),
        b"<META CONTENT='0;url=/x' HTTP-EQUIV=Refresh>",
        b"<head><noscript><meta http-equiv=refresh "
        b"content='0;url=/x'></noscript></head><script>location.replace('/x')</script>",
        b"<!-- " + b"x" * 9000 + b" --><meta http-equiv='refresh' content='0;url=/x'>",
        refresh("900") + refresh("0; url=/x"),
    ],
)  # fmt: skip
def test_a_page_that_sends_on_is_a_redirect(body: bytes) -> None:
    found = refresh_of(SITE + "/", "", "text/html", body)
    assert found is not None
    assert found.target == SITE + "/x"
    assert not found.for_good


@pytest.mark.parametrize(
    "body",
    [
        refresh("300"), refresh("0"), refresh("0; url="), refresh("0; url=''"), refresh("0; url=/"),
        refresh("0; url=#top"), refresh("11; url=/x"),
        refresh("300; url=/x"), refresh("url=/x"), refresh("; url=/x"), refresh("5; url=/x", LONG),
        refresh("0; url=javascript:go()"),
        refresh("0; url=http://[::1"), refresh("²; url=/x"), refresh("9" * 5000 + "; url=/x"), refresh(""),
        b"<!-- <meta http-equiv='refresh' content='0;url=/x'> -->",
        b"<script>'<meta http-equiv=\"refresh\" content=\"0;url=/x\">'</script>",
        b"<textarea><meta http-equiv='refresh' content='0;url=/x'></textarea>",
        b"<noscript><meta http-equiv='refresh' content='0;url=/x'></noscript><p>" + LONG.encode(),
    ],
)  # fmt: skip
def test_a_page_that_does_not_send_on_is_the_page(body: bytes) -> None:
    assert refresh_of(SITE + "/", "", "text/html", body) is None


@pytest.mark.parametrize(
    ("base", "following"),
    [
        ("/dir/", "/dir/target"),
        ("sub/a.html", "/news/sub/target"),
        ("http://[::1", "/news/target"),
        ("", "/news/target"),
    ],
)
def test_a_refresh_is_relative_to_the_pages_base(base: str, following: str) -> None:
    body = f'<html><head><base href="{base}"><meta http-equiv="refresh" content="0; url=target"></head></html>'.encode()  # noqa: E501
    found = refresh_of(f"{SITE}/news/a", "", "text/html", body)
    assert found is not None
    assert found.target == SITE + following


def test_a_refresh_field_sends_on_too(site: WireSite) -> None:
    got = fetched(
        site, {"/": answer(b"<html>wait</html>", "Refresh: 0; url=/é".encode()), "/%C3%A9": answer()}
    )
    assert got.url == site.url + "/%C3%A9"
    assert got.moved_to is None


def test_refreshes_count_as_redirects(site: WireSite) -> None:
    routes = {f"/{n}": answer(refresh(f"0; url=/{n + 1}")) for n in range(20)}
    assert reason(site, {"/": moved("/0"), **routes}) == "too_many_redirects"
    assert (
        reason(site, {"/": answer(refresh("0; url=/b")), "/b": answer(refresh("0; url=/"))})
        == "redirect_loop"
    )


def test_pages_with_text_that_turn_in_a_circle_are_pages(site: WireSite) -> None:
    turning = {"/": answer(refresh("0; url=/b", LONG)), "/b": answer(refresh("0; url=/", LONG))}
    assert LONG.encode() in fetched(site, turning).body
    assert len(site.asked) <= 4


# Fields


@pytest.mark.parametrize(
    ("header", "kind", "charset"),
    [
        ("text/html; charset=utf-8", "text/html", "utf-8"),
        ("Text/HTML;Charset=ISO-8859-2", "text/html", "ISO-8859-2"),
        ('text/html; CHARSET="windows-1254"', "text/html", "windows-1254"),
        ("text/html; charset='koi8-r'", "text/html", "koi8-r"),
        ("text/html;charset=", "text/html", None),
        ("text/html; charset = utf-8 ; x=y", "text/html", "utf-8"),
        ("text/html, text/html; charset=iso-8859-2", "text/html", "iso-8859-2"),
        ("text/html; charset=iso-8859-2, text/html", "text/html", "iso-8859-2"),
        ("text/html; charset=a; charset=b", "text/html", "a"),
        ("text/html charset=utf-8", "text/html", "utf-8"),
        ("text/html;;charset=utf-8", "text/html", "utf-8"),
        ("", "", None),
        (";;=", "", None),
    ],
)
def test_a_content_type_is_read_in_any_case_and_quoting(header: str, kind: str, charset: str | None) -> None:
    assert kind_and_charset(header) == (kind, charset)


@pytest.mark.parametrize(
    "before",
    [
        '<!-- <meta charset="iso-8859-2"> -->', '<script>"<meta charset=iso-8859-2>"</script>',
        "<style>/*<meta charset=iso-8859-2>*/</style>",
        "<title><meta charset=iso-8859-2></title>", "<!--" + "x" * 6000 + "-->",
    ],
)  # fmt: skip
def test_a_charset_in_what_is_no_markup_is_not_one(before: str) -> None:
    text = "İstanbul'da şehir içi ulaşım bugün durdu. " * 9
    assert text in decode_page(f'{before}<meta charset="windows-1254"><p>{text}'.encode("cp1254"), None)


RUSSIAN = "Паромы не вышли в понедельник из гавани до полудня. " * 9


@pytest.mark.parametrize(
    ("head", "codec", "header"),
    [
        ('<meta charset="koi8-r">', "cp1251", "windows-1251"),  # browsers believe the server first
        ('<meta charset="windows-1251">', "cp1251", "iso-8859-1"),  # a server's default
        ('<meta charset="windows-1251">', "cp1251", "utf-8"),
        ('<meta charset="windows-1251">', "cp1251", "no-such-charset"),
        ('<meta charset="windows-1251">', "utf-8", "windows-1251"),
        ('<meta charset="no-such-charset"><meta charset="windows-1251">', "cp1251", None),
        ('<meta name="description" content="about charset=koi8-r"><meta charset="windows-1251">', "cp1251",
        None),
        ('<META content = "text/html; charset = Windows-1251" http-equiv = Content-Type>', "cp1251", None),
        ('<meta charset="utf-16">', "cp1251", None),
        ('<?xml version="1.0" encoding="windows-1251"?>', "cp1251", None),
        ("", "cp1251", "x-cp1251"), ("", "koi8-r", "koi8"), ("", "iso8859-5", "iso88595"),
        ("", "mac-cyrillic", "x-mac-cyrillic"), ("", "cp866", "ibm866"),
        ("", "utf-16-le", "utf-16"), ("", "utf-16-be", "utf-16"), ("", "utf-16-le", None),
        ("", "utf-16-be", "windows-1251"),
    ],
)  # fmt: skip
def test_a_page_is_read_in_the_charset_that_browsers_read_it_in(
    head: str, codec: str, header: str | None
) -> None:
    body = f"{head}<p>{RUSSIAN}".encode(codec)
    assert RUSSIAN in decode_page(body, header)
    assert RUSSIAN in as_utf8(body, header).decode()


@pytest.mark.parametrize("place", [0, 30, 300])
def test_a_stray_byte_costs_itself(place: int) -> None:
    body = f"<p>{'x' * 35}{RUSSIAN}".encode()
    text = decode_page(body[:place] + b"\xe9" + body[place:], "utf-8")
    assert "вышли в понедельник из гавани" in text


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("ISO8859-1", "cp1252"), ("l1", "cp1252"), ("latin5", "cp1254"), ("iso-8859-8-i", "iso8859-8"),
        ("logical", "iso8859-8"), ("dos-874", "cp874"),
        ("sjis", "cp932"), ("windows-31j", "cp932"), ("ksc5601", "cp949"), ("chinese", "gb18030"),
        ("x-x-big5", "big5hkscs"), ("x-euc-jp", "euc_jp"),
        ("unicode-1-1-utf-8", "utf-8"), ("x-mac-roman", "mac-roman"), ("hex", None), ("rot13", None),
        ("", None),
    ],
)  # fmt: skip
def test_a_label_is_the_codec_that_browsers_take_for_it(label: str, codec: str | None) -> None:
    assert codec_of(f" {label} ") == codec


DAY = 24 * 3600.0


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120), ("0", 0), (" 7 ", 7), ("1.9", 1), ("30 seconds", 30), ("2 minutes", 120),
        ("5 min", 300), ("1h", 3600), ("999999999 hours", DAY), ('"120"', 120), ("120;", 120),
        ("2015-10-21T07:28:00Z", 0), ("9999-12-31T23:59:59Z", DAY), ("2015-10-99T07:28:00Z", None),
        ("120, 120", 120), ("9" * 30, DAY), ("9" * 5000, DAY), ("86401", DAY),
        ("²", None), ("١٢", None), ("-5", None), ("1e3", None), ("soon", None), ("", None), ("inf", None),
        ("nan", None), ("0x10", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0), ("Wednesday, 21-Oct-15 07:28:00 GMT", 0),
        ("Wed Oct 21 07:28:00 2015", 0), ("21 Oct 2015 07:28:00 GMT", 0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", DAY), ("Fri, 31 Dec 9999 23:59:59 -2359", None),
        ("Fri, 31 Dec 99999 23:59:59 GMT", None),
        ("Fri, 99 Foo 2020 99:99:99 GMT", None), ("Wed, 21 Oct 2015 07:28:00 +9999999999999", None),
    ],
)  # fmt: skip
def test_a_wait_is_a_number_or_a_date_and_at_most_a_day(said: str, seconds: float | None) -> None:
    found = retry_after(said)
    assert found == seconds or (found in (0.0, DAY) and said.startswith(("Fri, 31", "Wed, 21")))


@pytest.mark.parametrize(
    "form", ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"]
)
def test_every_form_of_a_date_is_read(form: str) -> None:
    until = time.time() + 600
    assert 500 < (retry_after(time.strftime(form, time.gmtime(until))) or 0) <= 601
    assert 500 < (retry_after(email.utils.formatdate(until)) or 0) <= 601


@pytest.mark.parametrize(
    ("stated", "whole"),
    [("bytes 0-99/5000", False), ("bytes 100-199/200", False), ("bytes 0-199/200", True),
    ("bytes 0-199/*", True), ("items 0-9/20", True), ("", True)],
)  # fmt: skip
def test_a_part_of_a_page_is_no_page(site: WireSite, stated: str, whole: bool) -> None:
    sent = answer(PAGE, b"Content-Range: " + stated.encode(), status=b"206 Partial Content")
    if whole:
        assert fetched(site, {"/": sent}).body == PAGE
    else:
        assert reason(site, {"/": sent}) == "truncated"


@pytest.mark.parametrize("body", [b"", b" \r\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n"])
def test_a_page_without_a_word_is_empty(site: WireSite, body: bytes) -> None:
    assert reason(site, {"/": answer(body)}) == "empty_page"


@pytest.mark.parametrize("status", [b"201 Created", b"202 Accepted", b"203 Fine", b"226 IM Used", b"299"])
def test_a_page_is_one_with_any_status_that_is_good(site: WireSite, status: bytes) -> None:
    assert fetched(site, {"/": answer(PAGE, status=status)}).body == PAGE


def test_nothing_changed_is_no_answer_to_who_did_not_ask_for_changes(site: WireSite) -> None:
    assert reason(site, {"/": answer(b"", status=b"304 Not Modified")}) == "http_304"
    site.routes = {"/": answer(b"", status=b"304 Not Modified")}
    with pytest.raises(NotModified):
        fetcher().fetch(site.url, validators=Validators(etag='"a"'))


@pytest.mark.parametrize("said", ["²".encode("latin-1"), b"9" * 5000, b"-1", b"\xff\xfe"])
def test_no_wait_breaks_an_answer(site: WireSite, said: bytes) -> None:
    with pytest.raises(TransientError) as raised:
        fetched(site, {"/": answer(b"", b"Retry-After: " + said, status=b"429 Too Many")})
    assert raised.value.reason == "http_429"


# Anything at all

FIELDS = st.sampled_from(
    [
        b"Content-Type: text/html; Charset=", b"Content-Encoding: gzip", b"Content-Encoding: br",
        b"Content-Encoding: zstd, deflate",
        b"Transfer-Encoding: chunked", b"Content-Length: 10", b"Content-Length: \xb2",
        b"Connection: keep-alive", b"Location: /next", b"Location: http://[",
        b"Location: //\xff", b"Set-Cookie: \xff=\xfe; Max-Age=\xb2; Domain=.", b"Retry-After: \xb2",
        b"Refresh: 0; url=http://[", b"broken", b" fold",
    ]
)  # fmt: skip
ANSWERS = st.one_of(
    st.binary(max_size=200),
    st.builds(
        lambda status, fields, body: b"\r\n".join([b"HTTP/1.1 " + status, *fields, b"", body]),
        st.sampled_from(
            [b"200 OK", b"103 Hints", b"302 Found", b"403 No", b"429 Later", b"204", b"304 Same", b"\xb2"]
        ),
        st.lists(st.one_of(FIELDS, st.binary(max_size=30)), max_size=6),
        st.one_of(st.sampled_from([PAGE, GZ, BR, ZSTD, chunks(PAGE), b""]), st.binary(max_size=100)),
    ),
)


@settings(
    max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(sent=ANSWERS)
def test_any_bytes_end_as_a_page_or_as_an_error_of_ours(site: WireSite, sent: bytes) -> None:
    site.routes = {"/": sent, "/good": answer(keep=True)}
    try:
        assert isinstance(ONE.fetch(site.url + "/"), Fetched)
    except DatelineError as error:
        assert error.reason
    assert ONE.fetch(site.url + "/good").body == PAGE


ONE = fetcher(timeout_s=1.0)
"""All of it over the connections of one fetcher, which must stay usable."""
