"""Nothing that a page or a text can grow costs more than in proportion to its length."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.contract.limits import MAX_PAGE_BYTES, MAX_TEXT_CHARS
from services.contract.messages import Article, ArticleEnriched, ArticleFetched, Ticket
from services.enrich import language
from services.enrich.handler import Taggers, enrich
from services.ingest.extract import effort, explain, extract
from services.ingest.extract.effort import MOST_STEPS, UNUSUAL_STEPS, plain_steps_of, steps_of
from tests.hostile.growing import PAGES
from tests.hostile.growing_texts import TEXTS
from tests.hostile.proportion import assert_in_proportion
from tests.taggers import shipped
from tests.thinning import examples, step

NOW = datetime(2026, 11, 24, tzinfo=UTC)
URL = "https://example.org/2026/a-story.html"
LANGUAGES = {
    "russian": "ru", "arabic": "ar", "hebrew": "he", "chinese places": "zh",
    "characters without blanks": "zh", "one character": "zh",
    "a word with apostrophes": "fr",
}  # fmt: skip


DEEP = [family for family in PAGES if family.startswith(("nested", "misnested", "b with", "foster"))]


def _thinned(cases: Iterable[Any]) -> list[Any]:
    """Every eighth case with each run of the tests, the others with `make test-all`."""
    return [
        pytest.param(
            *(case if isinstance(case, tuple) else (case,)), marks=[pytest.mark.long] if n % 8 else []
        )
        for n, case in enumerate(cases)
    ]


@pytest.mark.parametrize(
    ("family", "size"), _thinned([*((f, 400_000) for f in PAGES), *((f, 100_000) for f in DEEP)])
)
def test_a_page_twice_as_long_costs_twice_as_much_to_extract(family: str, size: int) -> None:
    def work(size: int) -> Callable[[], object]:
        page = PAGES[family](size).encode()
        return lambda: extract(page, URL, now=NOW)

    assert_in_proportion(work, size)


@pytest.mark.parametrize(
    "family",
    [
        "nested a in a list",
        "many bylines",
        *(
            pytest.param(name, marks=pytest.mark.long)
            for name in ("nested div", "unclosed li", "many options in a select")
        ),
    ],
)
def test_a_page_of_the_greatest_length_ends(family: str) -> None:
    page = PAGES[family](MAX_PAGE_BYTES).encode()
    result = extract(page, URL, now=NOW)
    assert result.reason == "page_too_complex" or result.word_count == 0 or result.text


@pytest.fixture(scope="module")
def taggers() -> Taggers:
    return shipped()


def _told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have each text read as the language that it is worst in."""
    monkeypatch.setattr(language, "identify", lambda text, stated=None: stated or "en")


@pytest.mark.parametrize("family", _thinned(TEXTS))
def test_a_text_twice_as_long_costs_twice_as_much_to_tag(
    taggers: Taggers, family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _told(monkeypatch)

    def work(size: int) -> Callable[[], object]:
        text = TEXTS[family](size)
        return lambda: taggers.tag("A title of it", text, stated_language=LANGUAGES.get(family))

    assert_in_proportion(work, MAX_TEXT_CHARS)


@pytest.mark.parametrize("family", _thinned(TEXTS))
def test_a_headline_as_long_as_a_text_costs_no_more_than_one(
    taggers: Taggers, family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _told(monkeypatch)

    def work(size: int) -> Callable[[], object]:
        title = TEXTS[family](size)
        return lambda: taggers.tag(
            title, title[:20_000], stated_language=LANGUAGES.get(family), dateline=title
        )

    assert_in_proportion(work, MAX_TEXT_CHARS)


def test_a_batch_of_the_worst_articles_is_tagged(taggers: Taggers, monkeypatch: pytest.MonkeyPatch) -> None:
    _told(monkeypatch)
    worst = [*TEXTS][: 40 : step(8)]
    messages = [_fetched(n, TEXTS[name](MAX_TEXT_CHARS), LANGUAGES.get(name)) for n, name in enumerate(worst)]
    results = enrich(messages, taggers)
    assert len(results) == len(worst)
    assert all(isinstance(result, ArticleEnriched) for result in results)


def _fetched(n: int, text: str, spoken: str | None) -> ArticleFetched:
    article: dict[str, Any] = {
        "url": f"https://example.org/{n}", "canonical_url": f"https://example.org/{n}",
        "source_domain": "example.org",
        "title": text[:1000], "text": text, "language": spoken, "word_count": 1, "content_hash": str(n),
        "extractor": "dateline",
        "extractor_version": "2", "fetched_at": NOW,
    }  # fmt: skip
    ticket = Ticket(submission_id=n, url=f"https://example.org/{n}", attempt=1, dispatched_at=NOW)
    return ArticleFetched(ticket=ticket, article=Article(**article), stamps=[])


MARKUP = st.lists(
    st.sampled_from(
        "<div> </div> <DIV a=b> <p> </p> <svg> </svg> <path/> <math> </math> <desc> </desc> <foreignObject> "
        "<title> </title> <b> </b> <a>x</a> <script> "
        "</script> </script/ </scriptx> <style> </style> <select> <option> <html> <body> <!-- --> <!--> "
        "<!---> --!> <!--!> <!x> <![CDATA[ ]]> </> </ < > "
        "<x-a> </x-a> <x-a/> <i/> <br/> <td> <a<b> <a='x> ' \" <p/a=\"x>\"b='>'c=d/> <p\ta\n=\x0cb> <p\x00> "
        "= / <li =a> <é> <a"
        " <xmp> </xmp> <textarea> </TEXTAREA\n>".split(" ")
    ),
    max_size=40,
)  # fmt: skip


@given(MARKUP.map("".join) | MARKUP.map(" ".join))
@settings(max_examples=examples(1500))
def test_effort_is_the_same_compiled_and_in_plain_python(page: str) -> None:
    raw = page.encode()
    assert steps_of(raw) == plain_steps_of(raw)


@given(st.binary(max_size=60) | st.text("<>/!-= '\"asvgp", max_size=60).map(str.encode))
@settings(max_examples=examples(1500))
def test_effort_is_the_same_of_any_bytes(page: bytes) -> None:
    assert steps_of(page) == plain_steps_of(page)


@pytest.mark.parametrize("family", PAGES)
def test_effort_of_a_family_is_the_same_compiled_and_in_plain_python(family: str) -> None:
    page = PAGES[family](20_000).encode()
    assert steps_of(page) == plain_steps_of(page)


HIDING = {
    "end tags of other elements": "<div></x>",
    "end tags that no element is open for": "<div></span>",
    "a comment that ends at once": "<!--><div>",
    "a comment that ends oddly": "<!-- --!><div>",
    "a quote in a name": "<div ' \"><div a'=b>",
    "a quote in a value": "<div a=b'c\"><div>",
    "a mark of the end in a value": "<div a='>' b=\">\">",
    "self-closing elements of HTML": "<div/>",
    "self-closing elements behind an SVG that HTML ends": "<svg><p><x-a/><x-b/>",
    "a style in an SVG": "<svg><style><x-a></svg2>",
    "an SVG that its end tag does not end": "<svg><desc></svg></desc><style><x-a></desc>",
    "capital letters": "<DIV><Div>",
    "a slash instead of a blank": "<div/a/b><div/>",
}


@pytest.mark.parametrize("unit", HIDING.values(), ids=HIDING)
def test_elements_are_counted_however_they_are_hidden(unit: str) -> None:
    assert steps_of((unit * 20_000).encode()) > MOST_STEPS


def test_a_page_that_is_too_much_work_says_so() -> None:
    page = PAGES["nested div"](500_000).encode()
    assert extract(page, URL).reason == "page_too_complex"
    assert explain(page, URL) == []


def test_a_page_that_is_much_work_is_handed_on() -> None:
    page = PAGES["nested div"](50_000).encode()
    assert UNUSUAL_STEPS < steps_of(page) < MOST_STEPS
    other = extract(b"<p>another</p>")
    assert extract(page, URL, unusual=lambda: other) is other
    assert extract(b"<p>x</p>" * 10, URL, unusual=lambda: other) is not other
    assert extract(b"<p>x</p>" + b" " * effort.UNUSUAL_BYTES, URL, unusual=lambda: other) is other
    assert extract(b"<p>x</p>" * 160_000, URL, unusual=lambda: other) is other, (
        "no other thread moves meanwhile"
    )
