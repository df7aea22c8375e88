"""Feeds with every flaw that sites give them: links as they are, one bad item costs itself, text in its
encoding."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contract.envelopes import encode_item
from services.contract.errors import PermanentError
from services.ingest.fetch import Fetched
from services.ingest.sources.feeds import read_feed, read_json_feed
from services.ingest.sources.listing import Listing
from services.ingest.sources.poll import read as read_answer
from tests.thinning import examples

NOW = datetime(2026, 9, 1, tzinfo=UTC)
FEED = "https://tidings.example/rss/feed.xml"
A, B = "https://tidings.example/a", "https://tidings.example/b"


def _rss(
    *items: str, declared: str = "UTF-8", ns: str = "", channel: str = "<link>https://tidings.example/</link>"
) -> str:
    return (
        f'<?xml version="1.0" encoding="{declared}"?><rss '
        f'version="2.0"{ns}><channel><title>Tidings</title>{channel}'
        f"{''.join(items)}</channel></rss>"
    )


def _item(link: str = A, more: str = "") -> str:
    return f"<item><title>t</title><link>{link}</link>{more}</item>"


def _atom(*entries: str, more: str = "", head: str = "") -> str:
    return f'<feed xmlns="http://www.w3.org/2005/Atom"{more}><title>Tidings</title>{head}{"".join(entries)}</feed>'


def _entry(links: str, title: str = "<title>t</title>") -> str:
    return f"<entry><id>tag:1</id>{title}{links}</entry>"


def _read(body: str | bytes, charset: str | None = None, url: str = FEED) -> Listing:
    return read_feed(body.encode() if isinstance(body, str) else body, url, charset, NOW)


def _urls(body: str | bytes, charset: str | None = None, url: str = FEED) -> list[str]:
    return [entry.url for entry in _read(body, charset, url).entries]


def _title(body: str | bytes, charset: str | None = None) -> str | None:
    return _read(body, charset).entries[0].hints.title


def _json(*items: Any, **more: Any) -> bytes:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": list(items), **more}).encode()


@pytest.mark.parametrize(
    "name", ["section", "copy", "para", "region", "notin", "times", "lt", "amp", "param", "sect"]
)
@pytest.mark.parametrize("form", ["&amp;", "&#38;", "&#x26;", "&amp;amp;", "&amp;#038;", "&"])
def test_a_query_that_looks_like_a_reference_stays_as_it_is(form: str, name: str) -> None:
    wanted = [f"https://tidings.example/s?id=7&{name}=1"]
    assert _urls(_rss(_item(f"https://tidings.example/s?id=7{form}{name}=1"))) == wanted
    assert _urls(_atom(_entry(f'<link href="https://tidings.example/s?id=7{form}{name}=1"/>'))) == wanted
    assert [e.url for e in read_json_feed(_json({"url": wanted[0]}), FEED, NOW).entries] == wanted


OTHERS = {
    "a related story": "<related><link>https://tidings.example/other</link></related>",
    "an author's page": "<x:author "
    'xmlns:x="http://x.example/"><x:link>https://tidings.example/who</x:link></x:author>',
    "a namespace that is not declared": "<yandex:related><link>https://tidings.example/other</link></yandex:r"
    "elated>",
    "a group of media": "<media:group><media:content><link>https://cdn.example/1</link></media:content></medi"
    "a:group>",
    "another feed": '<source url="https://other.example/feed"><link>https://other.example/</link></source>',
    "an item in an item": "<related><item><link>https://tidings.example/other</link></item></related>",
    "a picture": "<image><url>https://cdn.example/1.jpg</url><link>https://cdn.example/1</link></image>",
    "itself": '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="self" '
    'href="https://tidings.example/api"/>',
    "a number": "<guid>12345</guid>",
    "a permalink of another form": '<guid isPermaLink="true">https://tidings.example/?p=1</guid>',
}


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("first", [True, False])
def test_only_an_items_own_link_is_its_link(other: str, first: bool) -> None:
    parts = [OTHERS[other], f"<link>{A}</link>"]
    inner = "".join(parts if first else reversed(parts))
    assert _urls(_rss(f"<item><title>t</title>{inner}</item>", _item(B))) == [A, B]


@pytest.mark.parametrize(
    ("inner", "wanted"),
    [
        (f"<link>{A}<guid>5</guid><pubDate>Sun, 30 Aug 2026 10:30:00 GMT</pubDate>", A),
        (f"<link/>{A}<pubDate>Sun, 30 Aug 2026 10:30:00 GMT</pubDate>", A),
        (f'<link><a href="{A}">here</a></link>', A),
        (f"<link> <![CDATA[\n{A}?x=1&amp;section=2 ]]></link>", f"{A}?x=1&section=2"),
        ("<link>www.tidings.example/a</link>", "https://www.tidings.example/a"),
        ("<link>http:///tidings.example/a</link>", "http://tidings.example/a"),
        ("<link>https:/tidings.example/a</link>", A),
        ("<link>https//tidings.example/a</link>", A),
        ("<link>http://https://tidings.example/a</link>", A),
        ("<link>https://user:secret@tidings.example/a</link>", A),
        ("<link>https://tidings.example/a b</link>", "https://tidings.example/a%20b"),
        ("<link></link><link>https://tidings.example/a</link>", A),
        ("<link>javascript:void(0)</link><guid>https://tidings.example/a</guid>", A),
    ],
)
def test_a_link_that_is_written_badly_is_still_one(inner: str, wanted: str) -> None:
    listing = _read(_rss(f"<item><title>t</title>{inner}</item>", _item(B)))
    assert [entry.url for entry in listing.entries] == [wanted, B]
    assert bool(listing.entries[0].hints.published_at) == ("<pubDate>" in inner)


def test_an_id_that_is_no_url_is_no_link() -> None:
    for guid in (
        "<guid>12345</guid>",
        '<guid isPermaLink="false">https://tidings.example/1</guid>',
        "<guid>tag:x,2026:1</guid>",
    ):
        assert _urls(_rss(f"<item><title>t</title>{guid}</item>")) == []
    assert _urls(_rss(f"<item><guid>{A}</guid></item>")) == [A]
    assert read_json_feed(_json({"id": "post-1"}, {"id": 5}, {"id": A}), FEED, NOW).entries[0].url == A


def test_of_several_links_the_page_is_taken() -> None:
    links = "".join(
        f'<link rel="{rel}" type="{kind}" href="https://tidings.example/{rel}"/>'
        for rel, kind in (
            ("edit", ""),
            ("self", "application/atom+xml"),
            ("enclosure", "audio/mpeg"),
            ("related", "text/html"),
        )
    )
    page = f'<link rel="http://www.iana.org/assignments/relation/alternate" type="text/html" href="{A}"/>'
    other = f'<link rel="alternate" type="application/json" href="{A}.json"/>'
    assert _urls(_atom(_entry(links + other + page))) == [A]


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        (_rss(_item("/local/a")), "https://tidings.example/local/a"),
        (_rss(_item("a.html")), "https://tidings.example/a.html"),
        (_rss(_item("//tidings.example/a")), A),
        (_rss(_item("a.html"), channel="<link>https://www.tidings.example/news/</link>"),
        "https://www.tidings.example/news/a.html"),
        (_rss(_item("a.html"), channel=""), "https://tidings.example/rss/a.html"),
        (_rss(_item("a.html"), ns=' xml:base="https://base.example/x/"'), "https://base.example/x/a.html"),
        (_atom(_entry('<link href="a.html"/>')), "https://tidings.example/rss/a.html"),
        (_atom(_entry('<link xml:base="y/" href="a.html"/>'), more=' xml:base="https://base.example/x/"'),
        "https://base.example/x/y/a.html"),
        (_atom(_entry('<link href="/a"/>'), head='<link href="https://site.example/"/>'),
        "https://site.example/a"),
    ],
)  # fmt: skip
def test_relative_links_go_out_from_the_nearest_base(body: str, wanted: str) -> None:
    assert _urls(body) == [wanted]


@pytest.mark.parametrize(
    ("link", "wanted"),
    [
        ("https://www.google.com/url?rct=j&sa=t&url=https://tidings.example/a&ct=ga&cd=CAI&usg=AOv", A),
        ("https://www.google.co.uk/url?sa=t&q=https%3A%2F%2Ftidings.example%2Fa&usg=AOv", A),
        ("https://www.google.de/url?url=https://tidings.example/s.php%3Fid%3D7%26section%3Dx&ct=ga",
        "https://tidings.example/s.php?id=7&section=x"),
        ("https://www.google.com/url?url=https://tidings.example/s.php?id=7&section=x&ct=ga&cd=1",
        "https://tidings.example/s.php?id=7&section=x"),
        ("https://www.google.com/url?url=https://tidings.example/%25D0%25B0&ct=ga",
        "https://tidings.example/%D0%B0"),
        ("http://www.bing.com/news/apiclick.aspx?ref=FexRss&aid=&url=https%3a%2f%2ftidings.example%2fa&c=1&mk"
            "t=en-us", A),
        ("https://l.facebook.com/l.php?u=https%3A%2F%2Ftidings.example%2Fa&h=AT0", A),
        ("https://yandex.ru/clck/jsredir?from=x&url=https%3A%2F%2Ftidings.example%2Fa", A),
        ("https://duckduckgo.com/l/?uddg=https%3A%2F%2Ftidings.example%2Fa", A),
        ("https://www.google.com/amp/s/tidings.example/a", A),
        ("https://us.rd.yahoo.com/dailynews/rss/*https://tidings.example/a", A),
        ("https://www.google.com/url?url=javascript:alert(1)&ct=ga",
        "https://www.google.com/url?url=javascript:alert(1)&ct=ga"),
        ("https://tidings.example/share?url=https://other.example/",
        "https://tidings.example/share?url=https://other.example/"),
        ("https://notgoogle.com/url?url=https://other.example/",
        "https://notgoogle.com/url?url=https://other.example/"),
    ],
)  # fmt: skip
def test_a_wrapped_link_is_the_page_that_it_leads_to(link: str, wanted: str) -> None:
    assert _urls(_atom(_entry(f'<link href="{link.replace("&", "&amp;")}"/>'))) == [wanted]


BING = "https://www.bing.com/ck/a?!&amp;&amp;p=ab12&amp;u=a1aHR0cHM6Ly90aWRpbmdzLmV4YW1wbGUvYQ&amp;ntb=1"


@pytest.mark.parametrize(
    "inner",
    [
        f"<link>{BING}</link>",
        f"<link>\u200b{A}\u200b</link>",
        f"<link>\u00a0{A}\ufeff</link>",
        f'<link>"{A}"</link>',
        f"<link>&lt;{A}&gt;</link>",
        '<guid isPermaLink="true">/a</guid>',
        f"<title>t<link>{A}</link>",
        f"<title>t<guid>{A}</guid>",
    ],
)
def test_a_link_in_odd_company_is_found(inner: str) -> None:
    assert _urls(_rss(f"<item>{inner}</item>", _item(B))) == [A, B]


def test_a_relative_id_is_a_link_only_where_it_says_so() -> None:
    assert (
        _urls(_rss("<item><guid>/a</guid></item>", '<item><guid isPermaLink="false">/b</guid></item>')) == []
    )


def test_a_line_break_in_a_title_parts_its_words() -> None:
    assert _title(_rss(f"<item><title>Ferry<br/>strike</title><link>{A}</link></item>")) == "Ferry strike"


BAD_ITEMS = {
    "a port in the host": "<item><link>http://host%3A8080/x</link></item>",
    "brackets in the host": "<item><link>http://[::1/x</link></item>",
    "a port that is none": "<item><link>http://host:99999999/x</link></item>",
    "an invisible host": "<item><link>https://\u200b/</link></item>",
    "no link": "<item><title>only words</title></item>",
    "a script": "<item><link>javascript:alert(1)</link></item>",
    "a long link": f"<item><link>https://tidings.example/{'x' * 9000}</link></item>",
    "deep nesting": f"<item>{'<d>' * 5000}<link>https://x.example/</link></item>",
    "an end that is missing": "<item><title>lost<b></title>",
    "ends of nothing": "<item></p></channel-x></b></item>",
    "numbers of no kind": '<item><gml:Point srsName="urn::abc"/><psc:chapter start="xx"/><enclosure '
    'length="abc" url="x"/></item>',
    "halves of a character": "<item><title>&#xD83D; "
    "&#xDE00;</title><link>https://\ud83d.example/</link></item>",
}


@pytest.mark.parametrize("bad", BAD_ITEMS)
def test_one_bad_item_costs_that_item(bad: str) -> None:
    body = _rss(_item(A), BAD_ITEMS[bad], _item(B)).encode("utf-8", "surrogatepass")
    assert _urls(body) == [A, B]


BAD_JSON_ITEMS: tuple[Any, ...] = (
    "words", 5, None, [], {}, {"url": 5}, {"url": ["x"]}, {"id": 1}, {"url": "http://host%3A8080/x"},
    {"url": "\ud83d"}, {"url": "https://\ud83d/"},
)  # fmt: skip
ODD_VALUES: tuple[Any, ...] = (
    5,
    1e400,
    True,
    None,
    "x",
    [[["x"]]],
    {"name": 5},
    {"name": ["x"]},
    [5, None],
    [{"name": {}}],
    {"a": {"b": []}},
)


@pytest.mark.parametrize("bad", BAD_JSON_ITEMS, ids=range(len(BAD_JSON_ITEMS)))
def test_one_bad_item_of_a_json_feed_costs_that_item(bad: Any) -> None:
    assert [e.url for e in read_json_feed(_json({"url": A}, bad, {"url": B}), FEED, NOW).entries] == [A, B]


@pytest.mark.parametrize(
    "key", ["title", "authors", "author", "tags", "date_published", "language", "id", "external_url"]
)
@pytest.mark.parametrize("value", ODD_VALUES, ids=range(len(ODD_VALUES)))
def test_a_value_of_another_type_in_a_json_feed_costs_itself(key: str, value: Any) -> None:
    listing = read_json_feed(_json({"url": A, key: value}, {"url": B}, **{key: value}), FEED, NOW)
    assert [e.url for e in listing.entries] == [A, B]
    assert encode_item(listing.entries[0])


def test_a_json_feed_that_breaks_off_keeps_its_whole_items() -> None:
    body = _json({"url": A}, {"url": B}, {"url": "https://tidings.example/c"})
    assert [e.url for e in read_json_feed(body[: body.index(b"/c")], FEED, NOW).entries] == [A, B]
    assert [e.url for e in read_json_feed(b"\xef\xbb\xbf" + body + b"\n<!-- cached -->", FEED, NOW).entries][
        :2
    ] == [
        A,
        B,
    ]


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        (")]}'\n", ""),
        ("Warning: Undefined index in /srv/feed.php on line 3\n", ""),
        ("<br />\n<b>Notice</b>: x in <b>/srv/feed.php</b> on line <b>3</b><br />\n", "<!-- 0.2 s -->"),
        ("callback(", ");"),
        ("/**/ news.show(", ")"),
    ],
)
def test_what_stands_around_a_json_feed_is_passed_over(before: str, behind: str) -> None:
    body = before.encode() + _json({"id": "1", "url": A}, {"id": "2", "url": B}) + behind.encode()
    answer = Fetched(
        url=FEED, status=200, body=body, charset=None, fetched_at=NOW, elapsed_ms=0.0, kind="text/html"
    )
    assert [entry.url for entry in read_answer(answer, "auto", NOW).entries] == [A, B]


def test_halves_of_characters_and_controls_reach_no_message() -> None:
    body = b'{"items":[{"url":"https://tidings.example/a","title":"Ferry \\ud83d\\u0000\\u001f","tags":["\\udc00"]}]}'  # noqa: E501
    (entry,) = read_json_feed(body, FEED, NOW).entries
    assert entry.hints.title == "Ferry \ufffd"
    assert encode_item(entry)


LETTERS = {
    "&#xD83D;&#xDE00; up": "\U0001f600 up",
    "Ferry &#x1F;&#0;&#11; strike": "Ferry strike",
    "Ferry &#99999999999; strike": "Ferry \ufffd strike",
    "Caf&eacute;&nbsp;&ndash; life&hellip;": "Café – life…",
    "Price &#128;5": "Price €5",
    "Marks & Spencer &amp; sons": "Marks & Spencer & sons",
    "AT&T and R&D; the &bogus; one": "AT&T and R&D; the &bogus; one",
    "Inflation &lt; 2%, growth &gt; 3% says bank": "Inflation < 2%, growth > 3% says bank",
    "Inflation < 2%, growth > 3% says bank": "Inflation < 2%, growth > 3% says bank",
    "&lt;b&gt;Ferry&lt;/b&gt; strike": "Ferry strike",
    "H&lt;sub&gt;2&lt;/sub&gt;O&lt;br/&gt;now": "H2O now",
    "&amp;lt;b&amp;gt;Ferry&amp;lt;/b&amp;gt; strike": "Ferry strike",
    "Why List&lt;String&gt; is slow": "Why List<String> is slow",
    "<![CDATA[Fish &amp; <i>chips</i>]]>": "Fish & chips",
    "Fish &amp;amp;amp; chips": "Fish & chips",
    "a <b>b</b> c": "a b c",
    "Ferry &lt;script type='text/javascript'&gt;go('/x');&lt;/script&gt; strike": "Ferry strike",
    "<![CDATA[Ferry <STYLE>b { color: red }</STYLE>strike]]>": "Ferry strike",
    "Ferry <script>go()</script> strike": "Ferry strike",
    "<![CDATA[How the <script> tag works]]>": "How the tag works",
}


@pytest.mark.parametrize("written", LETTERS)
def test_a_title_is_what_a_reader_would_see(written: str) -> None:
    assert _title(_rss(f"<item><title>{written}</title><link>{A}</link></item>")) == LETTERS[written]


@pytest.mark.parametrize(
    ("title", "wanted"),
    [
        ('<title type="text">a &lt;b&gt; b</title>', "a <b> b"),
        ('<title type="html">a &lt;b&gt; b</title>', "a b"),
        ('<title type="html">a &amp;lt;b&amp;gt; b</title>', "a <b> b"),
        (
            '<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">a <i>b</i> &lt;c&gt;</div></title>',  # noqa: E501
            "a b <c>",
        ),
        ('<title type="application/xhtml+xml"><div>a <i>b</i> &lt;br&gt;</div></title>', "a b <br>"),
        ('<title type="application/xhtml+xml" mode="escaped">a &lt;i&gt;b&lt;/i&gt;</title>', "a b"),
        (
            '<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">a<script>go()</script> '
            "b</div></title>",
            "a b",
        ),
    ],
)
def test_a_title_of_atom_is_text_or_html_as_it_says(title: str, wanted: str) -> None:
    assert _title(_atom(_entry(f'<link href="{A}"/>', title))) == wanted


ENCODINGS = [
    ("Größe “heute” – gut", "utf-8", "UTF-8", "ISO-8859-1"),
    ("Größe “heute” – gut", "utf-8", "ISO-8859-1", None),
    ("Größe “heute” – gut", "utf-8", "UTF-16", None),
    ("Größe “heute” – gut", "utf-8", "x-nonsense", "also-none"),
    ("Größe “heute” – gut", "cp1252", "ISO-8859-1", None),
    ("Größe “heute” – gut", "cp1252", "UTF-8", None),
    ("Größe “heute” – gut", "utf-16", "UTF-16", None),
    ("Größe “heute” – gut", "utf-16-le", "UTF-16", None),
    ("Größe “heute” – gut", "utf-16-be", "UTF-16", None),
    ("Größe “heute” – gut", "utf-32", "UTF-32", None),
    ("Забастовка в порту", "koi8-r", "KOI8-R", None),
    ("Забастовка в порту", "cp1251", "windows-1251", "ISO-8859-1"),
    ("Забастовка в порту", "cp1251", "UTF-8", "windows-1251"),
    ("港のストライキ", "euc-jp", "EUC-JP", None),
    ("港のストライキ", "cp932", "Shift_JIS", None),
    ("朱镕基", "gbk", "gb2312", None),
    ("港口罷工", "big5", "big5", None),
    ("항구 파업", "euc-kr", "euc-kr", None),
    ("港のストライキ", "iso-2022-jp", "ISO-2022-JP", None),
    ("ท่าเรือ หยุดงาน", "cp874", "TIS-620", None),
    ("Λιμάνι", "iso-8859-7", "ISO-8859-7", None),
]


@pytest.mark.parametrize(("title", "encoding", "declared", "charset"), ENCODINGS)
def test_the_encoding_is_seen_whatever_the_labels_say(
    title: str, encoding: str, declared: str, charset: str | None
) -> None:
    body = _rss(f"<item><title>{title}</title><link>{A}</link></item>", declared=declared).encode(encoding)
    assert _title(body, charset) == title


@pytest.mark.parametrize("bad", [b"\xc3", b"\xff", b"\xe2\x80"])
def test_one_bad_byte_is_one_replacement_mark(bad: bytes) -> None:
    items = (
        _item(f"{A}/größe", "<description>abcut</description>"),
        f"<item><title>Bäcker</title><link>{B}</link></item>",
    )
    listing = _read(_rss(*items).encode().replace(b"abcut", b"ab" + bad + b" cut"))
    assert [entry.url for entry in listing.entries] == [f"{A}/gr%C3%B6%C3%9Fe", B]
    assert listing.entries[1].hints.title == "Bäcker"


def test_half_damaged_text_that_says_utf_8_is_that() -> None:
    body = _rss(f"<item><title>Größe</title><link>{A}</link></item>").encode().replace("ö".encode(), b"\xf6")
    assert _title(body) == "Gr\ufffdße"


BEFORE = (
    "\n\n  ",
    "\ufeff\ufeff",
    "<!-- cached <rss> -->",
    "Warning: x in /srv/feed.php on line 12\n",
    "<br /><b>Notice</b>: x<br />",
    '<!DOCTYPE rss [<!ENTITY nbsp "&#160;"><!ENTITY path "C:\\\\data">]>',
    "<?xml-stylesheet href='x'?>",
    "\0",
    "<!--" + "x " * 1500 + "-->",
)


@pytest.mark.parametrize("before", BEFORE, ids=range(len(BEFORE)))
@pytest.mark.parametrize("after", ["", "\n<!-- 0.12 s -->", "<script>1</script>", "junk & <more", "\0\0"])
def test_what_stands_around_a_feed_is_passed_over(before: str, after: str) -> None:
    assert _urls(before + _rss(_item(A), _item(B)) + after) == [A, B]


def test_a_feed_that_breaks_off_keeps_its_whole_items() -> None:
    body = _rss(_item(A), _item(B), _item("https://tidings.example/c"))
    assert _urls(body[: body.rindex("https://tidings.example/c")]) == [A, B]


@pytest.mark.parametrize("cut", ["/long-name", "-name", "</link"])
def test_half_an_address_at_the_end_is_no_link(cut: str) -> None:
    body = _rss(_item(A), _item("https://tidings.example/long-name"))
    assert _urls(body[: body.index(cut, body.index("long-name") - 2)]) == [A]


def test_a_feeds_own_entities_stand_for_their_text() -> None:
    doctype = '<!DOCTYPE rss [<!ENTITY site "https://tidings.example"> <!ENTITY co "Fish &amp; Co">]>'
    body = doctype + _rss("<item><title>&co;</title><link>&site;/a</link></item>")
    assert (_urls(body), _title(body)) == ([A], "Fish & Co")


def test_entities_that_multiply_or_load_are_text() -> None:
    laughs = (
        '<!DOCTYPE a [<!ENTITY a "ha">'
        + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 20}">' for n in range(8))
        + "]>"
    )
    outside = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    assert len(_title(laughs + _rss(f"<item><title>&h;</title><link>{A}</link></item>")) or "") < 200
    assert _title(outside + _rss(f"<item><title>&x;</title><link>{A}</link></item>")) == "&x;"


def test_names_in_capitals_and_prefixes_of_a_feeds_own() -> None:
    assert _urls(_rss(_item(A)).upper().replace(A.upper(), A)) == [A]
    prefixed = f'<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:entry><a:title>t</a:title><a:link href="{A}"/></a:entry></a:feed>'  # noqa: E501
    assert _urls(prefixed) == [A]


@pytest.mark.parametrize(
    ("more", "authors", "keywords"),
    [
        ("<author><p>Ann Lee</p></author>", ["Ann Lee"], []),
        ("<dc:creator><span>Ann</span> Lee</dc:creator>", ["Ann Lee"], []),
        ("<author><email>ann@tidings.example</email><uri>https://tidings.example/ann</uri></author>", [], []),
        ("<author>Ann Lee<url>https://tidings.example/ann</url></author>", ["Ann Lee"], []),
        ("<category><b>World</b> affairs</category>", [], ["World affairs"]),
    ],
)
def test_markup_around_a_name_or_a_category_is_left_out(
    more: str, authors: list[str], keywords: list[str]
) -> None:
    hints = _read(_rss(_item(more=more))).entries[0].hints
    assert (hints.authors, hints.keywords) == (authors, keywords)


def test_dates_authors_and_keywords_of_every_kind_are_read() -> None:
    (entry,) = _read(
        _rss(
            _item(
                A,
                "<pubDate>0000-00-00</pubDate><dc:date>2026-08-30T10:30:00Z</dc:date><author>desk@tidings.exa"
                "mple (Ana Brandt)</author>"
                "<category>strikes</category><category>ports</category><category>ports</category><dc:language"
                ">en-GB</dc:language>",
            ),
            ns=' xmlns:dc="http://purl.org/dc/elements/1.1/"',
        )
    ).entries
    assert entry.hints.published_at == datetime(2026, 8, 30, 10, 30, tzinfo=UTC)
    assert (entry.hints.authors, entry.hints.keywords, entry.hints.language) == (
        ["Ana Brandt"],
        ["strikes", "ports"],
        "en",
    )


@pytest.mark.parametrize(
    "body", ["", "Sorry, nothing here.", "<a/>", "<html><body>x</body></html>", "<urlset/>", "\0"]
)
def test_what_is_no_feed_is_refused(body: str) -> None:
    with pytest.raises(PermanentError) as caught:
        _read(body)
    assert caught.value.reason == "bad_feed"


PIECES = st.sampled_from([
    "<item>", "</item>", "<link>", "</link>", "<title>", "</title>", "<![CDATA[", "]]>", "<!--", "-->",
    "&#xD83D;", "&amp;", "&", "<", ">",
    '"', "'", "<a b='", "\ud83d", "\0", "<channel>", "</channel>", "<entry>", "<pubDate>30 Feb",
    "https://x.example/a", "http://[", "xml:base='//['",
    "<!DOCTYPE a [", "]>", "<?", "?>", "http://host%3A8080/x", "&#99999999999;", 'xmlns:a="', "=",
])  # fmt: skip
FEEDS = (
    _rss(_item(A, "<pubDate>Sun, 30 Aug 2026 10:30:00 GMT</pubDate>"), _item(B)),
    _atom(_entry(f'<link href="{A}"/>')),
    _json({"url": A}).decode(),
)


@settings(max_examples=examples(150), deadline=None)
@given(
    st.sampled_from(FEEDS),
    st.lists(st.tuples(st.floats(0, 1), PIECES), max_size=8),
    st.binary(max_size=6),
    st.floats(0, 1),
)
def test_a_damaged_feed_is_read_or_refused(
    feed: str, pieces: list[tuple[float, str]], raw: bytes, where: float
) -> None:
    for place, piece in pieces:
        at = int(place * len(feed))
        feed = feed[:at] + piece + feed[at:]
    body = feed.encode("utf-8", "surrogatepass")
    at = int(where * len(body))
    _never_raises(body[:at] + raw + body[at:])


@settings(max_examples=examples(100), deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.lists(PIECES, max_size=40)
        .map(lambda found: "<rss>" + "".join(found))
        .map(lambda t: t.encode("utf-8", "replace")),
    )
)
def test_any_bytes_are_a_feed_or_refused(body: bytes) -> None:
    _never_raises(body)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20),
    st.just("https://x.example/a"), st.just("\ud83d")),
    lambda inner: st.one_of(st.lists(inner, max_size=4),
    st.dictionaries(st.sampled_from(["name", "url", "title", "id", "authors", "tags", "x"]), inner,
    max_size=4)),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=examples(100), deadline=None)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(
                ["url", "id", "title", "authors", "author", "tags", "date_published", "language"]
            ),
            JSON,
        ),
        max_size=4,
    ),
    JSON,
)
def test_any_values_are_a_json_feed(items: list[Any], language: Any) -> None:
    listing = read_json_feed(
        _json(*items, language=language, title=language, home_page_url=language), FEED, NOW
    )
    assert all(encode_item(entry) for entry in listing.entries)


def _never_raises(body: bytes) -> None:
    for read in (lambda: read_feed(body, FEED, None, NOW), lambda: read_json_feed(body, FEED, NOW)):
        try:
            listing = read()
        except PermanentError as error:
            assert str(error).encode()
        else:
            assert all(encode_item(entry) for entry in listing.entries)
            assert (listing.title or "").encode() is not None
