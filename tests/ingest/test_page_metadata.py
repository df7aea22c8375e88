"""Dates, section, image, paywall and provider as pages state or show them; text in the state of scripts."""

from __future__ import annotations

import json

import pytest

from services.ingest.extract import Extraction, extract
from tests.ingest.pages import TITLE, page
from tests.ingest.test_extract import NOW

PARAGRAPHS = [
    "The harbour council voted late on Tuesday to close the old pier, engineers having warned of it.",
    "Ferry operators said the decision would add forty minutes to the crossing of the bay.",
    "Traders in the streets behind the pier fear that they will lose the summer season.",
    "Under the plan that was agreed divers will inspect each pile of the pier in the autumn.",
]

DAYS = """
el Τρίτη 3 Μαρτίου 2026
bn ৩ মার্চ ২০২৬
th 3 มีนาคม 2569
hu 2026. március 3.
hr 3. ožujka 2026.
he 3 במרץ 2026
lt 2026 m. kovo 3 d.
et 3. märts 2026
sl 3. marec 2026
ar ٣ مارس ٢٠٢٦
fa ۱۲ اسفند ۱۴۰۴
hi ३ मार्च २०२६
cs 3. března 2026
fi 3. maaliskuuta 2026
vi 3 tháng 3, 2026
ja 2026年3月3日
ko 2026년 3월 3일
ka 3 მარტი 2026
"""


@pytest.mark.parametrize("line", DAYS.strip().splitlines(), ids=lambda line: line[:2])
def test_a_written_day_is_read_in_its_language(line: str) -> None:
    lang, _, written = line.partition(" ")
    found = page(body=f'<p class="date">{written}</p>', lang=lang).published_at
    assert found is not None
    assert found.date().isoformat() == "2026-03-03"


@pytest.mark.parametrize(
    ("written", "url", "head", "lang", "wanted"),
    [
        ("03/04/2026", "https://courier.co.uk/a", "", "en", "2026-04-03"),
        ("03/04/2026", "https://courier.in/a", "", "en", "2026-04-03"),
        (
            "03/04/2026",
            "https://courier.com/a",
            '<meta property="og:locale" content="en_GB">',
            "en",
            "2026-04-03",
        ),
        ("03/04/2026", "https://courier.com/a", "", "en-AU", "2026-04-03"),
        ("03/04/2026", "https://courier.com/a", "", "en", "2026-03-04"),
        ("03/04/2026", "https://courier.gov/a", "", "en", "2026-03-04"),
        ("03/04/2026", "https://courier.com/a", "", "es", "2026-04-03"),
        ("Tue, 03/04/2026 - 17:57", "https://courier.co.uk/a", "", "en", "2026-04-03"),
        ("Wed, 03/04/2026 - 17:57", "https://courier.co.uk/a", "", "en", "2026-03-04"),
        ("Fri, 03/04/2026 - 17:57", "https://courier.com/a", "", "en", "2026-04-03"),
    ],
)
def test_weekday_and_country_order_day_and_month(
    written: str, url: str, head: str, lang: str, wanted: str
) -> None:
    found = page(head, f'<p class="date">{written}</p>', url=url, lang=lang).published_at
    assert found is not None
    assert found.date().isoformat() == wanted


def test_other_dates_on_the_page_order_day_and_month() -> None:
    found = page(
        body='<p class="date">03/04/2026</p>', end="<p>More of 28/03/2026</p>", url="https://courier.com/a"
    )
    assert found.published_at is not None
    assert found.published_at.date().isoformat() == "2026-04-03"


@pytest.mark.parametrize(
    ("body", "iso"),
    [
        ("<p>March 3, 2026 11:30 pm EST</p>", "2026-03-03T23:30:00-05:00"),
        ("<p>3 March 2026 10:30 CET</p>", "2026-03-03T10:30:00+01:00"),
        ("<p>Tue Mar 3 2026 12:30:00 GMT+0300</p>", "2026-03-03T12:30:00+03:00"),
        ("<p>Updated: 5 March 2026 10:00 | Published: 3 March 2026 08:00</p>", "2026-03-03T08:00:00+00:00"),
        ("<p>Published 3 March 2026 08:00 Updated 5 March 2026 10:00</p>", "2026-03-03T08:00:00+00:00"),
        (
            '<abbr class="published" title="2026-03-03T10:00:00+02:00">Tuesday</abbr>',
            "2026-03-03T10:00:00+02:00",
        ),
        (
            '<i itemprop="datePublished" title="2026-03-03T10:00:00+02:00">now</i>',
            "2026-03-03T10:00:00+02:00",
        ),
        ('<time data-timestamp="1772532000000">1d</time>', "2026-03-03T10:00:00+00:00"),
        ('<time data-timestamp="1772532000">1d</time>', "2026-03-03T10:00:00+00:00"),
        ('<span data-timestamp="1772532000">1d</span>', "2026-03-03T10:00:00+00:00"),
        ('<span title="2026-03-03T10:00:00+02:00">a day ago</span>', "2026-03-03T10:00:00+02:00"),
        (
            "<p>Updated: March 05, 2026 09:10 am IST Published: March 03, 2026 08:15 pm IST</p>",
            "2026-03-03T20:15:00+05:30",
        ),
        (
            '<div><div><time datetime="2026-05-05T10:00:00Z">10:00</time> '
            '<a href="/x">Otters return to the lower '
            "river</a></div></div><p>3 March 2026 08:00</p>",
            "2026-03-03T08:00:00+00:00",
        ),
    ],
)
def test_moments_of_the_article_and_no_others(body: str, iso: str) -> None:
    found = page(body=body).published_at
    assert found is not None
    assert found.isoformat() == iso


def test_the_date_of_a_video_beside_the_article_is_not_its_own() -> None:
    nodes = [
        {"@type": "NewsArticle", "headline": TITLE},
        {"@type": "VideoObject", "name": "Otters", "datePublished": "2019-01-01T00:00:00Z", "author": "x"},
    ]
    assert page(_ld(nodes)).published_at is None


def _ld(value: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(value)}</script>'


def test_the_section_is_read_from_breadcrumbs() -> None:
    crumbs = [{"item": {"@id": "/", "name": "Home"}}, {"item": {"name": "Harbour"}}, {"name": TITLE}]
    assert page(_ld({"@type": "BreadcrumbList", "itemListElement": crumbs})).section == "Harbour"
    assert page(_ld({"@type": "BreadcrumbList", "itemListElement": [crumbs[0], crumbs[2]]})).section is None


@pytest.mark.parametrize(
    ("head", "body", "wanted"),
    [
        ('<meta property="og:image:secure_url" content="https://x.example/a.jpg">', "", "https://x.example/a.jpg"),
        ('<meta property="og:image" content=""><meta property="og:image:url" content="/a.jpg">', "", "https://www.courier.example/a.jpg"),
        ('<base href="https://cdn.example/x/"><meta property="og:image" content="a.jpg">', "", "https://cdn.example/x/a.jpg"),
        ("", '<img src="/logo.png"><img src="data:x" data-src="/pier.jpg"><img src="/b.jpg">', "https://www.courier.example/pier.jpg"),
        ("", '<img src="/dot.gif" width="1">', None),
    ],
)  # fmt: skip
def test_the_lead_image(head: str, body: str, wanted: str | None) -> None:
    assert page(head, body).image_url == wanted


@pytest.mark.parametrize(
    "head",
    [
        _ld({"@type": "NewsArticle", "headline": TITLE, "hasPart": {"isAccessibleForFree": "False"}}),
        _ld({"@type": "NewsArticle", "headline": TITLE, "hasPart": [{}, {"isAccessibleForFree": False}]}),
        '<meta itemprop="isAccessibleForFree" content="False">',
    ],
)
def test_a_paywall_is_told_by_parts_and_microdata_too(head: str) -> None:
    assert page(head).paywalled
    assert not page().paywalled


@pytest.mark.parametrize(
    "publisher", ["Harbour Courier Media Ltd", "The Courier", "courier.example", "Courier"]
)
def test_the_sites_own_company_is_no_provider(publisher: str) -> None:
    node = {"@type": "NewsArticle", "headline": TITLE, "publisher": {"name": publisher}}
    assert page(f'<meta property="og:site_name" content="Harbour Courier">{_ld(node)}').provider is None
    assert page(_ld(node | {"provider": {"name": "Reuters"}})).provider == "Reuters"


def _script(text: str) -> str:
    body = f"<body><div id=app></div><script>{text}</script></body>"
    return f"<html><head><title>{TITLE}</title></head>{body}</html>"


STORY = {"headline": TITLE, "content": [{"type": "paragraph", "text": text} for text in PARAGRAPHS]}
OTHER = {
    "headline": "Otters return",
    "content": [{"text": f"{text} And more of the otters."} for text in PARAGRAPHS],
}
ARC = {"headlines": {"basic": TITLE}, "content_elements": STORY["content"]}
MARKUP = {"title": TITLE, "body": "".join(f"<p>{text}</p>" for text in PARAGRAPHS)}
APOLLO = {
    "Story:1": {"title": TITLE, "body": {"paragraphs": [{"__ref": f"P:{n}"} for n in range(4)]}},
    **{f"P:{n}": {"text": text} for n, text in enumerate(PARAGRAPHS)},
}


@pytest.mark.parametrize(
    "text",
    [
        f"window.Fusion=window.Fusion||{{}};Fusion.globalContent={json.dumps(ARC)};Fusion.x=1",
        f"window.__PRELOADED_STATE__ = {json.dumps({'related': [OTHER, OTHER], 'story': STORY})};",
        f"window.__APOLLO_STATE__ = {json.dumps(APOLLO)}",
        json.dumps({"props": {"pageProps": {"other": OTHER, "article": MARKUP}}}),
        json.dumps({"story": {"title": TITLE, "bodyHtml": MARKUP["body"], "altText": PARAGRAPHS[0] * 2}}),
    ],
)  # fmt: skip
def test_a_text_that_only_a_scripts_state_holds_is_read_from_there(text: str) -> None:
    found = page_of(_script(text))
    assert found.text == "\n\n".join(PARAGRAPHS)
    assert found.method.startswith("page-state")


def test_another_storys_state_is_not_the_text() -> None:
    found = page_of(_script(f"window.STATE = {json.dumps({'stories': [OTHER]})};"))
    assert "otters" not in found.text


def test_the_posts_of_a_live_blog_are_its_text() -> None:
    posts = [
        {"@type": "BlogPosting", "headline": f"Post {n}", "articleBody": t} for n, t in enumerate(PARAGRAPHS)
    ]
    node = {
        "@type": "LiveBlogPosting",
        "headline": TITLE,
        "datePublished": "2026-03-03",
        "liveBlogUpdate": posts,
    }
    found = page_of(f"<html><head><title>{TITLE}</title>{_ld(node)}</head><body></body></html>")
    assert found.text == "\n\n".join(f"Post {n}\n\n{text}" for n, text in enumerate(PARAGRAPHS))


def page_of(html: str) -> Extraction:
    return extract(html, "https://www.courier.example/news/pier", now=NOW)
