"""Extraction on the made-up site's layouts, and on pages made for one rule each."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import urljoin

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.demo.pages import DemoStory, no_articles, render, stories, teasers
from services.ingest.extract import explain, extract
from services.ingest.extract.authors import clean_authors
from services.ingest.extract.charset import decode_page
from services.ingest.extract.dates import parse_moment
from services.ingest.extract.site_names import Site
from services.ingest.extract.wire import agency_of, split_dateline
from tests.thinning import examples

BASE = "https://courier.example"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def _page(story: DemoStory) -> str:
    page = render(story.path, BASE)
    assert page is not None
    return page


@pytest.mark.parametrize("story", stories().values(), ids=lambda s: f"{s.layout}-{s.language}")
def test_every_layout_yields_exactly_the_story(story: DemoStory) -> None:
    found = extract(_page(story).encode(), BASE + story.path, now=NOW)
    assert found.reason is None
    assert found.text == story.text
    assert found.title == story.title
    assert found.authors == story.authors
    assert found.published_at is not None
    assert found.published_at.isoformat()[:10] == story.published[:10]


@pytest.mark.parametrize("story", [s for s in stories().values() if s.syndicated], ids=lambda s: s.layout)
def test_teasers_of_syndicated_pages_are_links_and_nothing_else(story: DemoStory) -> None:
    found = extract(_page(story), BASE + story.path, now=NOW)
    others = teasers()[story.language]["stories"]
    assert {link.title for link in found.links if link.kind == "related"} >= {t["title"] for t in others}
    for teaser in others:
        assert teaser["text"][:30] not in found.text
    assert teasers()[story.language]["notice"][:20] not in found.text
    assert found.provider == story.provider
    assert found.dateline is not None
    assert found.agency is not None


@pytest.mark.parametrize(("path", "reason"), no_articles().items())
def test_a_page_with_no_article_says_why(path: str, reason: str) -> None:
    found = extract(render(path, BASE) or "", BASE + path)
    assert (found.text, found.reason) == ("", reason)


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ("", "empty_page"),
        ("<html><head><title>x</title></head><body></body></html>", "empty_page"),
        (
            "<html><head><title>404 - Page not found</title></head><body><p>Sorry, that page is gone. Try "
            "our front page.</p></body></html>",
            "error_page",
        ),
        (
            "<html><head><title>Before you continue</title></head><body><p>We use cookies. Accept all or "
            "manage them.</p></body></html>",
            "consent_wall",
        ),
    ],
)
def test_pages_that_are_no_article_have_a_reason(page: str, reason: str) -> None:
    assert extract(page, "https://example.org/x").reason == reason


def test_explain_names_the_rule_for_every_block() -> None:
    story = next(s for s in stories().values() if s.layout == "portal")
    verdicts = {block.verdict for block in explain(_page(story))}
    assert {"kept", "furniture"} <= verdicts
    assert len(verdicts) > 3
    kept = [block.text for block in explain(_page(story)) if block.verdict == "kept"]
    assert kept == story.body


def test_a_paywalled_stub_is_marked() -> None:
    story = next(s for s in stories().values() if s.layout == "paywall")
    assert extract(_page(story)).paywalled


def test_an_amp_page_points_to_its_canonical_one() -> None:
    story = next(s for s in stories().values() if s.layout == "amp")
    assert extract(_page(story), BASE + story.path).canonical_url == BASE + str(story.canonical)


def test_a_page_drawn_by_a_script_is_read_from_its_metadata() -> None:
    paragraphs = "\\n\\n".join(
        f"Paragraph {n} of a story that only a script would have drawn on the page." for n in range(8)
    )
    page = f'<html><head><script type="application/ld+json">{{"@type": "NewsArticle", "headline": "Drawn", "articleBody": "{paragraphs}"}}</script></head><body><div id="app">Loading</div></body></html>'  # noqa: E501
    found = extract(page)
    assert found.method.startswith("json-ld")
    assert found.text.count("Paragraph") == 8


@pytest.mark.parametrize(
    ("text", "place", "agency"),
    [
        ("CAIRO, March 3 (Reuters) - The minister said", "CAIRO", "Reuters"),
        ("NAIROBI (AP) — On a hillside", "NAIROBI", "AP"),
        ("Passau (dpa) - Nach tagelangem Regen", "Passau", "dpa"),
        ("WASHINGTON — The Senate voted", "WASHINGTON", None),
        ("NEW YORK, Feb. 26 (AP) -- Stocks fell", "NEW YORK", "AP"),
        ("新华社北京3月5日电 国务院总理", "北京", "新华社"),
        ("The minister said on Monday", None, None),
        ("BREAKING — The minister said", None, None),
        ("Jordan (the player) - scored", None, None),
    ],
)
def test_datelines(text: str, place: str | None, agency: str | None) -> None:
    found, by, taken = split_dateline(text)
    assert found == place
    assert by == (agency if agency != "新华社" else "Xinhua")
    assert (taken > 0) == (place is not None)


def test_agencies_go_by_their_usual_name() -> None:
    assert agency_of("dpa/Reuters") == "dpa"
    assert agency_of("Associated Press") == "AP"
    assert agency_of("Ann Lee") is None


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2026-03-03T14:20:00+02:00", "2026-03-03T14:20:00+02:00"),
        ("2026-03-03T14:20:00Z", "2026-03-03T14:20:00+00:00"),
        ("2026-03-03 14:20", "2026-03-03T14:20:00+00:00"),
        ("20260303", "2026-03-03T00:00:00+00:00"),
        ("Tue, 03 Mar 2026 14:20:00 GMT", "2026-03-03T14:20:00+00:00"),
        ("3. März 2026, 14:20 Uhr", "2026-03-03T14:20:00+00:00"),
        ("le 3 février 2026 à 14h20", "2026-02-03T14:20:00+00:00"),
        ("3 de marzo de 2026", "2026-03-03T00:00:00+00:00"),
        ("March 3, 2026 2:20 p.m.", "2026-03-03T14:20:00+00:00"),
        ("3 марта 2026", "2026-03-03T00:00:00+00:00"),
        ("2026年3月3日 14:20", "2026-03-03T14:20:00+00:00"),
        ("٣ مارس ٢٠٢٦", "2026-03-03T00:00:00+00:00"),
        ("03.03.2026", "2026-03-03T00:00:00+00:00"),
        ("1772547600", "2026-03-03T14:20:00+00:00"),
    ],
)
def test_written_dates(written: str, iso: str) -> None:
    dated = parse_moment(written)
    assert dated is not None
    assert dated.moment.isoformat() == iso


@pytest.mark.parametrize("written", ["", "soon", "2026-13-40", "99 March 2026", "12:30"])
def test_what_is_no_date_gives_none(written: str) -> None:
    assert parse_moment(written) is None


@pytest.mark.parametrize(
    ("metas", "iso"),
    [
        ('<meta property="article:published_time" content="1969-07-21T04:00:00Z">', None),
        (
            '<meta property="article:published_time" content="1969-07-21T04:00:00Z"><meta name="date" '
            'content="1969-07-21">',
            "1969-07-21T04:00:00+00:00",
        ),
        (
            '<meta property="article:published_time" content="1970-01-01T00:00:00Z"><meta name="date" '
            'content="1969-12-31">',
            None,
        ),
    ],
)
def test_a_date_before_1990_is_believed_if_the_page_says_it_twice(metas: str, iso: str | None) -> None:
    body = (
        "<p>The eagle has landed, said the crew on Sunday, and the whole of the town went out to look at the "
        "moon.</p>" * 2
    )
    found = extract(
        f"<html><head>{metas}</head><body><h1>Landed</h1>{body}</body></html>",
        "https://example.org/x",
        now=NOW,
    )
    assert (found.published_at and found.published_at.isoformat()) == iso


def test_a_date_in_the_future_is_not_believed() -> None:
    page = '<html><head><meta property="article:published_time" content="2031-01-01"></head><body><p>x</p></body></html>'  # noqa: E501
    assert extract(page, now=NOW).published_at is None


@pytest.mark.parametrize(
    ("written", "names"),
    [
        (["By Ann Lee and Bo Xu, Staff Writers"], ["Ann Lee", "Bo Xu"]),
        (["Von Katrin Moosbauer und Jan Huber"], ["Katrin Moosbauer", "Jan Huber"]),
        (["ANN LEE"], ["Ann Lee"]),
        (["https://example.org/ann"], []),
        (["Ann Lee", "ann lee"], ["Ann Lee"]),
        (["The Courier"], ["The Courier"]),
        (["Lauren Manaker MS, RDN, LD"], ["Lauren Manaker"]),
        (["George T. Conway III"], ["George T. Conway III"]),
        (["John Garcia Jr."], ["John Garcia Jr"]),
        (["Andrew Bosworth, Head of Reality Labs"], ["Andrew Bosworth"]),
        (["John O'Connor The Associated Press"], ["John O'Connor"]),
        (["Ann Lee, dpa"], ["Ann Lee", "dpa"]),
        (["4 comments"], []),
    ],
)
def test_bylines(written: list[str], names: list[str]) -> None:
    assert clean_authors(written, Site("The Courier", None)) == names


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-16", "windows-1252", "windows-1251", "gb18030", "shift_jis"]
)
def test_pages_are_decoded_as_what_they_are(encoding: str) -> None:
    text = {"windows-1251": "Президент заявил", "gb18030": "国务院总理宣布", "shift_jis": "東京で会議"}.get(
        encoding, "Café naïve größer"
    )
    page = f'<html><head><meta charset="{encoding}"></head><body><p>{text}</p></body></html>'
    assert text in decode_page(page.encode(encoding))


def test_a_lying_label_does_not_beat_valid_utf8() -> None:
    page = '<html><head><meta charset="iso-8859-1"></head><body>größer</body></html>'.encode()
    assert "größer" in decode_page(page, "windows-1251")


@settings(max_examples=examples(200), deadline=None)
@given(st.text(alphabet=st.sampled_from("<>/=\"' abcdivpspanh1ul\x00\u0641中&;#\n"), max_size=400))
def test_no_markup_breaks_the_extractor(markup: str) -> None:
    found = extract(markup, "https://example.org/x")
    assert (found.reason is None) == bool(found.text)


def test_ten_thousand_levels_of_nesting_are_read() -> None:
    page = (
        "<div>" * 10_000
        + "<p>"
        + "A sentence that is long enough to be read as prose, and then some. " * 10
        + "</p>"
    )
    assert "long enough" in extract(page, "https://example.org/x").text


def test_extraction_is_cut_at_a_paragraph_when_it_is_huge() -> None:
    page = (
        "<article>"
        + "<p>"
        + "word " * 200
        + "end.</p>" * 1
        + ("<p>" + "word " * 2000 + "end.</p>") * 60
        + "</article>"
    )
    assert len(extract(page).text) <= 400_000


@pytest.mark.parametrize(
    ("visible", "iso"),
    [
        ("December 22, 2023 10:00 PM", "2023-12-22T22:00:00-05:00"),
        ('<time datetime="2023-12-22T22:00:00-05:00">last night</time>', "2023-12-22T22:00:00-05:00"),
        ("December 23, 2023 8:31 AM", "2023-12-23T08:30:00+05:30"),
        (
            "December 20, 2023 10:00 PM",
            "2023-12-23T03:00:00+00:00",
        ),  # another moment: says nothing of the zone
        ("December 22, 2023 10:17 PM", "2023-12-23T03:00:00+00:00"),
    ],
)
def test_a_moment_given_in_utc_is_shown_in_the_zone_that_the_page_writes(visible: str, iso: str) -> None:
    page = f"""<html lang="en"><head><meta property="article:published_time" content="2023-12-23T03:00:00Z"></head>
    <body><h1>A headline</h1><p>{visible}</p><p>{"Some prose that is the story. " * 20}</p></body></html>"""  # noqa: E501
    found = extract(page, now=NOW).published_at
    assert found is not None
    assert found.isoformat() == iso


def test_text_that_json_smuggles_in_can_be_sent_on_and_stored() -> None:
    junk = "a \\ud800 b \\u0000 c"
    page = f"""<html><head><script type="application/ld+json">{{"@type": "NewsArticle", "headline": "{junk}", "author": "{junk}",
    "image": "https://x.org/{junk}", "keywords": ["{junk}"], "articleSection": "{junk}", "articleBody": "{("A sentence. " + junk) * 60}"}}</script>
    </head><body></body></html>"""  # noqa: E501
    found = extract(page, "https://example.org/x")
    said = msgspec.json.encode(found).decode()
    assert found.text.startswith("A sentence.")
    assert "\\u0000" not in said
    assert "\x00" not in said


def test_a_person_on_the_page_goes_before_a_newspaper_in_the_metadata() -> None:
    page = """<html><head><script type="application/ld+json">{"@type": "NewsArticle", "author": {"@type": "Person", "name": "Daily Harbour Journal"}}</script>
    </head><body><h1>A headline of some length here</h1><a rel="author" href="/staff/ann-lee">Ann Lee</a><p>x</p></body></html>"""  # noqa: E501
    assert extract(page, now=NOW).authors == ["Ann Lee"]
    assert extract(page.replace("rel=", "data-x="), now=NOW).authors != []


@given(
    st.sampled_from(
        ["https://news.example.com/a/b.html?q=1#f", "http://h/", "https://h", "http://127.0.0.1:80/x"]
    ),
    st.lists(
        st.sampled_from(
            [*"/ a . .. ? # = & http:// https:// x.org :80 \\ b-c é %20 ;p // @".split(), " ", "\t", "\n"]
        ),
        min_size=1,
        max_size=8,
    ).map("".join),
)
@settings(max_examples=examples(3000))
def test_plain_links_are_joined_as_any_other(base: str, link: str) -> None:
    page = extract(
        f'<body><article><h1>A headline here</h1><p>{"Word " * 60}<a href="{link}">a link</a>.</p></article>',
        base,
    )
    try:
        joined = urljoin(base, link)
    except ValueError:
        joined = ""
    wanted = {joined[:2048]} if joined.startswith(("http://", "https://")) else set()
    assert {found.url for found in page.links} <= wanted
