"""The compiled walk finds what the plain one finds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.extraction.mutate import MUTATIONS, pages
from bench.pipeline.pages import _made_up
from services.demo.pages import render_story, stories
from services.ingest.extract import charset, explain, extract
from services.ingest.extract import text as text_module
from tests.compiled import need_compiled, plainly
from tests.thinning import examples

NOW = datetime(2026, 11, 24, tzinfo=UTC)
URL = "https://example.org/2026/11/a-story.html"
TAGS = (
    "div p span a ul li h1 h2 article nav aside figure blockquote table td time em br script template svg "
    "o:p x-card pre"
).split()
NAMES = [
    "", ' class="article-body"', ' class="comments"', ' class="related c-2"', ' id="story-byline"',
    ' class="byline author"', " hidden",
    ' hidden="until-found"', ' aria-hidden="true"', ' style="display: none"', ' itemprop="articleBody"',
    ' itemprop="author"', " class",
    ' role="complementary"', ' href="/a/b"', ' href="#top"', ' href="/c" rel="author"',
    ' datetime="2026-11-20"', ' CLASS="Teaser" ID=x',
    ' type="application/ld+json"', ' property="datePublished" content="2026-11-20"',
    ' data-a-very-long-name-of-an-attribute="x"',
]  # fmt: skip
TEXTS = [
    "",
    " ",
    "\n\t",
    "A word",
    "Two sentences stand here, of a length that prose has. This is the second of them, as long as that. ",
    "中文的一句话，足够长的一句话。" * 3,
    "\u00a0\u3000\u2003",
    "é\u200bß",
    "&amp;&#xD800;&#0;",
    "More from The Ledger",
    "e\u0301 𝔘",
]


@pytest.fixture(scope="module", autouse=True)
def _compiled() -> None:
    need_compiled()


def _both(page: str | bytes) -> None:
    with plainly():
        plain = extract(page, URL, now=NOW), explain(page, URL)
    assert (extract(page, URL, now=NOW), explain(page, URL)) == plain


def _element(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda tag, names, inside,
        closed: f"<{tag}{names}>{''.join(inside)}" + (f"</{tag}>" if closed else ""),
        st.sampled_from(TAGS),
        st.sampled_from(NAMES) | st.lists(st.sampled_from(NAMES), max_size=3).map("".join),
        st.lists(inner, max_size=5), st.integers(0, 9).map(bool),
    )  # fmt: skip


MARKUP = st.recursive(st.sampled_from(TEXTS), _element, max_leaves=40)


BYTES = st.sampled_from(
    [b"plain text of some length ", b"\xc3\xa9", b"\xe4\xb8\xad", b"\xf0\x9f\x98\x80", b"\xc0\x80",
    b"\xe0\x80\x80", b"\xed\xa0\x80", b"\xed\x9f\xbf",
     b"\xf4\x8f\xbf\xbf", b"\xf4\x90\x80\x80", b"\x80", b"\xc3", b"\xe4\xb8", b"\xf0\x9f\x98", b"\xff", b"\0",
     b"\x7f", b"\xee\x80\x80", b"\xf0\x90\x80\x80"]
)  # fmt: skip


@given(st.lists(BYTES, max_size=12).map(b"".join) | st.binary(max_size=24))
@settings(max_examples=examples(2000))
def test_what_is_utf8_is_told_as_python_does(page: bytes) -> None:
    told = charset._is_utf8(page)
    with plainly():
        assert charset._is_utf8(page) == told


@given(st.text(st.sampled_from("ab \n\t\u00a0\u2003\u3000\u200b\x85é中"), max_size=40))
@settings(max_examples=examples(1000))
def test_blanks_are_folded_alike(text: str) -> None:
    assert text_module.single_spaced(text) == " ".join(text.split()).encode()


@given(st.lists(MARKUP, min_size=1, max_size=6).map("".join))
@settings(max_examples=examples(600), deadline=None)
def test_any_markup_is_walked_alike(markup: str) -> None:
    _both(f"<html lang=en><head><title>A title | The Ledger</title></head><body>{markup}</body></html>")


@pytest.mark.parametrize("path", stories())
def test_stories_of_every_layout_are_walked_alike(path: str) -> None:
    _both(render_story(stories()[path], "https://example.org"))


@pytest.mark.parametrize("number", range(12))
def test_pages_of_real_size_are_walked_alike(number: int) -> None:
    _both(_made_up(number, 1))


@pytest.mark.timeout(240)
# A page of endless nesting is read until its time is up, which is elsewhere each time.
@pytest.mark.parametrize("mutation", [m for m in MUTATIONS if m != "nested"])
def test_damaged_pages_are_walked_alike(mutation: str) -> None:
    for page in pages(seed=11, count=examples(8), only=mutation):
        _both(page)
