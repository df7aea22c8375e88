"""Lists of feeds from other readers: `dateline sources add --opml` takes every feed that can be read.

Each case: a name, its kind in general words, the file, the feeds that are right.
"""

from __future__ import annotations

from pathlib import Path

import psycopg

from tests.intakes.local_site import Cases, dateline, fell

CASES = Cases()
case = CASES.add
DECL = '<?xml version="1.0" encoding="UTF-8"?>'
URL = "https://gazette.example/feed"
FEED = f'<outline type="rss" text="Gazette" title="Gazette" xmlUrl="{URL}"/>'


def opml(body: str, head: str = DECL, more: str = "") -> str:
    return f'{head}<opml{more} version="2.0"><head><title>x</title></head><body>{body}</body></opml>'


def outline(text: str = "A", url: str = URL, more: str = "") -> str:
    return f'<outline{more} type="rss" text="{text}" xmlUrl="{url}"/>'


case("plain", "a list", opml(FEED), [URL])
case(
    "nested",
    "a list with folders",
    opml(f'<outline text="News"><outline text="EU">{FEED}</outline></outline>'),
    [URL],
)
case("text_only", "a list", opml(outline("Gazette")), [URL])
case(
    "raw_ampersand_title",
    "one flaw in a list's XML",
    opml(outline("Arts & Books", "https://gazette.example/arts") + FEED),
    ["https://gazette.example/arts", URL],
)
case("leading_blank", "one flaw in a list's XML", "\n" + opml(FEED), [URL])
case("bom_blank", "one flaw in a list's XML", "\ufeff\n" + opml(FEED), [URL])
case(
    "namespaced_nested",
    "a list in a namespace",
    opml(
        f'<outline text="News">{FEED}</outline>' + outline("B", "https://gazette.example/b"),
        more=' xmlns="http://www.opml.org/spec2" xmlns:x="http://x.example/"',
    ),
    [URL, "https://gazette.example/b"],
)
case("control_char", "one flaw in a list's XML", opml(outline("A \x0b B")), [URL])
case(
    "feed_scheme",
    "the scheme feed:",
    opml(outline(url="feed://gazette.example/feed") + outline("B", "https://gazette.example/b")),
    ["http://gazette.example/feed", "https://gazette.example/b"],
)
case("junk_after", "one flaw in a list's XML", opml(FEED) + "\nthanks", [URL])
case("unquoted_lt", "one flaw in a list's XML", opml(outline("a < b")), [URL])
case(
    "doctype",
    "a document type",
    opml(FEED, head=DECL + '<!DOCTYPE opml SYSTEM "http://opml.example/opml.dtd">'),
    [URL],
)
case("empty_url", "an entry without an address", opml(outline(url="") + FEED), [URL])
case(
    "percent_colon_host_entry",
    "a percent-encoded colon in a host",
    opml(outline(url="http://gazette.example%3A8080/feed") + FEED),
    [URL],
)


@CASES.each()
def test_opml(name: str, database_url: str, tmp_path: Path) -> None:
    _, (content, right), _ = CASES[name]
    path = tmp_path / "feeds.opml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    done = dateline("sources", "add", "--opml", str(path), env={"DATELINE_DATABASE_URL": database_url})
    with psycopg.connect(database_url) as connection:
        found = [url for (url,) in connection.execute("SELECT url FROM sources ORDER BY id")]
    # Of feed: alone it cannot be seen whether http or https is meant.
    plain = [url.replace("http://", "https://") for url in found]
    assert plain == [url.replace("http://", "https://") for url in right], fell(done)
