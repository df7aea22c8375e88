"""Front pages as sources: the feed that one names, else its links to stories; and answers that are neither.

Each case: a name, its kind in general words, the page, what is right ("/…" is on the site). /feed.xml names
A, /comments names B.
"""

from __future__ import annotations

from typing import Any

from tests.intakes.local_site import Cases, Site, broken, check, poll, whole

CASES = Cases()
G = "https://gazette.example"
A, B = f"{G}/a", f"{G}/b"
TODAY = "/2026/11/30"
STORIES = (
    '<a href="/world/dock-strike-enters-second-week">Dock strike enters its second week</a>'
    f'<a href="{TODAY}/ferry">Ferry service to the islands resumes</a>'
)
BELOW = ["/world/dock-strike-enters-second-week", f"{TODAY}/ferry"]
"""The stories that most pages show below their head."""


def rss(link: str) -> bytes:
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>G</title><item><title>t</title><link>{link}</link></item></channel></rss>'.encode()  # noqa: E501


def feed(link: str) -> bytes:
    return whole(rss(link), ct="application/rss+xml")


def page(name: str, kind: str, head: str = "", right: Any = None, body: str = STORIES, **more: Any) -> None:
    """A front page with this head and body; right unless said otherwise: what its feed names."""
    html = f"<!DOCTYPE html><html><head><title>G</title>{head}</head><body>{body}</body></html>"
    CASES.add(name, kind, html, [A] if right is None else right, **more)


def answer(name: str, kind: str, html: str, right: Any, **more: Any) -> None:
    """A whole answer."""
    CASES.add(name, kind, html, right, **more)


# --- the feed that a page names

page("fp_plain", "a feed that is named", '<link rel="alternate" type="application/rss+xml" href="/feed.xml">')
page("fp_upper", "a feed that is named", '<LINK REL="ALTERNATE" TYPE="APPLICATION/RSS+XML" HREF="/feed.xml">')
page(
    "fp_rel_capital_value",
    "a feed that is named",
    '<link rel="Alternate" type="application/rss+xml" href="/feed.xml">',
)
page(
    "fp_type_charset",
    "a feed's type in another form",
    '<link rel="alternate" type="application/rss+xml; charset=UTF-8" href="/feed.xml">',
)
page(
    "fp_type_charset_atom",
    "a feed's type in another form",
    '<link rel="alternate" type="application/atom+xml;charset=utf-8" title="News" href="/feed.xml">',
)
page(
    "fp_type_rdf",
    "a feed's type in another form",
    '<link rel="alternate" type="application/rdf+xml" title="RSS" href="/feed.xml">',
)
page(
    "fp_rel_feed",
    "a feed's type in another form",
    '<link rel="feed" type="application/rss+xml" href="/feed.xml">',
)
page(
    "fp_base_href",
    "a base element",
    '<base href="{site}/sub/"><link rel="alternate" type="application/rss+xml" href="feed.xml">',
    [B],
    more={"/sub/feed.xml": feed(B)},
)
page(
    "fp_href_blank",
    "a named feed that is none",
    '<link rel="alternate" type="application/rss+xml" href="">',
    BELOW,
)
page(
    "fp_href_self",
    "a named feed that is none",
    '<link rel="alternate" type="application/rss+xml" href="#">',
    BELOW,
)
page(
    "fp_href_space",
    "a feed that is named",
    '<link rel="alternate" type="application/rss+xml" href=" /feed.xml ">',
)
page(
    "fp_href_feed_scheme",
    "the scheme feed:",
    '<link rel="alternate" type="application/rss+xml" href="feed:{site}/feed.xml">',
)
page(
    "fp_href_amp_section",
    "a reference in a link decoded twice",
    '<link rel="alternate" type="application/rss+xml" href="/f?a=1&amp;section=2">',
    more={"/f?a=1&section=2": feed(A)},
)
page(
    "fp_in_body",
    "a feed that is named",
    body='<link rel="alternate" type="application/rss+xml" href="/feed.xml">' + STORIES,
)
page(
    "fp_comments_first_en",
    "a feed of comments before that of stories",
    '<link rel="alternate" type="application/rss+xml" title="G &raquo; Comments Feed" href="/comments"><link '
    'rel="alternate" type="application/rss+xml" title="G" href="/feed.xml">',
)
page(
    "fp_wp_json_only",
    "a named feed that is none",
    '<link rel="alternate" title="JSON" type="application/json" href="/wp-json/wp/v2/pages/12">',
    BELOW,
    more={"/wp-json/wp/v2/pages/12": whole(b'{"id":12,"link":"x"}', ct="application/json")},
)
page(
    "fp_wp_json_before_rss",
    "a named feed that is none",
    '<link rel="alternate" title="JSON" type="application/json" href="/wp-json/wp/v2/posts/12"><link '
    'rel="alternate" type="application/rss+xml" title="G" href="/feed.xml">',
    more={"/wp-json/wp/v2/posts/12": whole(b'{"id":12,"link":"x"}', ct="application/json")},
)
page(
    "fp_feed_404",
    "a named feed that is none",
    '<link rel="alternate" type="application/rss+xml" href="/gone.xml">',
    BELOW,
)
page(
    "fp_feed_500_then_second",
    "a named feed that is none",
    '<link rel="alternate" type="application/rss+xml" href="/gone.xml"><link rel="alternate" '
    'type="application/atom+xml" href="/feed.xml">',
)
page(
    "fp_feed_broken_xml",
    "a named feed that is none",
    '<link rel="alternate" type="application/rss+xml" href="/notice">',
    BELOW,
    more={"/notice": whole(b"The feed has been switched off.", ct="text/plain")},
)
page(
    "fp_feed_bad_url",
    "a named feed that is none",
    '<link rel="alternate" type="application/rss+xml" href="http://[x">',
    BELOW,
)

# --- links to stories

page(
    "fp_st_base",
    "a base element",
    '<base href="{site}/news/">',
    ["/news/dock-strike-enters-second-week"],
    '<a href="dock-strike-enters-second-week">Dock strike enters its second week</a>',
)
page(
    "fp_st_chinese",
    "headlines in a script without spaces",
    "",
    [f"{TODAY}/c1002-40123456.html"],
    f'<a href="{TODAY}/c1002-40123456.html">轮渡工人罢工进入第二周 岛屿航线全部停运</a>',
)
page(
    "fp_st_thai",
    "headlines in a script without spaces",
    "",
    ["/news/1234567"],
    '<a href="/news/1234567">คนงานเรือข้ามฟากหยุดงานประท้วงเป็นสัปดาห์ที่สอง</a>',
)
page(
    "fp_st_japanese_nav",
    "headlines in a script without spaces",
    "",
    ["/article/DA3S16000001.html"],
    '<nav><a href="/politics/">政治</a><a href="/sports/">スポーツ</a><a '
    'href="/info/about-this-site.html">会社概要</a></nav><a '
    'href="/article/DA3S16000001.html">島と本土を結ぶ新しい橋、来春に開通へ　知事が会見で発表</a>',
)
page(
    "fp_st_khmer",
    "headlines in a script without spaces",
    "",
    [f"{TODAY}/123456/"],
    f'<a href="{TODAY}/123456/">កម្មករសាឡាងធ្វើកូដកម្មចូលដល់សប្តាហ៍ទីពីរហើយ</a>',
)
page(
    "fp_st_short_headline",
    "a headline of few words at a story's address",
    "",
    [f"{TODAY}/ferry-strike-ends-today"],
    f'<a href="{TODAY}/ferry-strike-ends-today">Ferry strike ends</a>',
)
page(
    "fp_st_german_3words",
    "a headline of few words at a story's address",
    "",
    ["/politik/hafenstreik-geht-in-die-zweite-woche-12345.html"],
    '<a href="/politik/hafenstreik-geht-in-die-zweite-woche-12345.html">Hafenarbeiterstreik erreicht '
    "Bundeskabinett</a>",
)
page(
    "fp_st_headline_in_heading",
    "a link twice, once about a picture",
    "",
    [f"{TODAY}/ferry"],
    f'<a href="{TODAY}/ferry"><img src="x.jpg" alt="a b c d e"></a><h2><a href="{TODAY}/ferry">Ferry service '
    f"to the islands resumes</a></h2>",
)
page(
    "fp_st_query_id",
    "a headline at an address of another form",
    "",
    ["/article?id=123456"],
    '<a href="/article?id=123456">Ferry service to the islands resumes</a>',
)
page(
    "fp_amp_section",
    "a reference in a link decoded twice",
    "",
    [f"{TODAY}/ferry-service-resumes?x=1&section=2"],
    f'<a href="{TODAY}/ferry-service-resumes?x=1&amp;section=2">Ferry service to the islands resumes</a>',
)
page(
    "fp_amp_raw_section",
    "a reference in a link decoded twice",
    "",
    ["/a-b-c-d?x=1&section=2"],
    "<a href='/a-b-c-d?x=1&section=2'>Ferry service to the islands resumes</a>",
)
page(
    "fp_st_bad_href",
    "one address that is none",
    "",
    BELOW,
    f'<a href="http://[bad{TODAY}/x-y-z-w">Ferry service to the islands resumes</a>' + STORIES,
)
page(
    "fp_st_bad_href_last",
    "one address that is none",
    "",
    BELOW,
    STORIES + '<a href="http://[::1/x-y-z-w/2026/11/30/">Ferry service to the islands resumes</a>',
)
page(
    "fp_st_bad_href_ipv6_text",
    "one address that is none",
    "",
    BELOW,
    '<a href="https://[Name der Seite]/x-y-z-w.html">Hier den Namen der Seite eintragen</a>' + STORIES,
)
page(
    "fp_st_bad_port",
    "one address that is none",
    "",
    BELOW,
    f'<a href="http://x.example:port{TODAY}/x-y-z-w">Ferry service to the islands resumes</a>' + STORIES,
)
page(
    "fp_st_bad_port_same",
    "one address that is none",
    "",
    BELOW,
    f'<a href="http://127.0.0.1:99999{TODAY}/x-y-z-w">Ferry service to the islands resumes</a>' + STORIES,
)
page(
    "fp_st_percent_colon_host",
    "a percent-encoded colon in a host",
    "",
    BELOW,
    f'<a href="http://127.0.0.1%3A8080{TODAY}/x-y-z-w">Ferry service to the islands resumes</a>' + STORIES,
)

# --- answers that are no source

answer(
    "fp_refresh_header",
    "a page that sends on by itself",
    "<html><head><title>moved</title></head><body></body></html>",
    [A],
    lines=("Refresh: 0; url=/feed.xml",),
)
answer("fp_empty_html_ok", "a page that is no source", "<html><body></body></html>", broken)
answer(
    "fp_js_app",
    "a page that is no source",
    '<!DOCTYPE html><html><head><title>G</title></head><body><div id="app"></div><script '
    'src="/a.js"></script></body></html>',
    broken,
)
answer(
    "cloudflare_200",
    "a page that is no source",
    "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking your browser before "
    "accessing</body></html>",
    broken,
)
answer(
    "parked_domain",
    "a page that is no source",
    "<!DOCTYPE html><html><head><title>gazette.example</title></head><body><h1>This domain may be for "
    'sale</h1><a href="https://broker.example/buy">Buy this domain</a></body></html>',
    broken,
)


@CASES.each()
def test_front_page(name: str, site: Site) -> None:
    _, (html, right), more = CASES[name]
    site.routes |= {"/feed.xml": feed(A), "/comments": feed(B)} | more.get("more", {})
    body = (
        html.replace("{site}", site.url)
        .replace("{host}", site.url.removeprefix("http://"))
        .encode(more.get("encoding", "utf-8"))
    )
    site.routes["/front"] = whole(body, *more.get("lines", ()), ct=more.get("ct", "text/html"))
    check(poll(site, "/front"), right, site)
