"""Each intake as a function of bytes, with samples of what it takes: what `chaos.fuzz` feeds with broken
input."""

from __future__ import annotations

import contextlib
import json
import socketserver
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from msgspec import Raw
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from chaos.poison import LINES, feed
from chaos.poison import messages as poisoned_messages
from services.contract.envelopes import decode_each, encode_item
from services.contract.errors import BadMessage, BadUrl
from services.contract.messages import (
    ArticleEnriched,
    ArticleFetched,
    SourceDue,
    SourcePolled,
    UrlSettled,
    UrlSubmitted,
)
from services.contract.routes import QUEUES
from services.contract.urls import parse_url, resolve
from services.demo.pages import render, stories

NOW = datetime(2026, 9, 1, tzinfo=UTC)
_SITE = "https://gazette.example"
_EXAMPLES = Path(__file__).parents[1] / "tests" / "contract" / "examples"


@dataclass(frozen=True, slots=True)
class Intake:
    """`take` returns, or raises a DatelineError; `endings`: of files whose contents are samples too."""

    take: Callable[[bytes], object]
    samples: Callable[[], list[bytes]]
    endings: tuple[str, ...] = ()


def _line(body: bytes) -> None:
    from services.store.intake import parse_line
    from services.store.ledger import Entry

    found = parse_line(body, "fuzz")
    if isinstance(found, Entry):
        encode_item(found.hints)
        found.url.url.encode()
        assert parse_url(found.url.url).hash == found.url.hash
    else:
        f"{found.error}".encode("utf-8", "backslashreplace")


def _tag_line(body: bytes) -> None:
    from services.cli.article_lines import read_story

    try:
        row_id, story = read_story((1, body, None))
    except ValueError:
        return  # which its command prints with the line's number
    json.dumps(row_id).encode()
    story.text.encode()


def _api(body: bytes) -> None:
    from pydantic import ValidationError

    from services.desk.reports import Submission
    from services.store.intake import parse_item

    try:
        submission = Submission.model_validate_json(body)
    except ValidationError:
        return  # which is answered with 422
    for item in submission.urls:
        parse_item(item, "fuzz")


def _url(body: bytes) -> None:
    text = body.decode("utf-8", "surrogatepass") if body[:1] != b"\xff" else body.decode("latin-1")
    for read in (parse_url, lambda t: resolve(f"{_SITE}/a/b?c", t)):
        try:
            found = read(text)
        except BadUrl:
            continue
        found.url.encode()
        again = parse_url(found.url)
        assert (again.url, again.hash) == (found.url, found.hash), "it is not idempotent"


def _safe_url(body: bytes) -> None:
    try:
        _url(body)
    except UnicodeDecodeError:
        _url(b"\xff" + body)


def _source(body: bytes) -> None:
    from services.ingest.fetch import Fetched
    from services.ingest.sources.poll import read

    kind = "text/html" if b"<html" in body[:2000] else "application/xml"
    answer = Fetched(f"{_SITE}/feed", 200, body, None, NOW, 0.0, kind=kind)
    for entry in read(answer, "auto", NOW).entries:
        encode_item(entry)
        parse_url(entry.url)


def _opml(body: bytes) -> None:
    from services.cli.sources.opml import read_opml

    path = _folder() / "fuzz.opml"
    path.write_bytes(body)
    for url, title in read_opml(path):
        f"{url} {title}".encode()


def _warc(body: bytes) -> None:
    from services.ingest.archive import Archive, pages

    path = _folder() / "fuzz.warc"
    path.write_bytes(body)
    archive = Archive(_folder())
    for url, position, _ in pages(path):
        url.encode("utf-8", "backslashreplace")
        archive.read(position)


def _robots(body: bytes) -> None:
    from services.ingest.fetch.robots import RobotsRules

    rules = RobotsRules.of(body)
    for path in ("/", "/news/1.html?x=%C3%A9", "/a;b=c"):
        rules.forbidding(f"{_SITE}{path}")


def _date(body: bytes) -> None:
    from services.ingest.dates import read_date

    found = read_date(body.decode("utf-8", "replace"), NOW)
    assert found is None or found.tzinfo is UTC


_KINDS = (UrlSubmitted, SourceDue, ArticleFetched, ArticleEnriched, UrlSettled, SourcePolled)


def _message(body: bytes) -> None:
    from services.runtime.celery_app import _decode, _unpacked
    from services.runtime.redis_transport import BadEnvelope, loads

    for kind in _KINDS:
        try:
            for item in decode_each(kind, Raw(body))[0]:
                encode_item(item)
        except BadMessage:
            pass
    _decode(body)
    for read in (loads, _unpacked):
        with contextlib.suppress(BadEnvelope, ValueError):
            read(body)


def _page(body: bytes) -> None:
    from services.ingest.extract import extract

    encode_item(extract(body, f"{_SITE}/news/1", now=NOW))


class _Answering(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    body = b""


class _Answer(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        asked = b""
        while b"\r\n\r\n" not in asked and (more := self.request.recv(4096)):
            asked += more
        self.request.sendall(self.server.body)  # type: ignore[attr-defined]


@cache
def _http() -> tuple[_Answering, Any]:
    from services.ingest.fetch import Fetcher, FetchPolicy
    from services.net.guard import Gate

    server = _Answering(("127.0.0.1", 0), _Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, Fetcher(FetchPolicy(timeout_s=10.0, gate=Gate(("127.0.0.1",))))


def _answer(body: bytes) -> None:
    server, fetcher = _http()
    server.body = body
    fetcher.get(f"http://127.0.0.1:{server.server_address[1]}/page")


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="dateline-fuzz-"))


def _pages() -> list[bytes]:
    return [found.encode() for path in stories() if (found := render(path, _SITE))]


def _feeds() -> list[bytes]:
    items = "".join(
        f"<item><title>Ferry {n} &amp; strike</title><link>{_SITE}/{n}?id={n}&amp;section=sport</link><guid "
        f"isPermaLink='false'>{n}</guid>"
        f"<pubDate>Tue, 0{n} Sep 2026 10:00:00 CEST</pubDate><dc:creator>Ann "
        f"Lee</dc:creator><category>Sea</category></item>"
        for n in range(1, 6)
    )
    atom = "".join(
        f"<entry><id>tag:{n}</id><title type='html'>&lt;b&gt;Ferry&lt;/b&gt;</title><link rel='alternate' "
        f"href='/{n}'/>"
        f"<updated>2026-09-0{n}T10:00:00+02:00</updated><author><name>Ann Lee</name></author></entry>"
        for n in range(1, 6)
    )
    rows = [
        {
            "id": str(n),
            "url": f"{_SITE}/{n}",
            "title": "Ferry",
            "date_published": "2026-09-01T10:00:00Z",
            "authors": [{"name": "Ann"}],
            "tags": ["sea"],
        }
        for n in range(5)
    ]
    return [
        f"<?xml version='1.0'?><rss version='2.0' "
        f"xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><title>G</title>{items}</channel></rss>".encode(),
        f"<?xml version='1.0' encoding='utf-8'?><feed xmlns='http://www.w3.org/2005/Atom' "
        f"xml:base='{_SITE}/'><title>G</title>{atom}</feed>".encode(),
        json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "G", "items": rows}).encode(),
        feed(),
    ]


def _sitemaps() -> list[bytes]:
    urls = "".join(
        f"<url><loc>{_SITE}/{n}?a=1&amp;b=2</loc><lastmod>2026-08-3{n % 2}T10:00:00+02:00</lastmod><news:news"
        f"><news:title>Ferry</news:title>"
        f"<news:publication_date>2026-08-31</news:publication_date></news:news></url>"
        for n in range(6)
    )
    maps = "".join(f"<sitemap><loc>{_SITE}/sitemap-{n}.xml</loc></sitemap>" for n in range(6))
    space = "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:news='http://www.google.com/schemas/sitemap-news/0.9'"
    return [
        f"<?xml version='1.0'?><urlset {space}>{urls}</urlset>".encode(),
        f"<?xml version='1.0'?><sitemapindex {space}>{maps}</sitemapindex>".encode(),
        "\n".join(f"{_SITE}/{n}" for n in range(9)).encode(),
    ]


def _archives() -> list[bytes]:
    found = []
    for packed in (True, False):
        out = BytesIO()
        writer = WARCWriter(out, gzip=packed, warc_version="1.1")
        for number, page in enumerate(_pages()[:4]):
            headers = StatusAndHeaders(
                "200 OK", [("Content-Type", "text/html; charset=utf-8")], protocol="HTTP/1.1"
            )
            writer.write_record(
                writer.create_warc_record(
                    f"{_SITE}/{number}", "response", payload=BytesIO(page[:3000]), http_headers=headers
                )
            )
        found.append(out.getvalue())
    return found


_ANSWERS = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: "
    b"52\r\n\r\n<html><body><p>A ferry strike began.</p></body></html>",
    b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: "
    b"chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    b"HTTP/1.1 302 Found\r\nLocation: /page\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 403 Forbidden\r\nServer: cloudflare\r\ncf-mitigated: challenge\r\nContent-Length: "
    b"4\r\n\r\nwait",
    b"HTTP/1.1 429 Too Many\r\nRetry-After: 99999999999\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: "
    b"close\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00",
    b"HTTP/1.0 200 OK\r\nRefresh: 0; url=/page\r\n\r\n<meta http-equiv=refresh content='0;url=/x'>",
)
_LINES = [
    *LINES[:-1],
    b"https://example.org/a?b=c&utm_source=x#y",
    json.dumps({"url": f"{_SITE}/a", "title": "Ferry", "published_at": "2026-09-01T10:00:00+02:00",
    "authors": ["Ann"], "section": "Sea"}).encode(),
]  # fmt: skip
_URLS = [
    f"{_SITE}/a/../b//c?d=%C0&e=f#g".encode(),
    b"http://xn--bcher-kva.example:8080/\xc3\xa9",
    b"//[::1]:80/",
    b"../x?y",
    b"http://0x7f.1/",
    b"HTTP:\\\\user:pw@HOST.example.\\a b",
]
_DATES = [
    b"Tue, 01 Sep 2026 10:00:00 CEST",
    b"2026-09-01T10:00:00.123+0200",
    "1. września 2026, 10:30".encode(),
    "२०२६".encode(),
    "2026年9月1日 午後3時".encode(),
    b"1788249600",
]
_ROBOTS = [b"User-agent: *\nDisallow: /private/*.html$\nAllow: /\nCrawl-delay: 5\nSitemap: "
    b"https://gazette.example/s.xml\n\nUser-agent: Dateline/1.0\nDisallow: /x"]  # fmt: skip
_OPML = [b"<?xml version='1.0'?><opml version='2.0'><head><title>t</title></head><body><outline "
    b"text='News'><outline type='rss' text='G' title='G &amp; H' "
    b"xmlUrl='https://gazette.example/feed?a=1&amp;b=2'/></outline></body></opml>"]  # fmt: skip


def _contract() -> list[bytes]:
    poisoned = [message for message in poisoned_messages(QUEUES[0]) if len(message) < 20_000]
    return [*(path.read_bytes() for path in sorted(_EXAMPLES.glob("*.json"))), *poisoned]


def _submissions() -> list[bytes]:
    return [
        json.dumps(
            {"urls": ["https://example.org/a", {"url": "https://example.org/b", "title": "t"}], "again": True}
        ).encode()
    ]


INTAKES: dict[str, Intake] = {
    "lines": Intake(_line, lambda: _LINES),
    "tag lines": Intake(_tag_line,
    lambda: [json.dumps({"id": 1, "title": "Ferry", "text": "A strike in Oslo.",
    "keywords": ["sea"]}).encode()]),
    "api": Intake(_api, _submissions),
    "urls": Intake(_safe_url, lambda: _URLS),
    "feeds": Intake(_source, _feeds, (".xml", ".json", ".rss", ".atom")),
    "sitemaps": Intake(_source, _sitemaps, (".xml",)),
    "front pages": Intake(_source, _pages, (".html",)),
    "opml": Intake(_opml, lambda: _OPML, (".opml",)),
    "warc": Intake(_warc, _archives, (".warc",)),
    "robots": Intake(_robots, lambda: _ROBOTS, (".txt",)),
    "dates": Intake(_date, lambda: _DATES),
    "http": Intake(_answer, lambda: list(_ANSWERS)),
    "messages": Intake(_message, _contract),
    "pages": Intake(_page, _pages, (".html",)),
}  # fmt: skip
