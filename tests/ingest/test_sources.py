"""Feeds, sitemaps and front pages as they are found in the wild: what they name, and what they already know
of it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from services.contract.messages import FeedEntry, SourceDue, SourcePolled, Validators
from services.ingest.fetch import Fetcher, FetchPolicy
from services.ingest.sources.poll import Poller
from services.net.guard import Gate
from tests.ingest.hostile import HostileSite
from tests.raw_http import whole

NOW = datetime.now(UTC)
RSS = """<?xml version="1.0" encoding="utf-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>The Harbour Courier</title><language>en-gb</language>
<item><title>Dock strike enters second week</title><link>https://courier.example/world/strike</link><guid>a</guid>
<pubDate>Sun, 01 Mar 2026 10:30:00 GMT</pubDate><dc:creator>Ana Brandt</dc:creator><category>strikes</category><category>ports</category></item>
{more}</channel></rss>"""  # noqa: E501
ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title>Der Hafenkurier</title>
<entry><title type="html">&lt;b&gt;Streik&lt;/b&gt; am Kai</title><link rel="alternate" href="/politik/streik"/><id>tag:1</id>
<updated>2026-03-01T10:30:00+01:00</updated><author><name>Ana Brandt</name></author><category term="streik"/></entry></feed>"""  # noqa: E501
JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1",
    "title": "Courier",
    "language": "en",
    "items": [
        {
            "id": "1",
            "url": "https://courier.example/a",
            "title": "A",
            "date_published": "2026-03-01T10:30:00Z",
            "authors": [{"name": "Ana"}],
            "tags": ["x"],
        },
        {"id": "https://courier.example/b", "content_text": "no title, no url"},
        "not an item",
    ],
}


@pytest.fixture
def site() -> Iterator[HostileSite]:
    with HostileSite() as running:
        yield running


@pytest.fixture
def poller() -> Poller:
    return Poller(Fetcher(FetchPolicy(gate=Gate(allow_hosts=("127.0.0.1",)), timeout_s=3)))


def _serve(site: HostileSite, name: str, body: bytes | str, *lines: str, status: str = "200 OK") -> None:
    raw = body.encode() if isinstance(body, str) else body
    kind = (
        ()
        if any(line.lower().startswith("content-type") for line in lines)
        else ("Content-Type: application/xml",)
    )
    site.more[name] = lambda c: c.sendall(whole(raw, *kind, *lines, status=status))


def _poll(site: HostileSite, poller: Poller, name: str, **more: object) -> SourcePolled:
    due = SourceDue(source_id=1, url=f"{site.url}/{name}", kind="auto", dispatched_at=NOW)
    import msgspec

    return poller.poll(msgspec.structs.replace(due, **more))


def _urls(polled: SourcePolled) -> list[str]:
    assert polled.reason == "", polled.detail
    return [entry.url for entry in polled.entries]


def test_rss_brings_what_it_knows(site: HostileSite, poller: Poller) -> None:
    _serve(site, "feed", RSS.format(more=""), 'ETag: "v1"', "Last-Modified: Sun, 01 Mar 2026 11:00:00 GMT")
    polled = _poll(site, poller, "feed")
    (entry,) = polled.entries
    assert (polled.kind, polled.title) == ("rss", "The Harbour Courier")
    assert polled.validators == Validators(etag='"v1"', last_modified="Sun, 01 Mar 2026 11:00:00 GMT")
    assert entry.url == "https://courier.example/world/strike"
    assert entry.hints.title == "Dock strike enters second week"
    assert entry.hints.published_at == datetime(2026, 3, 1, 10, 30, tzinfo=UTC)
    assert (entry.hints.authors, entry.hints.keywords, entry.hints.language) == (
        ["Ana Brandt"],
        ["strikes", "ports"],
        "en",
    )


def test_atom_with_a_relative_link_and_markup_in_its_title(site: HostileSite, poller: Poller) -> None:
    _serve(site, "atom", ATOM)
    (entry,) = _poll(site, poller, "atom").entries
    assert entry.url == site.url + "/politik/streik"
    assert (entry.hints.title, entry.hints.authors) == ("Streik am Kai", ["Ana Brandt"])
    assert entry.hints.published_at == datetime(2026, 3, 1, 9, 30, tzinfo=UTC)


def test_json_feed(site: HostileSite, poller: Poller) -> None:
    _serve(site, "json", json.dumps(JSON_FEED), "Content-Type: application/feed+json")
    polled = _poll(site, poller, "json")
    assert polled.kind == "json"
    assert _urls(polled) == ["https://courier.example/a", "https://courier.example/b"]
    assert polled.entries[0].hints.keywords == ["x"]


def test_an_unchanged_source_is_not_read_again(site: HostileSite, poller: Poller) -> None:
    site.more["feed"] = lambda c: c.sendall(b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n")
    polled = _poll(site, poller, "feed", validators=Validators(etag='"v1"'))
    assert polled.unchanged
    assert polled.reason == ""
    assert polled.validators == Validators(etag='"v1"')


def _item(link: str = "https://courier.example/x", **parts: str) -> str:
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in parts.items())
    return f"<item><link>{link}</link>{inner}</item>"


ODDITIES = {
    "a date that is none": (RSS.format(more=_item(pubDate="last Tuesday, around noon")),
    "https://courier.example/x"),
    "a date of the year 2099": (RSS.format(more=_item(pubDate="Mon, 01 Jan 2099 00:00:00 GMT")),
    "https://courier.example/x"),
    "a date with a zone by name": (RSS.format(more=_item(pubDate="Sun, 1 Mar 26 05:30 EST")),
    "https://courier.example/x"),
    "relative links": (RSS.format(more=_item("/local/story")), "{base}/local/story"),
    "entities escaped twice": (RSS.format(more=_item("https://courier.example/x?a=1&amp;amp;b=2",
    title="Fish &amp;amp;amp; chips")), "https://courier.example/x?a=1&b=2"),
    "a link with blanks and line breaks": (RSS.format(more=_item("\n  https://courier.example/x \n")),
    "https://courier.example/x"),
    "a permalink in the guid alone": (RSS.format(more="<item><guid>https://courier.example/x</guid></item>"),
    "https://courier.example/x"),
    "the true address behind a proxy's": (
        RSS.replace("<rss ", '<rss xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0" ').format(
            more="<item><link>https://feeds.example/~r/x</link><feedburner:origLink>https://courier.example/x"
                "</feedburner:origLink></item>"
        ),
        "https://courier.example/x",
    ),
    "an unescaped ampersand": (RSS.format(more=_item("https://courier.example/x", title="Marks & Spencer")),
    "https://courier.example/x"),
    "control characters": (RSS.format(more=_item("https://courier.example/x", title="Bad \x0b\x01 bytes")),
    "https://courier.example/x"),
    "no XML declaration and a byte order mark": ("\ufeff" + RSS.format(more=_item()).split("?>", 1)[1],
    "https://courier.example/x"),
    "an HTML entity that XML does not know": (RSS.format(more=_item(title="Caf&eacute; &nbsp; life")),
    "https://courier.example/x"),
    "an end that never comes": (RSS.format(more=_item()).split("</channel>")[0], "https://courier.example/x"),
    "RSS 1.0": (
        '<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns="http://purl.org/rss/1.0/">'
        '<channel rdf:about="x"><title>Old</title></channel><item '
        'rdf:about="https://courier.example/x"><title>T</title>'
        "<link>https://courier.example/x</link></item></rdf:RDF>",
        "https://courier.example/x",
    ),
}  # fmt: skip


@pytest.mark.parametrize("oddity", ODDITIES)
def test_oddities_of_real_feeds(site: HostileSite, poller: Poller, oddity: str) -> None:
    body, wanted = ODDITIES[oddity]
    _serve(site, "feed", body)
    polled = _poll(site, poller, "feed")
    assert wanted.format(base=site.url) in _urls(polled)
    entry = next(e for e in polled.entries if e.url == wanted.format(base=site.url))
    moment = entry.hints.published_at
    assert moment is None or moment <= datetime.now(UTC) + timedelta(days=1)
    assert "&amp;" not in (entry.hints.title or "")
    if oddity == "a date with a zone by name":
        assert moment == datetime(2026, 3, 1, 10, 30, tzinfo=UTC)


def test_the_same_item_twice_is_one_entry(site: HostileSite, poller: Poller) -> None:
    _serve(site, "feed", RSS.format(more=_item() + _item() + _item("https://courier.example/y", guid="a")))
    assert _urls(_poll(site, poller, "feed")) == [
        "https://courier.example/world/strike", "https://courier.example/x", "https://courier.example/y",
    ]  # fmt: skip


def test_a_feed_in_an_encoding_that_its_header_denies(site: HostileSite, poller: Poller) -> None:
    body = (
        RSS.replace("utf-8", "windows-1251")
        .format(more=_item(title="Забастовка в порту"))
        .encode("windows-1251")
    )
    _serve(site, "feed", body, "Content-Type: application/xml")
    assert _poll(site, poller, "feed").entries[1].hints.title == "Забастовка в порту"


def test_a_feed_that_moved_for_good_says_where_to(site: HostileSite, poller: Poller) -> None:
    _serve(site, "new", RSS.format(more=""))
    _serve(site, "old", "", "Location: /new", status="301 Moved Permanently")
    _serve(site, "temporary", "", "Location: /new", status="302 Found")
    assert _poll(site, poller, "old").moved_to == site.url + "/new"
    assert _poll(site, poller, "temporary").moved_to is None


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "bad_feed"),
        ("<html><body>gone</body></html>", "no_entries"),
        ("{broken", "bad_feed"),
        ('{"items": 5}', "bad_feed"),
        ("<a/>", "bad_feed"),
        ("just text", "bad_feed"),
    ],
)
def test_what_is_no_source_says_so(site: HostileSite, poller: Poller, body: str, reason: str) -> None:
    _serve(site, "feed", body)
    polled = _poll(site, poller, "feed")
    assert polled.reason == reason
    assert polled.detail


def test_a_feed_that_became_a_page_is_broken(site: HostileSite, poller: Poller) -> None:
    _serve(
        site,
        "feed",
        "<!DOCTYPE html><html><body>We have a new website!</body></html>",
        "Content-Type: text/html",
    )
    polled = _poll(site, poller, "feed", kind="rss")
    assert (polled.reason, "HTML page now" in polled.detail) == ("bad_feed", True)


def test_failures_of_the_fetch_are_told_with_their_wait(site: HostileSite, poller: Poller) -> None:
    site.more["feed"] = lambda c: site.do_status(c, "503/120")
    polled = _poll(site, poller, "feed")
    assert (polled.reason, polled.retry_after_s) == ("http_503", 120.0)


def _sitemap(*entries: str) -> str:
    return (
        '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">' + "".join(entries) + "</urlset>"
    )


def _page(path: str, days_ago: float = 0) -> str:
    moment = (NOW - timedelta(days=days_ago)).isoformat()
    return f"<url><loc>https://courier.example{path}</loc><lastmod>{moment}</lastmod></url>"


NEWS = (
    "<url><loc>https://courier.example/news</loc><news:news><news:publication><news:name>C</news:name><news:l"
    "anguage>en</news:language>"
    "</news:publication><news:publication_date>2026-03-01T10:30:00Z</news:publication_date><news:title>Strike"
    " &amp; lockout</news:title>"
    "<news:keywords>ports, strikes</news:keywords></news:news></url>"
)


def test_a_sitemap_index_with_compressed_children(site: HostileSite, poller: Poller) -> None:
    children = "".join(
        f"<sitemap><loc>{site.url}/{name}</loc><lastmod>2026-03-0{n + 1}</lastmod></sitemap>"
        for n, name in enumerate(("pages.xml.gz", "news.xml", "broken.xml"))
    )
    _serve(
        site,
        "index.xml",
        f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{children}</sitemapindex>',
    )
    _serve(
        site,
        "pages.xml.gz",
        gzip.compress(_sitemap(_page("/fresh"), _page("/old", days_ago=30)).encode()),
        "Content-Type: application/gzip",
    )
    _serve(site, "news.xml", _sitemap(NEWS))
    _serve(site, "broken.xml", "<urlset><url>")
    polled = _poll(site, poller, "index.xml")
    assert polled.kind == "sitemap"
    assert sorted(_urls(polled)) == ["https://courier.example/fresh", "https://courier.example/news"]
    news = next(e for e in polled.entries if e.url.endswith("/news"))
    assert (news.hints.title, news.hints.keywords, news.hints.language) == (
        "Strike & lockout",
        ["ports", "strikes"],
        "en",
    )
    assert news.hints.published_at == datetime(2026, 3, 1, 10, 30, tzinfo=UTC)


def test_a_sitemap_that_explodes_is_cut(site: HostileSite, poller: Poller) -> None:
    _serve(
        site, "bomb.xml.gz", gzip.compress(b"<urlset>" + b" " * 80_000_000), "Content-Type: application/gzip"
    )
    assert _poll(site, poller, "bomb.xml.gz").reason == "too_large"
    laughs = (
        '<!DOCTYPE a [<!ENTITY a "ha">'
        + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 20}">' for n in range(8))
        + "]>"
    )
    _serve(site, "laughs.xml", f"{laughs}<urlset><url><loc>&h;</loc></url></urlset>")
    assert _poll(site, poller, "laughs.xml").reason == "bad_sitemap"


def test_a_front_page_names_its_feed(site: HostileSite, poller: Poller) -> None:
    page = """<!DOCTYPE html><html><head><title>Courier</title>
    <link rel="alternate" type="application/rss+xml" title="Comments" href="/comments"><link rel="alternate" type="application/rss+xml" href="/feed"></head></html>"""  # noqa: E501
    _serve(site, "", page, "Content-Type: text/html")
    _serve(site, "feed", RSS.format(more=""))
    polled = _poll(site, poller, "")
    assert (polled.kind, polled.moved_to) == ("rss", site.url + "/feed")
    assert _urls(polled) == ["https://courier.example/world/strike"]


def test_a_front_page_without_a_feed_is_read_for_its_stories(site: HostileSite, poller: Poller) -> None:
    page = """<!DOCTYPE html><html><body><nav><a href="/world">World</a><a href="/about-us">About us and our paper today</a></nav>
    <a href="/world/dock-strike-enters-second-week">Dock strike enters its second week</a>
    <a href="/2026/03/01/ferry">Ferry service to the islands resumes</a><a href="https://other.example/a-b-c-d">Another site has a story too</a>
    <a href="/world/dock-strike-enters-second-week">Dock strike enters its second week</a></body></html>"""  # noqa: E501
    _serve(site, "", page, "Content-Type: text/html")
    assert _urls(_poll(site, poller, "")) == [
        site.url + "/world/dock-strike-enters-second-week", site.url + "/2026/03/01/ferry",
    ]  # fmt: skip


def test_entries_are_messages_of_the_contract(site: HostileSite, poller: Poller) -> None:
    _serve(site, "feed", RSS.format(more=""))
    assert all(isinstance(entry, FeedEntry) for entry in _poll(site, poller, "feed").entries)
