"""Answers of web servers as they come over the wire: what a fetch must make of them, byte by byte.

Each case: a name, its kind in general words, the answer, what is right.
"""

from __future__ import annotations

import email.utils
import gzip
import shutil
import socket
import ssl
import subprocess
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.intakes.local_site import (
    FILES,
    PAGE,
    SAID,
    ArticleFetched,
    Cases,
    DatelineError,
    Fetched,
    NotModified,
    Site,
    TransientError,
    chunked,
    fetcher,
    ingested,
    outcome,
    redirect,
    text_of,
    whole,
)

CASES, TEXTS, GATES, WAITS, HOSTS = Cases(), Cases(), Cases(), Cases(), Cases()
case, says, gate, waits, host = CASES.add, TEXTS.add, GATES.add, WAITS.add, HOSTS.add
GZ = gzip.compress(PAGE)
Outcome = Fetched | DatelineError


# --- what is right


def page(got: Outcome, site: Site) -> None:
    """The page, as it was before it was packed."""
    assert isinstance(got, Fetched), repr(got)
    assert got.body == PAGE


def typed_page(got: Outcome, site: Site) -> None:
    """The page; a header field behind a broken one is not lost."""
    page(got, site)
    assert isinstance(got, Fetched)
    assert got.kind == "text/html"


def page_or_reason(got: Outcome, site: Site) -> None:
    """The page, or an error that says why not; never bytes that are no page."""
    if isinstance(got, Fetched):
        assert got.body == PAGE, got.body[:60]


def refused(got: Outcome, site: Site) -> None:
    """An error of ours, with a reason."""
    assert isinstance(got, DatelineError), "taken for a page"


def ends(reason: str) -> Callable[[Outcome, Site], None]:
    """This error."""

    def right(got: Outcome, site: Site) -> None:
        assert isinstance(got, DatelineError), "taken for a page"
        assert got.reason == reason, repr(got)

    return right


def at(path: str) -> Callable[[Outcome, Site], None]:
    """The page at this path of the site."""

    def right(got: Outcome, site: Site) -> None:
        page(got, site)
        assert isinstance(got, Fetched)
        assert got.url == site.url + path

    return right


def body(right_body: bytes) -> Callable[[Outcome, Site], None]:
    """Just these bytes."""

    def right(got: Outcome, site: Site) -> None:
        assert isinstance(got, Fetched), repr(got)
        assert got.body == right_body

    return right


case("plain", "a page", whole(), page)

# --- compression

case(
    "gz_length_of_plain",
    "gzip with the plain page's length",
    whole(GZ, "Content-Encoding: gzip", f"Content-Length: {len(PAGE)}"),
    page,
)
case("gz_twice_declared_twice", "gzip", whole(gzip.compress(GZ), "Content-Encoding: gzip, gzip"), page)
case("gz_as_xgzip", "gzip", whole(GZ, "Content-Encoding: x-gzip"), page)
case(
    "gz_members",
    "gzip",
    whole(gzip.compress(PAGE[:300]) + gzip.compress(PAGE[300:]), "Content-Encoding: gzip"),
    page,
)
case(
    "gz_trailing_nul",
    "something behind the packed page",
    whole(GZ + b"\0" * 50, "Content-Encoding: gzip"),
    page,
)
case(
    "gz_trailing_html",
    "something behind the packed page",
    whole(GZ + b"<!-- cached -->", "Content-Encoding: gzip"),
    page,
)
case("gz_empty_with_encoding", "an empty answer", whole(b"", "Content-Encoding: gzip"), ends("empty_page"))
case("enc_utf8", "an encoding that is none", whole(PAGE, "Content-Encoding: UTF-8"), page)


def dribbled(connection: socket.socket, path: str, headers: dict[str, str]) -> None:
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: deflate\r\nConnection: "
        b"close\r\n\r\n"
    )
    packed = zlib.compress(PAGE)
    for start in range(0, len(packed), 7):
        connection.sendall(packed[start : start + 7])
        time.sleep(0.001)


case("deflate_dribbled", "deflate", dribbled, page)
case(
    "br_unasked",
    "an encoding that was not asked for",
    whole((FILES / "page.br").read_bytes(), "Content-Encoding: br"),
    page_or_reason,
)
case(
    "br_unasked_chunked_capital",
    "an encoding that was not asked for",
    whole(
        chunked((FILES / "page.br").read_bytes(), 20), "Content-Encoding: BR", "Transfer-Encoding: chunked"
    ),
    page_or_reason,
)
case(
    "compress_unasked",
    "an encoding that was not asked for",
    whole(b"\x1f\x9d\x90" + bytes(range(128, 256)) * 3, "Content-Encoding: compress"),
    page_or_reason,
)
case(
    "zstd_unasked",
    "an encoding that was not asked for",
    whole((FILES / "page.zst").read_bytes(), "Content-Encoding: zstd"),
    page_or_reason,
)

# --- framing

case("chunked", "chunks", whole(chunked(PAGE), "Transfer-Encoding: chunked"), page)
case(
    "chunked_no_end",
    "a body that ends too early",
    whole(chunked(PAGE, end=b""), "Transfer-Encoding: chunked"),
    ends("truncated"),
)
case(
    "chunked_extension",
    "chunks",
    whole(b"%x;name=1\r\n%s\r\n0\r\n\r\n" % (len(PAGE), PAGE), "Transfer-Encoding: chunked"),
    page,
)
case(
    "chunked_size_padded",
    "chunks",
    whole(b"%x   \r\n%s\r\n0\r\n\r\n" % (len(PAGE), PAGE), "Transfer-Encoding: chunked"),
    page,
)
case(
    "chunked_and_length",
    "chunks",
    whole(chunked(PAGE), "Transfer-Encoding: chunked", "Content-Length: 10"),
    page,
)
case(
    "chunked_trailers",
    "chunks",
    whole(chunked(PAGE, end=b"0\r\nX-T: 1\r\nY: 2\r\n\r\n"), "Transfer-Encoding: chunked"),
    page,
)
case(
    "te_identity", "an encoding that is none", whole(PAGE, "Transfer-Encoding: identity", length=False), page
)
case("length_comma_same", "odd lengths", whole(PAGE, f"Content-Length: {len(PAGE)}, {len(PAGE)}"), page)
case("length_zero_with_body", "odd lengths", whole(PAGE, "Content-Length: 0"), ends("empty_page"))
case("length_too_short", "odd lengths", whole(PAGE, f"Content-Length: {len(PAGE) - 100}"), body(PAGE[:-100]))
case("length_negative", "odd lengths", whole(PAGE, "Content-Length: -1"), page)
case("length_words", "odd lengths", whole(PAGE, "Content-Length: abc"), page)
case(
    "length_superscript", "digits that are no ASCII", whole(PAGE, "Content-Length: ²".encode("latin-1")), page
)
case("http10_no_length", "HTTP/1.0", whole(PAGE, proto="HTTP/1.0", length=False), page)


def held_open(proto: bytes, *lines: bytes) -> Callable[..., None]:
    """The page; the connection stays open behind it for a second."""

    def go(connection: socket.socket, path: str, headers: dict[str, str]) -> None:
        head = b"\r\n".join(
            [proto + b" 200 OK", b"Content-Type: text/html", b"Content-Length: %d" % len(PAGE), *lines]
        )
        connection.sendall(head + b"\r\n\r\n" + PAGE)
        time.sleep(1)

    return go


case("http10_keepalive_noclose", "HTTP/1.0", held_open(b"HTTP/1.0", b"Connection: keep-alive"), page)
case("body_no_close_length_ok", "a connection that stays open", held_open(b"HTTP/1.1"), page)

# --- status lines and interim answers

case("interim_100", "an answer before the answer", b"HTTP/1.1 100 Continue\r\n\r\n" + whole(), page)
case(
    "interim_103",
    "an answer before the answer",
    b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n" + whole(),
    page,
)
case("interim_102", "an answer before the answer", b"HTTP/1.1 102 Processing\r\n\r\n" + whole(), page)
case(
    "interim_103_twice_gz",
    "an answer before the answer",
    b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n" * 2
    + whole(GZ, "Content-Encoding: gzip"),
    page,
)


def hints_first(connection: socket.socket, path: str, headers: dict[str, str]) -> bytes:
    """Hints at once, the page a moment later."""
    connection.sendall(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n")
    time.sleep(0.2)
    return whole()


case("interim_103_then_later", "an answer before the answer", hints_first, page)
case(
    "interim_103_redirect",
    "an answer before the answer",
    b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n" + redirect("/target"),
    at("/target"),
)
case("status_no_reason", "odd status lines", whole(status="200"), page)
case("status_reason_latin", "odd status lines", whole().replace(b"200 OK", b"200 \xd6k"), page)
case("status_203", "statuses", whole(status="203 Non-Authoritative"), page)
case("status_204", "an empty answer", whole(b"", status="204 No Content"), ends("empty_page"))
case("status_999", "statuses", whole(status="999 Request denied"), refused)
case("status_600", "statuses", whole(status="600 X"), refused)

# --- header fields

case(
    "header_no_colon",
    "a broken header line before others",
    whole(PAGE, "X-Broken header without colon", "X-Later: 1"),
    typed_page,
)
case(
    "header_space_before_colon",
    "a broken header line before others",
    whole(PAGE, "Server : x", "X-Later: 1"),
    typed_page,
)
case("header_latin1", "odd header lines", whole(PAGE, b"X-City: K\xf6ln"), typed_page)
case("header_utf8", "odd header lines", whole(PAGE, "X-City: Кёльн"), typed_page)
case("header_c1_control", "odd header lines", whole(PAGE, b"X-A: a\x85b"), typed_page)
case("header_empty_name", "odd header lines", whole(PAGE, b": x"), typed_page)
case("header_utf8_name", "a broken header line before others", whole(PAGE, "Überschrift: x"), typed_page)
case(
    "nc_gz",
    "a broken header line before others",
    whole(GZ, "X-Broken header", "Content-Encoding: gzip"),
    page,
)
case(
    "sp_gz", "a broken header line before others", whole(GZ, "X-Powered : x", "Content-Encoding: gzip"), page
)
case(
    "nc_red",
    "a broken header line before others",
    whole(b"", "X-Broken header", "Location: /target", status="302 Found"),
    at("/target"),
)

# --- content types

CZECH = (
    "Příliš žluťoučký kůň úpěl ďábelské ódy.",
    "Vláda schválila návrh rozpočtu na příští rok.",
    "Opoziční poslanci kritizují škrty ve školství.",
    "Předseda vlády chce jednat s odbory ještě tento týden.",
    "Lékaři žádají vyšší příplatky za noční služby.",
    "Silničáři varují před náledím na horských průsmycích.",
)
TURKISH = (
    "İstanbul'da şehir içi ulaşım bugün durdu.",
    "Belediye başkanı işçilerle görüşmeye hazır olduğunu söyledi.",
    "Vapur iskelelerinde uzun kuyruklar oluştu.",
    "Sendika, ücretlere zam yapılmasını istiyor.",
    "Öğrenciler sınavlara geç kaldı, bazı okullar tatil edildi.",
    "Görüşmelerin perşembe günü başlaması bekleniyor.",
)


def article(sentences: tuple[str, ...], head: str = "") -> str:
    paragraphs = "".join(
        f"<p>{one} {two}</p>" for one, two in zip(sentences, sentences[1:] + sentences[:1], strict=True)
    )
    return f"<html><head>{head}<title>{sentences[1]}</title></head><body><article><h1>{sentences[1]}</h1>{paragraphs}</article></body></html>"  # noqa: E501


says(
    "ct_Charset_capital_8859_2",
    "a charset named in capitals",
    whole(article(CZECH).encode("iso-8859-2"), ct="text/html; Charset=ISO-8859-2"),
    "žluťoučký kůň úpěl",
)
says(
    "ct_CHARSET_capital_1254",
    "a charset named in capitals",
    whole(article(TURKISH).encode("cp1254"), ct="text/html; CHARSET=windows-1254"),
    "şehir içi ulaşım",
)
says(
    "ct_Charset_capital_quoted",
    "a charset named in capitals",
    whole(article(CZECH).encode("iso-8859-2"), ct='text/html;Charset="iso-8859-2"'),
    "žluťoučký kůň úpěl",
)
says(
    "ct_charset_quoted",
    "a charset of the header",
    whole(article(CZECH).encode("iso-8859-2"), ct='text/html; charset="iso-8859-2"'),
    "žluťoučký kůň úpěl",
)
says(
    "ct_twice",
    "a charset of the header",
    whole(
        article(CZECH).encode("iso-8859-2"),
        "Content-Type: text/html",
        "Content-Type: text/html; charset=iso-8859-2",
    ),
    "žluťoučký kůň úpěl",
)
says(
    "ct_meta_http_equiv",
    "a charset of the page",
    whole(
        article(TURKISH, '<meta http-equiv="Content-Type" content="text/html; charset=windows-1254">').encode(
            "cp1254"
        ),
        ct="text/html",
    ),
    "şehir içi ulaşım",
)
says(
    "ct_meta_in_comment",
    "a charset of the page",
    whole(
        article(TURKISH, '<!-- <meta charset="iso-8859-2"> --><meta charset="windows-1254">').encode(
            "cp1254"
        ),
        ct="text/html",
    ),
    "şehir içi ulaşım",
)
says(
    "ct_utf16_bom",
    "a charset of the page",
    whole(("\ufeff" + article(CZECH)).encode("utf-16-le"), ct="text/html"),
    "žluťoučký kůň úpěl",
)
says(
    "ct_utf16_header_nobom",
    "a charset of the header",
    whole(article(CZECH).encode("utf-16-le"), ct="text/html; charset=utf-16le"),
    "žluťoučký kůň úpěl",
)
says(
    "ct_html_fragment_only",
    "content types",
    whole(PAGE.replace(b"<!DOCTYPE html><html>", b"").replace(b"</html>", b""), ct="text/html"),
    SAID,
)
says("body_leading_bom_utf8", "a byte order mark", whole(b"\xef\xbb\xbf" + PAGE), SAID)

# --- redirects; /target, /dir/target, /caf%C3%A9, /caf%E9 and /a%20b hold the page

case("loc_utf8", "bytes beyond ASCII in a Location", redirect("/café"), at("/caf%C3%A9"))
case(
    "loc_utf8_query_absolute",
    "bytes beyond ASCII in a Location",
    lambda c, p, h: redirect(f"http://{h['host']}/suche?q=größe&seite=1"),
    at("/suche?q=gr%C3%B6%C3%9Fe&seite=1"),
    more={"/suche?q=gr%C3%B6%C3%9Fe&seite=1": whole()},
)
case(
    "loc_utf8_cyrillic",
    "bytes beyond ASCII in a Location",
    redirect("/новости/паром"),
    at("/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8/%D0%BF%D0%B0%D1%80%D0%BE%D0%BC"),
    more={"/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8/%D0%BF%D0%B0%D1%80%D0%BE%D0%BC": whole()},
)
case("loc_space", "forms of a Location", redirect("/a b"), at("/a%20b"))
case("loc_relative", "forms of a Location", redirect("target"), at("/target"))
case("loc_dotdot", "forms of a Location", redirect("/x/../target"), page)
case(
    "loc_scheme_relative",
    "forms of a Location",
    lambda c, p, h: redirect(f"//{h['host']}/target"),
    at("/target"),
)
case(
    "loc_three_slashes",
    "slashes as browsers read them",
    lambda c, p, h: redirect(f"http:///{h['host']}/target"),
    at("/target"),
)
case(
    "loc_backslashes",
    "slashes as browsers read them",
    lambda c, p, h: redirect(f"http:\\\\{h['host']}\\target"),
    at("/target"),
)
case("loc_fragment", "forms of a Location", redirect("/target#top"), at("/target"))
case(
    "loc_uppercase_scheme",
    "forms of a Location",
    lambda c, p, h: redirect(f"HTTP://{h['host']}/target"),
    at("/target"),
)
case(
    "loc_userinfo",
    "forms of a Location",
    lambda c, p, h: redirect(f"http://u:p@{h['host']}/target"),
    at("/target"),
)
case("loc_missing", "a redirect to nowhere", whole(PAGE, status="302 Found"), ends("http_302"))
case("loc_empty", "a redirect to nowhere", redirect(""), refused)
case(
    "loc_on_201",
    "a Location that is no redirect",
    whole(PAGE, "Location: /elsewhere", status="201 Created"),
    page,
)
case(
    "loc_query_only",
    "forms of a Location",
    redirect("?x=1"),
    at("/loc_query_only?x=1"),
    more={"/loc_query_only?x=1": whole()},
)
case(
    "loc_percent_stray",
    "forms of a Location",
    redirect("/100%"),
    page,
    more={"/100%": whole(), "/100%25": whole()},
)
case("loc_pipe", "forms of a Location", redirect("/a|b"), page, more={"/a|b": whole(), "/a%7Cb": whole()})
case(
    "loc_percent_colon_host",
    "a percent-encoded colon in a host",
    redirect("http://example.com%3A8080/x"),
    refused,
)
says(
    "canonical_percent_colon_host",
    "a percent-encoded colon in a host",
    whole(PAGE.replace(b"<title>", b'<link rel="canonical" href="http://127.0.0.1%3A18189/canon"><title>')),
    SAID,
)
says(
    "meta_refresh",
    "a page that sends on by itself",
    whole(
        b'<html><head><meta http-equiv="refresh" content="0; url=/target"></head><body>moved</body></html>'
    ),
    SAID,
)
says(
    "meta_refresh_itself_later",
    "a page that sends on by itself",
    whole(PAGE.replace(b"<title>", b'<meta http-equiv="refresh" content="300"><title>')),
    SAID,
)

# --- cookies


def set_cookie(to: str, *cookies: str) -> bytes:
    return redirect(to, *[f"Set-Cookie: {cookie}; Path=/" for cookie in cookies])


def with_cookies(names: str, otherwise: Callable[[str], bytes]) -> Callable[..., bytes]:
    """The page for who brings all these cookies; otherwise an answer that depends on what was brought."""

    def go(connection: socket.socket, path: str, headers: dict[str, str]) -> bytes:
        brought = headers.get("cookie", "")
        return whole() if all(f"{name}=1" in brought for name in names) else otherwise(brought)

    return go


def one_more(names: str, to: str) -> Callable[[str], bytes]:
    """A redirect that sets the first cookie that is lacking."""
    return lambda brought: set_cookie(to, next(f"{name}=1" for name in names if f"{name}=1" not in brought))


gate(
    "cookie_gate_2hop",
    "a cookie that is set on the way",
    {"/": with_cookies("k", lambda _: redirect("/set")), "/set": set_cookie("/", "k=1")},
)
gate(
    "cookie_gate_3hop",
    "a cookie that is set on the way",
    {
        "/": with_cookies("k", lambda _: redirect("/sso1")),
        "/sso1": redirect("/sso2"),
        "/sso2": set_cookie("/", "k=1"),
    },
)
gate(
    "cookie_gate_self_3cookies",
    "a cookie that is set on the way",
    {"/": with_cookies("abc", one_more("abc", "/"))},
)
case(
    "cookie_malformed",
    "odd cookies",
    whole(PAGE, "Set-Cookie: ;;;=", "Set-Cookie: a", b"Set-Cookie: \xff=\xfe; expires=garbage"),
    page,
)
case("redirect_circle", "a circle", redirect("/redirect_circle"), refused)

# --- how long a server asks to be left alone: the seconds that are right, from and to

waits("ra_seconds", "a wait in seconds", "120", 120, 120)
waits(
    "ra_date",
    "a wait until a time",
    email.utils.formatdate(time.time() + 40_000, usegmt=True),
    30_000,
    40_000,
)
waits("ra_past", "a wait until a time that has passed", "Wed, 21 Oct 2015 07:28:00 GMT", 0, 0)
waits("ra_superscript", "a wait whose digits are no ASCII", "²", 0, 2)
waits("ra_huge", "a wait without end", "9" * 30, 0, None)
waits("ra_huge_digits", "a wait without end", "9" * 5000, 0, None)
waits("ra_year9999", "a wait without end", "Fri, 31 Dec 9999 23:59:59 GMT", 0, None)

# --- names of hosts

host("trailing_dot_host", "a host with its last dot", "news.example.", "news.example")


@CASES.each()
def test_answer(name: str, site: Site) -> None:
    _, (answer, right), more = CASES[name]
    site.routes |= {path: whole() for path in ("/target", "/dir/target", "/caf%C3%A9", "/caf%E9", "/a%20b")}
    site.routes |= {"/" + name: answer} | more.get("more", {})
    right(outcome(site.url + "/" + name), site)


@TEXTS.each()
def test_text_of_the_article(name: str, site: Site) -> None:
    """The whole way: fetched, decoded, extracted."""
    _, (answer, said), _ = TEXTS[name]
    site.routes |= {"/target": whole(), "/dir/target": whole(), "/news/" + name: answer}
    result = ingested(site.url + "/news/" + name)
    assert said in text_of(result)
    assert isinstance(result, ArticleFetched)
    assert result.article.canonical_url.startswith(site.url + "/"), result.article.canonical_url


@GATES.each()
def test_cookie_gate(name: str, site: Site) -> None:
    _, (routes,), _ = GATES[name]
    site.routes |= routes
    page(outcome(site.url + "/"), site)


@WAITS.each()
def test_wait(name: str, site: Site) -> None:
    _, (asked, least, most), _ = WAITS[name]
    site.routes["/"] = whole(
        b"busy", b"Retry-After: " + asked.encode("latin-1"), status="429 Too Many Requests"
    )
    got = outcome(site.url + "/")
    assert isinstance(got, TransientError), repr(got)
    assert got.reason == "http_429"
    wait_s = got.retry_after_s or 0.0
    assert wait_s >= least
    assert most is None or wait_s <= most
    result = ingested(site.url + "/")
    assert (result.outcome, result.reason) == ("retry", "http_429")


@HOSTS.each()
def test_host(name: str, site: Site) -> None:
    _, (written, asked), _ = HOSTS[name]
    site.routes["/p"] = whole()
    got = outcome(f"http://{written}:{site.port}/p", fetcher(hosts=(written, asked)))
    page(got, site)
    assert site.asked[-1][1]["host"].split(":")[0].rstrip(".") == asked


def test_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl here")
    made = "req -x509 -newkey rsa:2048 -nodes -keyout key -out certificate -subj /CN=localhost -days 1"
    subprocess.run(["openssl", *made.split()], cwd=tmp_path, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate", tmp_path / "key")
    with Site(tls=context) as site:
        site.routes["/p"] = whole()
        ends("tls_error")(outcome(site.url + "/p"), site)


def test_a_page_that_is_as_it_was(site: Site) -> None:
    def conditional(connection: Any, path: str, headers: dict[str, str]) -> bytes:
        unchanged = headers.get("if-none-match") == 'W/"a"'
        return (
            b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"
            if unchanged
            else whole(PAGE, 'ETag: W/"a"')
        )

    site.routes["/"] = conditional
    first = outcome(site.url + "/")
    assert isinstance(first, Fetched)
    assert isinstance(outcome(site.url + "/", validators=first.validators), NotModified)


def test_a_connection_promised_and_closed(site: Site) -> None:
    def close(connection: socket.socket, path: str, headers: dict[str, str]) -> None:
        connection.sendall(whole(keep=True))

    site.routes["/"] = close
    one = fetcher()
    for _ in range(5):
        page(outcome(site.url + "/", one), site)
        time.sleep(0.05)  # until the end of the connection has come
