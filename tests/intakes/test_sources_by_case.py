"""Sitemaps, their indexes, and how a source's poll ends: what a poll must name, and when the next one is due.

Each case: a name, its kind in general words, the answer's bytes, what is right; further pages of the site in
`more`.
"""

from __future__ import annotations

import gzip
from concurrent.futures import wait
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg_pool import ConnectionPool
from redis import Redis

from tests.intakes.local_site import (
    Batcher,
    Cases,
    EmbeddedRedis,
    Poller,
    Publisher,
    Site,
    SourcePolled,
    broken,
    carried,
    check,
    count,
    due,
    fetcher,
    has,
    listed,
    make_app,
    poll,
    published,
    sources,
    title,
    urls_of,
    whole,
)

CASES, DATED, WAITS, TOGETHER = Cases(), Cases(), Cases(), Cases()
case, dated, waits, together = CASES.add, DATED.add, WAITS.add, TOGETHER.add
G = "https://gazette.example"
A, B = f"{G}/a", f"{G}/b"
DECL = '<?xml version="1.0" encoding="UTF-8"?>\n'
SITEMAP = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
NEWS = f'{SITEMAP} xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
IMAGE = "xmlns:image='http://www.google.com/schemas/sitemap-image/1.1'"


NOW = datetime.now(UTC).replace(microsecond=0)


def iso(days: float = 0) -> str:
    """So many days ago."""
    return (NOW - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def urlset(*urls: str, head: str = DECL, ns: str = NEWS) -> str:
    return f"{head}<urlset {ns}>" + "".join(urls) + "</urlset>"


def url(loc: str, lastmod: str | None = None, more: str = "") -> str:
    return f"<url><loc>{loc}</loc>" + (f"<lastmod>{lastmod}</lastmod>" if lastmod else "") + more + "</url>"


def index(*sitemaps: str) -> str:
    return f'<?xml version="1.0"?><sitemapindex {SITEMAP}>' + "".join(sitemaps) + "</sitemapindex>"


def sitemap(loc: str, lastmod: str | None = None) -> str:
    """A child; {site} is the site's address."""
    return (
        f"<sitemap><loc>{{site}}{loc}</loc>"
        + (f"<lastmod>{lastmod}</lastmod>" if lastmod else "")
        + "</sitemap>"
    )


def news(when: str, more: str = "") -> str:
    return (
        "<news:news><news:publication><news:name>Gazette</news:name><news:language>en</news:language></news:p"
        "ublication>"
        f"<news:publication_date>{when}</news:publication_date><news:title>T</news:title>{more}</news:news>"
    )


def rss(link: str = A, title: str = "t", head: str = DECL, ns: str = "", more: str = "") -> str:
    return f'{head}<rss version="2.0"{ns}><channel><title>G</title><item><title>{title}</title><link>{link}</link>{more}</item></channel></rss>'  # noqa: E501


# --- what a sitemap says of a page's age; read on 2 March 2026, with a second page behind it

dated("sm_lastmod_rfc822", "an age in another form", "Sun, 01 Mar 2026 10:00:00 GMT", [A, B])
dated("sm_lastmod_date", "forms of W3C Datetime", "2026-03-01", [A, B])
dated("sm_lastmod_min_z", "forms of W3C Datetime", "2026-03-01T10:00Z", [A, B])
dated("sm_lastmod_dotms", "forms of W3C Datetime", "2026-03-01T10:00:00.123456789Z", [A, B])
dated("sm_lastmod_space", "a blank in a date", "2026-03-01 10:00:00", [A, B])
dated("sm_lastmod_mysql_zero", "a date of year 0, 1 or 9999", "0000-00-00 00:00:00", has(B))
dated("sm_lastmod_old", "forms of W3C Datetime", "2026-02-01", [B])

# --- sitemaps as they are written

case(
    "sm_prefixed",
    "a prefix before every element",
    f'<?xml version="1.0"?><s:urlset '
    f'xmlns:s="http://www.sitemaps.org/schemas/sitemap/0.9"><s:url><s:loc>{A}</s:loc><s:lastmod>{iso()}</s:la'
    f"stmod></s:url></s:urlset>",
    [A],
)
case("sm_leading_blank", "one flaw in a sitemap's XML", "\n\n  " + urlset(url(A, iso())), [A])
case("sm_bom_blank", "one flaw in a sitemap's XML", "\ufeff\n" + urlset(url(A, iso())), [A])
case(
    "sm_cdata", "an ampersand in CDATA", urlset(url(f"<![CDATA[{G}/a?x=1&y=2]]>", iso())), [f"{G}/a?x=1&y=2"]
)
case(
    "sm_amp_section",
    "a reference in a link decoded twice",
    urlset(url(f"{G}/a?x=1&amp;section=2", iso())),
    [f"{G}/a?x=1&section=2"],
)
case(
    "sm_amp_copy",
    "a reference in a link decoded twice",
    urlset(url(f"{G}/a?x=1&amp;copy=2&amp;lang=en", None, news(iso()))),
    [f"{G}/a?x=1&copy=2&lang=en"],
)
case(
    "sm_html_entity",
    "one flaw in a sitemap's XML",
    urlset(url(A, iso(), news(iso()).replace(">T<", ">Caf&eacute; &nbsp;strike<"))),
    [A],
)
case(
    "sm_control_char",
    "one flaw in a sitemap's XML",
    urlset(url(A, iso(), news(iso()).replace(">T<", ">Strike \x0b now<"))),
    [A],
)
case(
    "sm_truncated",
    "one flaw in a sitemap's XML",
    urlset(url(A, iso()), url(B, iso())).split("<loc>" + B)[0],
    [A],
)
case(
    "sm_undeclared_news_ns",
    "one flaw in a sitemap's XML",
    urlset(url(A, iso(), "<news:news><news:title>T</news:title></news:news>"), ns=SITEMAP),
    [A],
)
case("sm_junk_text_after", "one flaw in a sitemap's XML", urlset(url(A, iso())) + "\n0", [A])
case(
    "sm_php_warning_before",
    "one flaw in a sitemap's XML",
    "<br />\n<b>Deprecated</b>: strlen() in <b>/srv/x.php</b><br />\n" + urlset(url(A, iso())),
    [A],
)
case(
    "sm_xhtml_alternates",
    "elements of other namespaces",
    urlset(
        f"<url><loc>{A}</loc><xhtml:link xmlns:xhtml='http://www.w3.org/1999/xhtml' rel='alternate' "
        f"hreflang='de' href='{G}/de/a'/><lastmod>{iso()}</lastmod></url>"
    ),
    [A],
)
case(
    "sm_stylesheet_pi",
    "something before the root",
    urlset(
        url(A, iso()),
        head='<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="//gazette.example/s.xsl"?>',
    ),
    [A],
)
case(
    "sm_long_comment",
    "a long comment before the root",
    urlset(url(A, iso()), head='<?xml version="1.0"?><!-- ' + "x " * 1500 + "-->"),
    [A],
)
case(
    "sm_long_comment_html_type",
    "a long comment before the root",
    urlset(url(A, iso()), head='<?xml version="1.0"?><!-- ' + "x " * 1500 + "-->"),
    [A],
    ct="text/html",
)
case(
    "sm_doctype",
    "something before the root",
    urlset(url(A, iso()), head='<?xml version="1.0"?><!DOCTYPE urlset>'),
    [A],
)


def many(number: int, days: float = 0.0) -> bytes:
    return urlset(*[url(f"{G}/{n}", iso(days)) for n in range(number)]).encode()


case(
    "sm_gz_members",
    "compressed sitemaps",
    lambda: gzip.compress(many(900)[:20000]) + gzip.compress(many(900)[20000:]),
    count(900),
    ct="application/gzip",
)
case(
    "sm_gz_trailing_garbage",
    "compressed sitemaps",
    lambda: gzip.compress(many(900)) + b"\0\0\0\0",
    count(900),
    ct="application/gzip",
)


def big() -> bytes:
    """16 MB: 49,990 old pages with a picture each, ten new ones; the protocol allows 50,000 URLs and
    50 MB."""
    slug = "a-rather-long-slug-for-an-old-story-about-the-harbour-and-its-ferries-number"
    old, new = iso(400), iso()
    pages = [
        url(
            f"{G}/archive/{n}/{slug}-{n}",
            old,
            f"<image:image {IMAGE}><image:loc>https://cdn.example/img/{n}.jpg</image:loc></image:image>",
        )
        for n in range(49_990)
    ]
    return urlset(*pages, *[url(f"{G}/new/{n}", new) for n in range(10)]).encode()


case("sm_50k_plain", "a sitemap as large as the protocol allows", big, count(10))

case(
    "rss_1200_newest_last",
    "more entries than one poll takes, the newest last",
    lambda: (
        f'{DECL}<rss version="2.0"><channel><title>G</title>'
        + "".join(
            f"<item><link>{G}/{n}</link><pubDate>{iso(9 - n / 200)}</pubDate></item>" for n in range(1200)
        )
        + f"<item><link>{A}</link><pubDate>{iso()}</pubDate></item></channel></rss>"
    ),
    has(A),
)
case("news_ok", "a news sitemap", urlset(url(A, None, news(iso()))), [A])
case(
    "news_date_rfc822",
    "an age in another form",
    urlset(url(A, None, news(NOW.strftime("%a, %d %b %Y %H:%M:%S GMT")))),
    published(NOW.isoformat()),
)
case(
    "news_date_space_tz",
    "a blank in a date",
    urlset(url(A, None, news(NOW.strftime("%Y-%m-%d %H:%M:%S +0000")))),
    published(NOW.isoformat()),
)

# --- indexes

YEARS = range(2010, 2027)


def by_year(prefix: str, suffix: str, slug: str) -> dict[str, str]:
    """A sitemap a year, of which only the last has a fresh page."""
    return {
        f"/{prefix}{y}{suffix}": urlset(url(f"{G}/{slug}{y}", iso(0 if y == YEARS[-1] else 400)))
        for y in YEARS
    }


case(
    "ix_no_lastmod_years",
    "an index that names no ages",
    index(*[sitemap(f"/sm-{y}.xml") for y in YEARS]),
    has(f"{G}/y2026"),
    more=by_year("sm-", ".xml", "y"),
)
case(
    "ix_no_lastmod_newest_first",
    "an index that names no ages",
    index(*[sitemap(f"/part/{n}.xml") for n in range(30, 0, -1)]),
    has(f"{G}/q30"),
    more={f"/part/{n}.xml": urlset(url(f"{G}/q{n}", iso(0 if n == 30 else 400))) for n in range(1, 31)},
)
case(
    "ix_nested",
    "an index whose child is no list of pages",
    index(sitemap("/inner", iso())),
    [A],
    more={"/inner": index(sitemap("/leaf", iso())), "/leaf": urlset(url(A, iso()))},
)
case(
    "ix_child_is_rss",
    "an index whose child is no list of pages",
    index(sitemap("/ixrss")),
    [A],
    more={"/ixrss": rss()},
)
case(
    "ix_child_is_atom",
    "an index whose child is no list of pages",
    index(sitemap("/ixatom"), sitemap("/ixpages")),
    has(A, B),
    more={
        "/ixatom": f'<?xml version="1.0"?><feed '
        f'xmlns="http://www.w3.org/2005/Atom"><title>G</title><entry><id>u:1</id><title>t</title><link '
        f'href="{A}"/><updated>{iso()}</updated></entry></feed>',
        "/ixpages": urlset(url(B, iso())),
    },
)
case(
    "ix_children_broken",
    "an index all of whose children fail",
    index(sitemap("/brk")),
    broken,
    more={"/brk": "<urlset><url>"},
)
case(
    "ix_children_html",
    "an index all of whose children fail",
    index(sitemap("/login1"), sitemap("/login2")),
    broken,
    more={
        "/login1": "<!DOCTYPE html><html><body><form><input name=u></form></body></html>",
        "/login2": "<!DOCTYPE html><html><body><form><input name=u></form></body></html>",
    },
)
case(
    "ix_one_of_two_children_404",
    "an index one of whose children fails",
    index(sitemap("/gone3"), sitemap("/there")),
    [A],
    more={"/there": urlset(url(A, iso()))},
)
case(
    "ix_one_child_too_large",
    "a sitemap as large as the protocol allows",
    index(sitemap("/big", iso())),
    lambda polled: None if polled.reason else count(10)(polled),
    more={"/big": big},
)
case(
    "ix_newsletter_first",
    "an index of several kinds of children",
    index(*[sitemap(f"/newsletter-{n}", iso(300)) for n in range(6)], sitemap("/stories", iso())),
    has(f"{G}/stories"),
    more={
        **{f"/newsletter-{n}": urlset(url(f"{G}/nl{n}", iso(300))) for n in range(6)},
        "/stories": urlset(url(f"{G}/stories", iso())),
    },
)
case(
    "ix_host_named_news",
    "an index of several kinds of children",
    index(*[sitemap(f"/newsite/{y}.xml", f"{y}-12-31") for y in YEARS]),
    has(f"{G}/n2026"),
    more=by_year("newsite/", ".xml", "n"),
)
case(
    "ix_taxonomy_same_age",
    "an index of several kinds of children",
    index(
        *[
            sitemap(f"/{t}-sitemap.xml", iso(0.1))
            for t in ("author", "category", "event", "gallery", "page", "place", "post", "post_tag")
        ]
    ),
    has(f"{G}/post"),
    more={
        **{
            f"/{t}-sitemap.xml": urlset(url(f"{G}/{t}", iso(400)))
            for t in ("author", "category", "event", "gallery", "page", "place", "post_tag")
        },
        "/post-sitemap.xml": urlset(url(f"{G}/post", iso(0.1))),
    },
)

# --- feeds over HTTP

case(
    "h_403_html",
    "a source that refuses",
    "<html>no</html>",
    lambda polled: reason(polled, "http_403"),
    status="403 Forbidden",
)
case(
    "h_feed_gone_410",
    "a source that is gone",
    "",
    lambda polled: reason(polled, "http_410"),
    status="410 Gone",
)
case(
    "h_feed_Charset_capital",
    "a charset named in capitals",
    rss(title="Příliš žluťoučký", head='<?xml version="1.0"?>').encode("iso-8859-2"),
    title("Příliš žluťoučký"),
    ct="text/xml; Charset=ISO-8859-2",
)
case(
    "h_feed_latin1_header_utf8",
    "a label that lies",
    rss(f"{G}/größe", "Größe"),
    [f"{G}/gr%C3%B6%C3%9Fe"],
    ct="text/xml; charset=ISO-8859-1",
)
case(
    "h_feed_latin1_header_utf8_nodecl",
    "a label that lies",
    rss(f"{G}/größe", "Größe", head='<?xml version="1.0"?>'),
    [f"{G}/gr%C3%B6%C3%9Fe"],
    ct="text/xml; charset=ISO-8859-1",
)
case(
    "h_feed_one_bad_byte_url",
    "one bad byte in UTF-8",
    rss(f"{G}/größe", "Größe", more="<description>abgeschnitten bei X</description>")
    .encode()
    .replace(b"X</desc", b"\xc3</desc"),
    [f"{G}/gr%C3%B6%C3%9Fe"],
)
case(
    "h_yandex_related",
    "a link within another element of the item",
    rss(
        title="Паром",
        ns=' xmlns:yandex="http://news.yandex.ru"',
        more='<yandex:related type="infinity"><link url="https://gazette.example/b">Другая новость '
        "дня</link></yandex:related>",
    ),
    [A],
)
case(
    "h_yandex_related_two",
    "a link within another element of the item",
    rss(
        title="Паром",
        ns=' xmlns:yandex="http://news.yandex.ru"',
        more='<yandex:related><link url="https://gazette.example/b" '
        'img="https://cdn.example/b.jpg">Ещё</link><link url="https://gazette.example/c">И '
        "ещё</link></yandex:related><pubDate>Sun, 01 Mar 2026 10:00:00 +0300</pubDate>",
    ),
    [A],
)
case(
    "h_mrss_related",
    "a link within another element of the item",
    rss(
        ns=' xmlns:x="http://x.example/"',
        more="<x:related><x:item><x:title>o</x:title><x:link>https://gazette.example/b</x:link></x:item></x:r"
        "elated>",
    ),
    [A],
)

# --- how long a source is left alone: what it asks for, within bounds; the poll is recorded

waits("ra_source_year", "a server that asks for a wait without end", "31536000", "429 Too Many Requests")
waits("ra_source_1e11", "a server that asks for a wait without end", "99999999999", "503 Service Unavailable")
waits("ra_source_1e30", "a server that asks for a wait without end", "9" * 30, "503 Service Unavailable")
waits("ra_source_1e400", "a server that asks for a wait without end", "9" * 400, "429 Too Many Requests")
waits("ra_source_negative", "a wait that is none", "-5", "429 Too Many Requests")

# --- a poll that is published with others

together(
    "json_lone_surrogate_in_company",
    "a lone surrogate in JSON Feed",
    b'{"version":"https://jsonfeed.org/version/1.1","title":"G","items":[{"id":"1",'
    b'"url":"https://gazette.example/c","title":"Ferry \\ud83d"}]}',
    "application/feed+json",
    [f"{G}/c"],
)


def reason(polled: SourcePolled, wanted: str) -> None:
    assert polled.reason == wanted


@DATED.each()
def test_the_age_of_a_page(name: str) -> None:
    _, (lastmod, right), _ = DATED[name]
    now = datetime(2026, 3, 2, 12, tzinfo=UTC)
    check(
        listed(
            urlset(url(A, lastmod), url(B, "2026-03-02T09:00:00+00:00")), base=f"{G}/sitemap.xml", now=now
        ),
        right,
    )


def filled(body: Any, site: Site) -> bytes:
    body = body() if callable(body) else body
    return body if isinstance(body, bytes) else body.replace("{site}", site.url).encode()


@CASES.each()
def test_source(name: str, site: Site) -> None:
    _, (body, right), more = CASES[name]
    path, ct = more.get("path", "/" + name), more.get("ct", "application/xml")
    site.routes[path] = whole(
        filled(body, site), *more.get("lines", ()), ct=ct, status=more.get("status", "200 OK")
    )
    for child, content in more.get("more", {}).items():
        site.routes[child] = whole(filled(content, site), ct=ct)
    check(poll(site, path), right, site)


@WAITS.each()
def test_next_poll(name: str, site: Site, pool: ConnectionPool) -> None:
    _, (asked, status), _ = WAITS[name]
    site.routes["/feed"] = whole(b"busy", b"Retry-After: " + asked.encode("latin-1"), status=status)
    with pool.connection() as connection:
        sources.add(connection, site.url + "/feed")
        (one,) = sources.due(connection)
    polled = carried(Poller(fetcher()).poll(one))
    assert polled.reason == f"http_{status[:3]}", polled.detail
    with pool.connection() as connection:
        sources.settle(connection, polled)
        row = connection.execute(
            "SELECT next_poll_at - now(), errors_in_row, last_polled_at FROM sources"
        ).fetchone()
    assert row is not None
    assert timedelta(0) < row[0] <= timedelta(days=7), row[0]
    assert row[1] == 1
    assert row[2] is not None
    if asked == "3600":
        assert row[0] > timedelta(minutes=59)


@TOGETHER.each()
def test_polls_published_together(name: str, site: Site, redis_server: EmbeddedRedis, redis: Redis) -> None:
    """One poll must not take down those that are published with it."""
    _, (body, ct, right), _ = TOGETHER[name]
    site.routes |= {
        "/1": whole(rss(A), ct="application/xml"),
        "/2": whole(body, ct=ct),
        "/3": whole(rss(B), ct="application/xml"),
    }
    one = Poller(fetcher())
    polled = [one.poll(due(site.url + path)) for path in ("/1", "/2", "/3")]
    assert [urls_of(p) for p in polled] == [[A], right, [B]]
    batcher = Batcher(Publisher(make_app("test", redis_server.url)), wait_s=0.2, limit=40)
    sent = [batcher.send(p) for p in polled]
    assert not wait(sent, timeout=60).not_done
    assert [future.exception() for future in sent] == [None, None, None]
