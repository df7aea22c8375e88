"""RSS, Atom and JSON Feed as sites write them: what a poll must name.

Each case: a name, its kind in general words, the feed's bytes, what is right.
"""

from __future__ import annotations

import json
from typing import Any

from tests.intakes.local_site import Cases, broken, check, count, has, listed, published, title

CASES = Cases()
case = CASES.add
A, B = "https://gazette.example/a", "https://gazette.example/b"
DECL = '<?xml version="1.0" encoding="UTF-8"?>'


def rss(
    items: str,
    head: str = DECL,
    ns: str = "",
    channel: str = "<title>Bay Gazette</title><link>https://gazette.example/</link>",
) -> str:
    return f'{head}<rss version="2.0"{ns}><channel>{channel}{items}</channel></rss>'


def item(link: str | None = A, **parts: str) -> str:
    inner = "".join(f"<{n.replace('__', ':')}>{v}</{n.replace('__', ':')}>" for n, v in parts.items())
    return "<item>" + (f"<link>{link}</link>" if link else "") + inner + "</item>"


def atom(entries: str, ns: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"{ns}><title>Bay '
        f"Gazette</title>"
        f"<updated>2026-08-01T00:00:00Z</updated>{entries}</feed>"
    )


def entry(links: str, more: str = "") -> str:
    return f"<entry><id>u:1</id><title>t</title>{links}{more}</entry>"


def json_feed(*items: Any) -> str:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "G", "items": list(items)})


def date(name: str, kind: str, text: str, right: str | None, **more: Any) -> None:
    """An RSS item with this pubDate, and one behind it, which must not be lost either."""
    body = rss(item(pubDate=text, title="t") + item(B, pubDate="Sun, 30 Aug 2026 09:00:00 GMT"))
    case(name, kind, body, published(right, entries=2), **more)


# --- links

case(
    "amp_section",
    "a reference in a link decoded twice",
    rss(item("https://gazette.example/story?id=7&amp;section=sport")),
    ["https://gazette.example/story?id=7&section=sport"],
)
case(
    "amp_region",
    "a reference in a link decoded twice",
    rss(item("https://gazette.example/story?id=7&amp;region=north")),
    ["https://gazette.example/story?id=7&region=north"],
)
case(
    "amp_copy",
    "a reference in a link decoded twice",
    rss(item("https://gazette.example/story?id=7&amp;copy=1")),
    ["https://gazette.example/story?id=7&copy=1"],
)
case(
    "amp_param_atom",
    "a reference in a link decoded twice",
    atom(entry('<link href="https://gazette.example/s?a=1&amp;param=2"/>')),
    ["https://gazette.example/s?a=1&param=2"],
)
case(
    "amp_notice_json",
    "a reference in a link decoded twice",
    json_feed({"id": "1", "url": "https://gazette.example/s?a=1&notice=2"}),
    ["https://gazette.example/s?a=1&notice=2"],
)
case(
    "raw_amp_link",
    "a reference in a link decoded twice",
    rss(item("https://gazette.example/s?a=1&section=2")),
    ["https://gazette.example/s?a=1&section=2"],
)
case(
    "unicode_link",
    "letters beyond ASCII in a link",
    rss(item("https://gazette.example/politik/größe-über-alles")),
    ["https://gazette.example/politik/gr%C3%B6%C3%9Fe-%C3%BCber-alles"],
)
case(
    "link_space",
    "a blank in a link",
    rss(item("https://gazette.example/a b.html")),
    ["https://gazette.example/a%20b.html"],
)
case("link_no_scheme", "a link without its scheme", rss(item("//gazette.example/a")), [A])
case(
    "guid_plain_number_only",
    "an id that is no URL",
    rss("<item><title>t</title><guid>12345</guid></item>"),
    [],
)
case(
    "guid_tag_uri_and_link",
    "an id beside a link",
    rss(f'<item><guid isPermaLink="false">tag:x,2026:1</guid><link>{A}</link></item>'),
    [A],
)
case("guid_before_link", "an id beside a link", rss(f"<item><guid>12345</guid><link>{A}</link></item>"), [A])
case(
    "guid_permalink_other_before_link",
    "an id beside a link",
    rss(
        f"<item><guid "
        f'isPermaLink="true">https://gazette.example/?p=12345</guid><title>t</title><link>{A}</link></item>'
    ),
    [A],
)
case(
    "atomlink_self_in_item_first",
    "several links in an item",
    rss(
        f'<item><atom:link rel="self" href="https://gazette.example/api/1"/><link>{A}</link></item>',
        ns=' xmlns:atom="http://www.w3.org/2005/Atom"',
    ),
    [A],
)
case(
    "item_source_link",
    "several links in an item",
    rss(
        f"<item><title>t</title><link>{A}</link><source "
        f'url="https://other.example/feed">Other</source></item>'
    ),
    [A],
)
case(
    "item_author_link_ns",
    "a link within another element of the item",
    rss(
        f"<item><title>t</title><link>{A}</link><x:author><x:link>https://gazette.example/author/1</x:link></"
        f"x:author></item>",
        ns=' xmlns:x="http://x.example/ns"',
    ),
    [A],
)
case(
    "item_unknown_nested_link",
    "a link within another element of the item",
    rss(
        f"<item><title>t</title><link>{A}</link><related><link>https://gazette.example/other</link></related>"
        f"</item>"
    ),
    [A],
)
case(
    "atom_many_links",
    "several links in an item",
    atom(
        entry(
            f'<link rel="edit" href="https://gazette.example/edit"/><link rel="replies" '
            f'href="https://gazette.example/c"/><link rel="self" href="https://gazette.example/api"/><link '
            f'rel="enclosure" href="https://cdn.example/a.mp3"/><link rel="alternate" type="text/html" '
            f'href="{A}"/><link rel="related" href="https://gazette.example/rel"/>'
        )
    ),
    [A],
)
case(
    "atom_alternate_json_last",
    "several links in an item",
    atom(
        entry(
            f'<link rel="alternate" type="text/html" href="{A}"/><link rel="alternate" '
            f'type="application/json" href="{A}.json"/>'
        )
    ),
    [A],
)
case(
    "atom_xmlbase",
    "relative links and xml:base",
    '<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" '
    'xml:base="https://www.gazette.example/news/"><title>t</title><entry '
    'xml:base="2026/"><id>u:1</id><title>t</title><link href="a.html"/></entry></feed>',
    ["https://www.gazette.example/news/2026/a.html"],
)
case(
    "google_alert",
    "a link wrapped by a search engine",
    atom(
        '<entry><id>tag:google.com,2013:googlealerts/feed:1</id><title type="html">Ferry '
        "&lt;b&gt;strike&lt;/b&gt;</title><link "
        'href="https://www.google.com/url?rct=j&amp;sa=t&amp;url=https://gazette.example/ferry-strike&amp;ct='
        'ga&amp;cd=CAIyGjg&amp;usg=AOvVaw0"/><published>2026-08-30T10:00:00Z</published><updated>2026-08-30T1'
        "0:00:00Z</updated></entry>",
        ns=' xmlns:idx="urn:atom-extension:indexing"',
    ),
    ["https://gazette.example/ferry-strike"],
)
case(
    "bing_news",
    "a link wrapped by a search engine",
    rss(
        item(
            "http://www.bing.com/news/apiclick.aspx?ref=FexRss&amp;aid=&amp;tid=1&amp;url=https%3a%2f%2fgazet"
            "te.example%2fferry-strike&amp;c=1&amp;mkt=en-us"
        )
    ),
    ["https://gazette.example/ferry-strike"],
)
case(
    "google_alert_inner_query",
    "a link wrapped by a search engine",
    atom(
        entry(
            "<link "
            'href="https://www.google.com/url?rct=j&amp;sa=t&amp;url=https://gazette.example/story.php%3Fid%3'
            'D7%26section%3Dsport&amp;ct=ga&amp;cd=CAIy&amp;usg=AOv"/>'
        )
    ),
    ["https://gazette.example/story.php?id=7&section=sport"],
)
case("dup_items", "an item that stands there twice", rss(item() + item() + item(B)), [A, B])
case("wrong_port_userinfo", "credentials in a link", rss(item("https://user:pw@gazette.example/a")), [A])
case(
    "rss_uppercase",
    "element names in capitals",
    f'<?xml version="1.0"?><RSS '
    f'version="2.0"><CHANNEL><TITLE>G</TITLE><ITEM><TITLE>t</TITLE><LINK>{A}</LINK><PUBDATE>Sun, 30 Aug 2026 '
    f"10:00:00 GMT</PUBDATE></ITEM></CHANNEL></RSS>",
    [A],
)
case(
    "atom03_issued",
    "old forms of Atom",
    f'<?xml version="1.0"?><feed version="0.3" '
    f'xmlns="http://purl.org/atom/ns#"><title>G</title><entry><title>t</title><link rel="alternate" '
    f'type="text/html" href="{A}"/><id>u:1</id><issued>2026-08-30T10:00:00Z</issued></entry></feed>',
    published("2026-08-30T10:00:00+00:00"),
)

# --- one item must not cost the feed

case(
    "gml_srs_not_a_number",
    "an odd value in an extension's element",
    rss(
        "<item><title>q</title><link>https://gazette.example/a</link><georss:where><gml:Point "
        'srsName="urn:ogc:def:crs:EPSG::abc"><gml:pos>1 2</gml:pos></gml:Point></georss:where></item>'
        + item(B),
        ns=' xmlns:georss="http://www.georss.org/georss" xmlns:gml="http://www.opengis.net/gml"',
    ),
    [A, B],
)
case(
    "gml_srs_empty",
    "an odd value in an extension's element",
    rss(
        "<item><title>q</title><link>https://gazette.example/a</link><georss:where><gml:Point "
        'srsName=""><gml:pos>1 2</gml:pos></gml:Point></georss:where></item>' + item(B),
        ns=' xmlns:georss="http://www.georss.org/georss" xmlns:gml="http://www.opengis.net/gml"',
    ),
    [A, B],
)
case(
    "chapter_start_bad",
    "an odd value in an extension's element",
    rss(
        f'<item><title>q</title><link>{A}</link><psc:chapters><psc:chapter start="xx:yy" '
        f'title="t"/></psc:chapters><enclosure length="abc" url="x"/></item>',
        ns=' xmlns:psc="http://podlove.org/simple-chapters"',
    ),
    [A],
)
case(
    "link_percent_colon_host_one_item",
    "a percent-encoded colon in a host",
    rss(item("http://example.com%3A8080/x") + item(B)),
    [B],
)
case(
    "sitemap_ns_in_rss",
    "RSS that declares a sitemap's namespace",
    rss(
        "<item><title>no id no "
        "link</title></item><item><link>\nhttps://g.example/a_1.html#xtor=RSS-3-[lestitres]"
        "\n</link><pubDate>Mon, 24 Aug 26 17:42:08 +0200</pubDate></item>",
        ns=' xmlns:sitemap="http://www.sitemaps.org/schemas/sitemap/0.9"',
    ),
    ["https://g.example/a_1.html"],
)
case(
    "entity_path_backslash",
    "entities of the feed's own",
    f'<!DOCTYPE rss [\n<!ENTITY path "C:\\\\data">\n]>\n<rss '
    f'version="2.0"><channel><title>t</title><item><title>&path;</title><link>{A}</link></item></channel></rs'
    f"s>",
    [A],
)

# --- dates

date("d_min_value_z", "a date of year 0, 1 or 9999", "0001-01-01T00:00:00Z", None)
date("d_max_value", "a date of year 0, 1 or 9999", "9999-12-31T23:59:59-05:00", None)
date("d_year_zero", "a date of year 0, 1 or 9999", "0000-00-00T00:00:00Z", None)
date("d_est", "forms of RFC 822", "Sun, 30 Aug 2026 05:30:00 EST", "2026-08-30T10:30:00+00:00")
date("d_cet", "a zone by its name", "Sun, 30 Aug 2026 11:30:00 CET", "2026-08-30T10:30:00+00:00")
date("d_cest", "a zone by its name", "Sun, 30 Aug 2026 12:30:00 CEST", "2026-08-30T10:30:00+00:00")
date("d_bst", "a zone by its name", "Sun, 30 Aug 2026 11:30:00 BST", "2026-08-30T10:30:00+00:00")
date("d_aest", "a zone by its name", "Sun, 30 Aug 2026 20:30:00 AEST", "2026-08-30T10:30:00+00:00")
date("d_jst", "a zone by its name", "Sun, 30 Aug 2026 19:30:00 JST", "2026-08-30T10:30:00+00:00")
date("d_msk", "a zone by its name", "Sun, 30 Aug 2026 13:30:00 MSK", "2026-08-30T10:30:00+00:00")
date("d_ampm", "a clock of twelve hours", "Sun, 30 Aug 2026 10:30:00 AM GMT", "2026-08-30T10:30:00+00:00")
date("d_iso_ms", "forms of ISO 8601", "2026-08-30T10:30:00.123Z", "2026-08-30T10:30:00+00:00")
date("d_it", "months in the feed's language", "dom, 30 ago 2026 12:30:00 +0200", "2026-08-30T10:30:00+00:00")
date(
    "d_fr", "months in the feed's language", "dim., 30 août 2026 12:30:00 +0200", "2026-08-30T10:30:00+00:00"
)
date("d_de", "months in the feed's language", "So, 30 Mai 2026 12:30:00 +0200", "2026-05-30T10:30:00+00:00")
date("d_pt", "months in the feed's language", "Dom, 30 Ago 2026 12:30:00 +0200", "2026-08-30T10:30:00+00:00")
date("d_ru", "months in the feed's language", "Вс, 30 авг 2026 13:30:00 +0300", "2026-08-30T10:30:00+00:00")
date("d_el", "months in the feed's language", "Κυρ, 30 Αυγ 2026 13:30:00 EEST", "2026-08-30T10:30:00+00:00")
date("d_nocomma", "forms of RFC 822", "Sun 30 Aug 2026 10:30:00 GMT", "2026-08-30T10:30:00+00:00")
date("d_asctime", "the C library's form", "Sun Aug 30 10:30:00 2026", "2026-08-30T10:30:00+00:00")
date("d_unixdate", "the C library's form", "Sun Aug 30 10:30:00 UTC 2026", "2026-08-30T10:30:00+00:00")
date("d_z", "forms of RFC 822", "Sun, 30 Aug 2026 10:30:00 Z", "2026-08-30T10:30:00+00:00")
date("d_feb30", "a day that does not exist", "Mon, 30 Feb 2026 10:30:00 GMT", None)
case(
    "d_dc_date",
    "a date in Dublin Core",
    rss(item(dc__date="2026-08-30T10:30:00+00:00"), ns=' xmlns:dc="http://purl.org/dc/elements/1.1/"'),
    published("2026-08-30T10:30:00+00:00"),
)

# --- JSON Feed

case(
    "json_lone_surrogate",
    "a lone surrogate in JSON Feed",
    b'{"version":"https://jsonfeed.org/version/1.1","title":"G","items":[{"id":"1",'
    b'"url":"https://gazette.example/a","title":"Ferry \\ud83d"}]}',
    [A],
)
case(
    "json_lone_surrogate_url",
    "a lone surrogate in JSON Feed",
    b'{"version":"https://jsonfeed.org/version/1.1","title":"G","items":[{"id":"1",'
    b'"url":"https://gazette.example/x\\ud83d"},{"id":"2","url":"https://gazette.example/b"}]}',
    has(B),
)
case(
    "json_bom",
    "a byte order mark before JSON",
    b"\xef\xbb\xbf" + json_feed({"id": "1", "url": A}).encode(),
    [A],
)
case("json_id_not_url", "an id that is no URL", json_feed({"id": "post-123", "content_text": "x"}), [])
case(
    "json_authors_number",
    "a value of another type in JSON Feed",
    json_feed({"id": "1", "url": A, "authors": 5}, {"id": "2", "url": B}),
    [A, B],
)
case(
    "json_date_space",
    "forms of RFC 3339",
    json_feed({"id": "1", "url": A, "date_published": "2026-08-30 12:30:00 +0200"}),
    published("2026-08-30T10:30:00+00:00"),
)
case(
    "json_date_year1",
    "a date of year 0, 1 or 9999",
    json_feed({"id": "1", "url": A, "date_published": "0001-01-01T00:00:00+01:00"}, {"id": "2", "url": B}),
    published(None, entries=2),
)
case("json_relative", "relative links in JSON Feed", json_feed({"id": "1", "url": "/a"}), [A])

# --- encodings and damage

case("control_ref", "references to control characters", rss(item(title="Ferry &#x1F;&#0; strike")), [A])
case(
    "huge_charref", "references to halves of a character", rss(item(title="Ferry &#99999999999; strike")), [A]
)
case(
    "html_entities", "HTML's entities in XML", rss(item(title="Caf&eacute; &nbsp;&ndash; life &hellip;")), [A]
)
case("leading_blank", "something before the feed", "\n\n   " + rss(item()), [A])
case(
    "php_warning_text",
    "something before the feed",
    "Warning: Undefined index: x in /srv/www/feed.php on line 12\n" + rss(item()),
    [A],
)
case("bom_twice", "something before the feed", "\ufeff\ufeff" + rss(item()), [A])
case("comment_before_decl", "something before the feed", "<!-- cached -->\n" + rss(item()), [A])
case(
    "long_comment_first",
    "a long comment before the root",
    '<?xml version="1.0"?>\n<!--' + "x " * 1500 + "-->" + rss(item(), head=""),
    [A],
)
case(
    "doctype_html_entities",
    "a document type",
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY nbsp "&#160;"><!ENTITY eacute "&#233;">]>'
    + rss(item(title="Caf&eacute;&nbsp;now"), head=""),
    title("Café now"),
)
case(
    "utf16le_bom",
    "encodings",
    rss(item(title="Größe"), head='<?xml version="1.0" encoding="UTF-16"?>').encode("utf-16"),
    title("Größe"),
)
case(
    "utf16_decl_but_utf8",
    "a label that lies",
    rss(item(title="Größe"), head='<?xml version="1.0" encoding="UTF-16"?>'),
    title("Größe"),
)
case(
    "hdr_latin1_body_utf8",
    "a label that lies",
    rss(item(title="Größe")),
    title("Größe"),
    charset="ISO-8859-1",
)
case(
    "hdr_win1252_body_utf8",
    "a label that lies",
    rss(item(title="“Größe”")),
    title("“Größe”"),
    charset="windows-1252",
)
case(
    "decl_utf8_body_cp1252",
    "a label that lies",
    rss(item(title="“Größe” – gut")).encode("cp1252"),
    title("“Größe” – gut"),
)
case(
    "decl_latin1_body_cp1252",
    "a label that lies",
    rss(item(title="“Größe” – gut"), head='<?xml version="1.0" encoding="ISO-8859-1"?>').encode("cp1252"),
    title("“Größe” – gut"),
)
case(
    "decl_latin1_body_utf8",
    "a label that lies",
    rss(item(title="Größe"), head='<?xml version="1.0" encoding="ISO-8859-1"?>'),
    title("Größe"),
)
case(
    "decl_eucjp",
    "encodings",
    rss(item(title="港のストライキ"), head='<?xml version="1.0" encoding="EUC-JP"?>').encode("euc-jp"),
    title("港のストライキ"),
)
case(
    "decl_gb2312_gbk_chars",
    "encodings",
    rss(item(title="朱镕基"), head='<?xml version="1.0" encoding="gb2312"?>').encode("gbk"),
    title("朱镕基"),
)
case(
    "decl_big5",
    "encodings",
    rss(item(title="港口罷工"), head='<?xml version="1.0" encoding="big5"?>').encode("big5"),
    title("港口罷工"),
)
case(
    "decl_koi8",
    "encodings",
    rss(item(title="Забастовка"), head='<?xml version="1.0" encoding="KOI8-R"?>').encode("koi8-r"),
    title("Забастовка"),
)
case(
    "decl_unknown_enc",
    "a label that lies",
    rss(item(title="Größe"), head='<?xml version="1.0" encoding="x-nonsense"?>'),
    title("Größe"),
)
case(
    "decl_utf8_nodash",
    "encodings",
    rss(item(title="Größe"), head='<?xml version="1.0" encoding="utf8"?>'),
    title("Größe"),
)
case(
    "one_bad_byte_other_item",
    "one bad byte in UTF-8",
    rss(
        item("https://gazette.example/größe", title="Größe")
        + item(B, title="Bäcker", description="abgeschnitten x")
    )
    .encode()
    .replace(b"abgeschnitten x", b"abgeschnitten \xc3"),
    ["https://gazette.example/gr%C3%B6%C3%9Fe", B],
)
case("truncated_mid_item", "an end that never comes", rss(item() + item(B)).split(f"<link>{B}")[0], [A])
case("xml_1_1", "XML 1.1", rss(item(), head='<?xml version="1.1" encoding="UTF-8"?>'), [A])
case("feed_as_html", "a feed sent as something else", rss(item()), [A], sent_as="text/html")
case(
    "title_lt_gt_single",
    "a title with signs of less and greater",
    rss(item(title="Inflation &lt; 2%, growth &gt; 3% says bank")),
    title("Inflation < 2%, growth > 3% says bank"),
)
case("empty_channel", "a feed with no item", rss(""), [])
case("amp_in_title_raw", "a bare ampersand", rss(item(title="Marks & Spencer")), title("Marks & Spencer"))
case(
    "many_items",
    "a long feed",
    rss("".join(item(f"https://gazette.example/{n}") for n in range(900))),
    count(900),
)
case("no_feed_at_all", "what is no feed", "Sorry, nothing here today.", broken)


@CASES.each()
def test_feed(name: str) -> None:
    _, (body, right), more = CASES[name]
    how = {
        "base": more.get("base", "https://gazette.example/feed"),
        "kind": more.get("sent_as", "application/xml"),
    }
    check(listed(body, charset=more.get("charset"), **how), right)
