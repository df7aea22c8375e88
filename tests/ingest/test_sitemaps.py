"""Sitemaps as sites write them: damaged, prefixed, compressed, as text, as indexes of all kinds; what each
poll looks at."""

from __future__ import annotations

import gzip
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contract.envelopes import encode_item
from services.contract.errors import DatelineError, PermanentError, TransientError
from services.contract.limits import MAX_MESSAGE_BYTES
from services.contract.messages import FeedEntry, Hints, SourceDue, SourcePolled, Validators
from services.ingest.fetch import Fetched
from services.ingest.sources.children import choose, numbers
from services.ingest.sources.listing import Child
from services.ingest.sources.parts import MAX_ENTRIES, parts, sound, sound_validators
from services.ingest.sources.poll import Poller, read
from services.ingest.sources.sitemaps import read_sitemap
from tests.thinning import examples

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
G = "https://courier.example"
A, B = f"{G}/a", f"{G}/b"
FRESH = "2026-03-02T09:00:00Z"
NS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


class Canned:
    """Answers at a fixed time, in a fetcher's place."""

    def __init__(
        self, answers: dict[str, bytes | str | DatelineError], kind: str = "application/xml"
    ) -> None:
        self.answers, self.kind, self.asked = answers, kind, list[str]()

    def get(self, url: str, **_: Any) -> Fetched:
        self.asked.append(url)
        body = self.answers.get(url, PermanentError("http_404", f"{url} answered 404"))
        if isinstance(body, DatelineError):
            raise body
        raw = body if isinstance(body, bytes) else body.encode()
        return Fetched(
            url=url, status=200, body=raw, charset=None, fetched_at=NOW, elapsed_ms=0.0, kind=self.kind
        )


def poll(
    body: bytes | str | DatelineError, turn: int = 0, kind: str = "application/xml", **more: Any
) -> SourcePolled:
    """A poll of /sitemap.xml; `more`: further paths of the site, `__` for a dot."""
    canned = Canned(
        {f"{G}/sitemap.xml": body, **{f"{G}/{k.replace('__', '.')}": v for k, v in more.items()}}, kind
    )
    due = SourceDue(source_id=1, url=f"{G}/sitemap.xml", kind="auto", dispatched_at=NOW, turn=turn)
    return Poller(canned).poll(due)  # type: ignore[arg-type]


def urls(polled: SourcePolled) -> list[str]:
    assert polled.reason == "", f"{polled.reason}: {polled.detail}"
    return [entry.url for entry in polled.entries]


def page(loc: str, lastmod: str | None = FRESH, more: str = "") -> str:
    return f"<url><loc>{loc}</loc>{f'<lastmod>{lastmod}</lastmod>' if lastmod else ''}{more}</url>"


def sitemap(*pages: str, head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> str:
    return f"{head}<urlset {NS}>{''.join(pages)}</urlset>"


def index(*children: str) -> str:
    return f'<?xml version="1.0"?><sitemapindex {NS}>{"".join(children)}</sitemapindex>'


def child(path: str, lastmod: str | None = None) -> str:
    return f"<sitemap><loc>{G}{path}</loc>{f'<lastmod>{lastmod}</lastmod>' if lastmod else ''}</sitemap>"


ONE = sitemap(page(A))
FORMS = {
    "a prefix": ONE.replace("<url", "<sm:url").replace("</url", "</sm:url").replace("xmlns=",
    "xmlns:sm=").replace("loc>", "sm:loc>").replace("lastmod>", "sm:lastmod>"),
    "a prefix that is not declared": ONE.replace("<url", "<sm:url").replace("</url",
    "</sm:url").replace("loc>", "sm:loc>"),
    "no namespace": ONE.replace(NS, ""),
    "a namespace of Google's first sitemaps": ONE.replace(NS,
    'xmlns="http://www.google.com/schemas/sitemap/0.84"'),
    "capitals": ONE.replace("urlset", "URLSET").replace("url>", "URL>").replace("loc>", "LOC>"),
    "blanks and a byte order mark": "\ufeff \n" + ONE,
    "a mark twice": "\ufeff\ufeff" + ONE,
    "no declaration": sitemap(page(A), head=""),
    "UTF-16 with a mark": ONE.replace("UTF-8", "UTF-16").encode("utf-16"),
    "UTF-16 without one": ONE.replace("UTF-8", "UTF-16").encode("utf-16-le"),
    "a label that lies": sitemap(page(A, FRESH, "<x>ž</x>"), head='<?xml version="1.0" encoding="ascii"?>'),
    "a label nobody knows": sitemap(page(A), head='<?xml version="1.0" encoding="x-none"?>'),
    "Latin-1": sitemap(page(A, FRESH, "<x>é</x>"),
    head='<?xml version="1.0" encoding="ISO-8859-1"?>').encode("latin-1"),
    "a stray byte": ONE.encode().replace(b"</url>", b"<x>\xc3 \xff</x></url>"),
    "control characters": sitemap(page(A, FRESH, "<t>Bad \x0b\x01\x00 bytes &#11; &#x1F; &#0;</t>")),
    "a raw ampersand": sitemap(page(A, FRESH, "<t>Fish & chips</t>")),
    "entities of HTML": sitemap(page(A, FRESH, "<t>Caf&eacute;&nbsp;life &nosuch; &ampere;</t>")),
    "a comment in the list": sitemap("<!-- <url><loc>x</loc></url> -->", page(A)),
    "a comment in an address": sitemap(page(f"{A}<!-- x -->")),
    "a comment that names another root": sitemap(page(A), head="<!-- <rss> <sitemapindex> -->"),
    "a comment of 200 kB": sitemap(page(A), head=f"<!--{'x y ' * 50_000}-->"),
    "a style sheet and a doctype": sitemap(page(A),
    head='<?xml version="1.0"?><?xml-stylesheet href="s.xsl"?><!DOCTYPE urlset SYSTEM "x.dtd">'),
    "a warning before it": "<br />\n<b>Warning</b>: Undefined array key in <b>/srv/x.php</b><br />\n" + ONE,
    "a notice as text before it": "Notice: Undefined index: HTTP_HOST in /srv/x.php on line 7\n" + ONE,
    "text behind it": ONE + "\n0",
    "a second document behind it": ONE + "<html><body>x</body></html>",
    "cut off in an element": sitemap(page(A), page(B)).split("b</loc>")[0],
    "cut off in a tag": sitemap(page(A), page(B)).split("c>" + B)[0],
    "cut off behind a page": sitemap(page(A)).split("</urlset>")[0],
    "an end tag that is misspelt": sitemap(page(A, FRESH, "<changefreq>daily</changefrq>")),
    "an end tag that is missing": sitemap(page(A, FRESH, "<changefreq>daily")),
    "a page without an address": sitemap(page(""), "<url/>", page(A)),
    "an address that is none": sitemap(page("http://[x/"), page("mailto:x@y.example"), page(A)),
    "an address in lines": sitemap(page(f"\n\t {A}\n ")),
    "a picture's address first": sitemap(f"<url><image:image><image:loc>{B}</image:loc></image:image><loc>{A}"
        f"</loc><lastmod>{FRESH}</lastmod></url>"),
    "a picture's address beside its own": sitemap(f"<url><loc>{A}</loc><lastmod>{FRESH}</lastmod><image:loc>"
        f"{B}</image:loc></url>"),
    "no address twice": sitemap(page(A), page(A)),
    "gzip": gzip.compress(ONE.encode()),
    "gzip twice": gzip.compress(gzip.compress(ONE.encode())),
    "gzip in members": gzip.compress(ONE[:50].encode()) + gzip.compress(ONE[50:].encode()),
    "gzip with zeros behind it": gzip.compress(ONE.encode()) + b"\0" * 600,
    "gzip that is cut off at its end": gzip.compress(ONE.encode())[:-6],
    "a page in an index": index(page(A)),
}  # fmt: skip


@pytest.mark.parametrize("kind", ["application/xml", "text/html"])
@pytest.mark.parametrize("form", FORMS)
def test_a_sitemap_is_read_in_any_form(form: str, kind: str) -> None:
    assert urls(poll(FORMS[form], kind=kind)) == [A]


LINKS = {
    f"{G}/a?x=1&amp;section=2&amp;copy=3": f"{G}/a?x=1&section=2&copy=3",
    f"{G}/a?x=1&section=2": f"{G}/a?x=1&section=2",
    f"{G}/a?x=1&y=2": f"{G}/a?x=1&y=2",
    f"{G}/a?x=1&amp;amp;y=2": f"{G}/a?x=1&y=2",
    f"{G}/a?x=1&copy=2": f"{G}/a?x=1&copy=2",
    f"{G}/a?x=1&#38;y=2": f"{G}/a?x=1&y=2",
    f"{G}/a?x=1&#x26;para=2": f"{G}/a?x=1&para=2",
    f"<![CDATA[{G}/a?x=1&reg=2]]>": f"{G}/a?x=1&reg=2",
    f"<![CDATA[\n {G}/a?x=1&amp;y=2 ]]>": f"{G}/a?x=1&y=2",
    "/a": f"{G}/a",
    "//courier.example/a": f"{G}/a",
    f"{G}/gr&ouml;&szlig;e": f"{G}/gr%C3%B6%C3%9Fe",
}


@pytest.mark.parametrize("link", LINKS)
def test_a_link_is_decoded_once(link: str) -> None:
    assert urls(poll(sitemap(page(link)))) == [LINKS[link]]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<urlset><url>", "bad_sitemap"),
        ("<urlset>", "bad_sitemap"),
        ('<!DOCTYPE a [<!ENTITY h "ha">]><urlset><url><loc>&h;</loc></url></urlset>', "bad_sitemap"),
        (gzip.compress(b"x" * 100)[:10] + b"\xff" * 40, "bad_sitemap"),
        (gzip.compress(b"<urlset>" + b" " * 60_000_000), "too_large"),
        (gzip.compress(b"<html>" + b" " * 20_000_000), "too_large"),
        ("<!DOCTYPE html><html><form><input type=password></form></html>", "login_page"),
        (index(child("/gone1"), child("/gone2")), "children_failed"),
        (index(child("/sitemap.xml")), "children_failed"),
        (index("<sitemap><loc>http://[x</loc></sitemap>", "<sitemap/>"), "bad_sitemap"),
    ],
    ids=["cut off", "only begun", "entities", "damaged gzip", "a bomb", "a bomb as a page", "a login",
    "children gone", "itself", "no address"],
)  # fmt: skip
def test_what_is_no_sitemap_says_so(body: str | bytes, reason: str) -> None:
    polled = poll(body)
    assert polled.reason == reason
    assert G in polled.detail


@pytest.mark.parametrize(
    "body",
    [
        "<urlset></urlset>",
        "<urlset/>",
        sitemap(),
        index(),
        sitemap(page(A, "2020-01-01")),
        "<s:urlset xmlns:s='x'/>",
    ],
)
def test_a_sitemap_with_nothing_fresh_is_healthy(body: str) -> None:
    assert urls(poll(body)) == []


DATES = {
    "2026-03-01": True, "2026-03-01T10:00Z": True, "2026-03-01T10:00:00.123456789Z": True,
    "2026-03-01 10:00:00": True,
    "2026-03-01 10:00:00 +0000": True, "2026-03-01T10:00:00+0100": True, "20260301T100000Z": True,
    "1 Mar 2026": True,
    "Sun, 01 Mar 2026 10:00:00 GMT": True, "Sun, 1 Mar 26 10:00 EST": True, "1772359200": True,
    "2026-02-01": False,
    "2019": False, "2019-07": False, "Wed, 01 Jan 2020 10:00:00 GMT": False,
}  # fmt: skip


@pytest.mark.parametrize("lastmod", DATES)
def test_an_age_counts_in_any_form(lastmod: str) -> None:
    assert urls(poll(sitemap(page(A, lastmod), page(B)))) == ([A, B] if DATES[lastmod] else [B])


@pytest.mark.parametrize(
    "lastmod", ["0000-00-00 00:00:00", "0001-01-01T00:00:00", "9999-12-31", "-", "never", "9" * 400]
)
def test_an_age_that_is_none_takes_nothing_down(lastmod: str) -> None:
    assert B in urls(poll(sitemap(page(A, lastmod), page(B))))


def test_a_sitemap_without_any_date_lists_all_of_its_pages() -> None:
    old, new = f"{G}/2020/01/02/x", f"{G}/2026/03/02/y"
    assert urls(poll(sitemap(page(A, None), page(old, None), page(new, None)))) == [new, A]


TEXTS = [f"{A}\n{B}\n", f"\ufeff{A}\r\n{B}", f"\n\n {A} \n\n{B}\n", f"# pages\n{A}\n{B}", f"{A}\n{B}\n{A}"]


@pytest.mark.parametrize("kind", ["text/plain", "text/html", "application/octet-stream"])
@pytest.mark.parametrize(
    "text", [*TEXTS, gzip.compress(TEXTS[0].encode()), TEXTS[0].encode("utf-16")], ids=range(7)
)
def test_a_sitemap_may_be_plain_text(text: str | bytes, kind: str) -> None:
    polled = poll(text, kind=kind)
    assert (urls(polled), polled.kind) == ([A, B], "sitemap")


def test_a_sitemap_as_large_as_the_protocol_allows_is_read() -> None:
    slug = "the-harbour-and-its-ferries-" * 20
    old = [page(f"{G}/{slug}{n}", "2020-01-01") for n in range(49_990)]
    assert len(urls(poll(sitemap(*old, *[page(f"{G}/{n}") for n in range(10)])))) == 10


@pytest.mark.parametrize(
    "filler",
    [
        b" ",
        b"\xef\xbb\xbf",
        b"<!--x-->",
        b"<?x>",
        b"<!doctype x>",
        b"<![CDATA[",
        b"<url>",
        b"&",
        b"http://x\n",
        b"<a>",
    ],
)
def test_a_megabyte_of_anything_is_read_in_linear_time(filler: bytes) -> None:
    size = 1_000_000
    for head in (b"", b"<urlset>"):
        assert poll(head + filler * (size // len(filler))).reason != "source_error"


# --- indexes


def test_a_child_may_be_written_without_its_loc() -> None:
    body = index(f"<sitemap>\n{G}/news.xml?a=1&amp;b=2\n</sitemap>", "<sitemap>see our help page</sitemap>")
    assert [found.url for found in read_sitemap(body.encode(), f"{G}/index.xml", NOW).children] == [
        f"{G}/news.xml?a=1&b=2"
    ]


def test_an_index_without_ages_is_read_from_its_newest_by_number_or_date() -> None:
    for name in ("sm-{}.xml", "{}/posts.xml", "posts-{}-12.xml", "sitemap.xml?year={}"):
        children = [Child(f"{G}/{name.format(year)}") for year in range(2000, 2027)]
        for order in (children, children[::-1]):
            assert choose(order, 0, always=1, by_turns=1)[0][0] == f"{G}/{name.format(2026)}"


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        ("/2026/11.xml", "/2026/2.xml"), ("/s-2026-nov.xml", "/s-2026-february.xml"),
        ("/20261130.xml", "/20260201.xml"),
        ("/post-sitemap12.xml", "/post-sitemap9.xml"), ("/s?p=10", "/s?p=9"), ("/202612.xml", "/202601.xml"),
    ],
)  # fmt: skip
def test_numbers_in_a_name_order_it(newer: str, older: str) -> None:
    assert numbers(G + newer) > numbers(G + older)


@pytest.mark.parametrize("number", [1, 5, 8, 9, 17, 40])
def test_every_child_has_its_turn(number: int) -> None:
    children = [Child(f"{G}/{n}", NOW - timedelta(days=n) if n % 3 else None) for n in range(number)]
    looked: set[str] = set()
    for turn in range(-(-number // 3)):
        now = [url for url, _ in choose(children, turn, always=5, by_turns=3)]
        assert len(now) <= 8
        looked |= set(now)
    assert looked == {one.url for one in children}


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize(
    ("newest", "others"),
    [
        ("30-11-2026",
        [f"{day:02}-{month:02}-{year}" for day in range(1, 31) for month in (1, 5, 12) for year in (2024,
        2025)]),
        ("11-2026", [f"{month:02}-{year}" for month in range(1, 13) for year in (2023, 2024, 2025)]),
        ("november-2026",
        [f"{month}-{year}" for year in (2024,
        2025) for month in "november december march may".split()] + ["may-2026"] * 3),
        ("2026/noviembre",
        [f"2026/{m}" for m in "enero febrero marzo abril mayo junio julio agosto septiembre octubre".split()]),  # noqa: E501
        ("2026/novembre",
        [f"2026/{m}" for m in "janvier f%C3%A9vrier mars avril mai juin juillet septembre octobre".split()]),
        ("2026/dezember",
        [f"2026/{m}" for m in "januar februar april mai juni juli august september oktober november".split()]),  # noqa: E501
    ],
)  # fmt: skip
def test_the_newest_is_found_by_a_date_in_any_order_and_language(
    newest: str, others: list[str], reverse: bool
) -> None:
    names = [*others[: len(others) // 2], newest, *others[len(others) // 2 :]]
    children = [Child(f"{G}/sitemap/{name}.xml", None) for name in (reversed(names) if reverse else names)]
    assert choose(children, 0, always=2, by_turns=1)[0][0] == f"{G}/sitemap/{newest}.xml"


def test_of_many_children_of_one_age_the_first_and_the_last_are_read_at_each_poll() -> None:
    children = [Child(f"{G}/part/{number}.xml", NOW) for number in range(1, 61)]
    assert [url for url, _ in choose(children, 0, always=2, by_turns=1)][:2] == [
        f"{G}/part/60.xml",
        f"{G}/part/1.xml",
    ]


@pytest.mark.parametrize(
    "aside", ["sitemapimages{}", "sitemap_video{}", "sitemap-autoren-{}", "etiquetas-sitemap{}"]
)
def test_children_beside_the_stories_come_last_however_they_are_named(aside: str) -> None:
    children = [Child(f"{G}/{aside.format(number)}.xml", NOW) for number in range(9)]
    children.append(Child(f"{G}/sitemap_articles.xml", NOW - timedelta(days=1)))
    assert choose(children, 0, always=1, by_turns=1)[0][0] == f"{G}/sitemap_articles.xml"


def test_a_ring_of_indexes_is_no_healthy_source() -> None:
    ring = {"ring.xml": index(child("sitemap.xml"))}
    assert poll(index(child("ring.xml")), **{k.replace(".", "__"): v for k, v in ring.items()}).reason


def test_a_page_whose_end_is_missing_does_not_cost_the_next() -> None:
    unclosed = page(A).replace("</url>", "")
    assert set(urls(poll(sitemap(unclosed, page(B))))) == {A, B}


def test_a_doctype_of_html_before_a_sitemap_is_passed_over() -> None:
    assert urls(poll("<!DOCTYPE html>\n" + ONE)) == [A]


def test_children_of_news_and_posts_come_before_those_of_tags_and_newsletters() -> None:
    aside = [
        f"/{t}-sitemap.xml"
        for t in ("author", "category", "post_tag", "page", "newsletter", "video", "event", "user")
    ]
    for path in (
        "/post-sitemap3.xml",
        "/news-sitemap.xml",
        "/google-news.xml",
        "/articles.xml",
        "/sitemap-page-12.xml",
    ):
        children = [Child(G + p, NOW) for p in aside] + [Child(G + path, NOW - timedelta(days=1))]
        assert choose(children, 0, always=1, by_turns=1)[0][0] == G + path


def test_nested_indexes_feeds_and_texts_are_children() -> None:
    rss = f"<rss version='2.0'><channel><title>G</title><item><link>{B}</link></item></channel></rss>"
    body = index(child("/inner.xml", FRESH), child("/feed"), child("/list.txt"))
    inner = index(child("/leaf.xml"), child("/sitemap.xml"), child("/inner.xml"))
    found = poll(body, inner__xml=inner, leaf__xml=sitemap(page(A)), feed=rss, list__txt=f"{G}/c\n")
    assert sorted(urls(found)) == [A, B, f"{G}/c"]


def test_a_list_of_pages_that_names_sitemaps_is_an_index() -> None:
    body = sitemap(page(f"{G}/post-sitemap.xml", None), page(f"{G}/sitemap_2.xml.gz", None), page(B))
    found = poll(
        body,
        **{"post-sitemap__xml": ONE, "sitemap_2__xml__gz": gzip.compress(sitemap(page(f"{G}/c")).encode())},
    )
    assert sorted(urls(found)) == [A, B, f"{G}/c"]


def test_a_nested_index_is_read_by_turns_too() -> None:
    leaves = {f"leaf{n}": sitemap(page(f"{G}/story{n}", None)) for n in range(12)}
    inner = {f"inner{i}": index(*[child(f"/leaf{n}") for n in range(i, 12, 2)]) for i in range(2)}
    found: set[str] = set()
    for turn in range(6):
        found |= set(urls(poll(index(child("/inner0"), child("/inner1")), turn, **inner, **leaves)))
    assert len(found) == 12


def test_a_child_that_fails_is_told_and_takes_none_down() -> None:
    polled = poll(index(child("/gone"), child("/there")), there=ONE)
    assert urls(polled) == [A]
    assert "1 of 2" in polled.detail
    assert "http_404" in polled.detail
    broken = poll(index(child("/gone"), child("/wall")), wall=TransientError("http_503", "busy"))
    assert (broken.reason, "none of the 2" in broken.detail, "http_404" in broken.detail) == (
        "children_failed",
        True,
        True,
    )


# --- more than one message holds


def test_what_is_more_than_one_message_goes_newest_first_and_loses_nothing() -> None:
    pages = [page(f"{G}/{n}", (NOW - timedelta(minutes=3000 - n)).isoformat()) for n in range(2500)]
    polled = poll(sitemap(*pages))
    assert urls(polled)[0] == f"{G}/2499"
    sent = list(parts(polled))
    assert [(len(part.entries), part.more) for part in sent] == [(1000, True), (1000, True), (500, False)]
    assert sorted(e.url for part in sent for e in part.entries) == sorted(f"{G}/{n}" for n in range(2500))


def test_validators_come_with_the_last_part_only() -> None:
    entries = [FeedEntry(url=f"{G}/{n}") for n in range(MAX_ENTRIES + 1)]
    polled = SourcePolled(
        source_id=1,
        url=G,
        kind="rss",
        dispatched_at=NOW,
        polled_at=NOW,
        entries=entries,
        validators=Validators(etag="1"),
    )
    first, last = parts(polled)
    assert (first.validators, last.validators) == (None, Validators(etag="1"))
    (only,) = parts(msgspec.structs.replace(polled, entries=[]))
    assert not only.more


def test_a_part_fits_in_a_message() -> None:
    heavy = Hints(title="題" * 500, keywords=["題" * 100] * 30, authors=["題" * 200] * 20)
    entries = [FeedEntry(url=f"{G}/{n}/{'x' * 1900}", hints=heavy) for n in range(1000)]
    polled = SourcePolled(source_id=1, url=G, kind="rss", dispatched_at=NOW, polled_at=NOW, entries=entries)
    sent = list(parts(polled))
    assert sum(len(part.entries) for part in sent) == 1000
    assert all(len(encode_item(part)) < MAX_MESSAGE_BYTES for part in sent)


@pytest.mark.parametrize("value", ["x" * 500, 'a"\nb', "\x00", "\x7f", "\ud83d", "žluť", ""])
def test_a_validator_that_cannot_be_sent_back_is_dropped(value: str) -> None:
    assert sound_validators(Validators(etag=value, last_modified=value)) is None
    assert sound_validators(Validators(etag='"1"', last_modified=value)) == Validators(etag='"1"')


# --- whatever comes


_SEEDS = [f if isinstance(f, bytes) else f.encode() for f in FORMS.values()]
_SEEDS += [
    index(child("/a", FRESH), child("/b")).encode(),
    TEXTS[0].encode(),
    b"{}",
    b"[",
    b"<html><a href='/x'>y</a>",
]
_CUTS = st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 40), st.binary(max_size=12)), max_size=6)


@st.composite
def _mutated(draw: st.DrawFn) -> bytes:
    body = bytearray(draw(st.sampled_from(_SEEDS)))
    for at, length, new in draw(_CUTS):
        at %= len(body) + 1
        body[at : at + length] = new
    return bytes(body)


@settings(max_examples=examples(300), deadline=None)
@given(
    body=st.one_of(st.binary(max_size=300), _mutated()),
    kind=st.sampled_from(["auto", "sitemap", "rss", "page"]),
)
def test_any_answer_is_read_or_refused(body: bytes, kind: Any) -> None:
    answer = Fetched(
        url=f"{G}/s", status=200, body=body, charset=None, fetched_at=NOW, elapsed_ms=0.0, kind="text/html"
    )
    try:
        read(answer, kind, NOW)
    except (DatelineError, zlib.error) as error:
        assert isinstance(error, DatelineError)


_TEXT = st.text(st.characters(), max_size=40)  # surrogates too
_HINTS = st.builds(
    Hints, title=st.none() | _TEXT, keywords=st.lists(_TEXT, max_size=3), authors=st.lists(_TEXT, max_size=2)
)


@settings(max_examples=examples(200), deadline=None)
@given(
    entries=st.lists(st.builds(FeedEntry, url=_TEXT, hints=_HINTS), max_size=5),
    title=_TEXT, detail=_TEXT, reason=_TEXT, moved=_TEXT, etag=_TEXT, wait=st.none() | st.floats(),
)  # fmt: skip
def test_any_poll_can_be_sent(
    entries: list[FeedEntry], title: str, detail: str, reason: str, moved: str, etag: str, wait: float | None
) -> None:
    polled = SourcePolled(
        source_id=1, url=G, kind="rss", dispatched_at=NOW, polled_at=NOW, entries=entries, title=title,
        detail=detail,
        reason=reason, moved_to=moved, validators=Validators(etag=etag), retry_after_s=wait,
    )  # fmt: skip
    for part in parts(sound(polled)):
        assert msgspec.json.decode(encode_item(part), type=SourcePolled).source_id == 1
