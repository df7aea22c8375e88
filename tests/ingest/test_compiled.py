"""The compiled walk over Lexbor's nodes finds what the one over selectolax's finds."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.extraction.mutate import MUTATIONS, pages
from bench.pipeline.pages import _made_up
from services.demo.pages import render_story, stories
from services.ingest.extract import explain, extract
from tests.compiled import need_compiled, plain
from tests.conftest import repository
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
    copy = plain("services.ingest.extract")["services.ingest.extract"]
    for compiled, plainly in (
        (extract(page, URL, now=NOW), copy.extract(page, URL, now=NOW)),
        (explain(page, URL), copy.explain(page, URL)),
    ):
        assert msgspec.to_builtins(compiled) == msgspec.to_builtins(plainly)


def test_a_walk_compiled_for_another_selectolax_gives_way_to_the_plain_one() -> None:
    """In a process of its own, in which selectolax says that it is another version than the one this was
    compiled with."""
    script = """
import importlib.metadata as metadata
version = metadata.version
metadata.version = lambda name: "1.0.999" if name == "selectolax" else version(name)
from services.ingest.extract import block_filter, extract, nodes, walk
assert walk.COMPILED is False and nodes.__file__.endswith(".py"), (walk.__file__, nodes.__file__)
assert not block_filter.__file__.endswith(".py")
print(extract("<title>A bridge</title><p>The council voted to rebuild the bridge.</p>").title)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=repository()
    )
    assert (done.stdout, done.stderr) == ("A bridge\n", "")


def _element(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(
        lambda tag, names, inside,
        closed: f"<{tag}{names}>{''.join(inside)}" + (f"</{tag}>" if closed else ""),
        st.sampled_from(TAGS),
        st.sampled_from(NAMES) | st.lists(st.sampled_from(NAMES), max_size=3).map("".join),
        st.lists(inner, max_size=5), st.integers(0, 9).map(bool),
    )  # fmt: skip


MARKUP = st.recursive(st.sampled_from(TEXTS), _element, max_leaves=40)


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


_HUGE = "million empty tags"
"""Damage that makes a page of many megabytes: one is enough, and eight seconds of work."""


def _damages() -> list[Any]:
    """A page of endless nesting is read until its time is up, which is elsewhere each time."""
    return [pytest.param(m, marks=pytest.mark.long if m == _HUGE else ()) for m in MUTATIONS if m != "nested"]


@pytest.mark.timeout(240)
@pytest.mark.parametrize("mutation", _damages())
def test_damaged_pages_are_walked_alike(mutation: str) -> None:
    few = 1 if mutation == _HUGE else examples(4)
    for page in pages(seed=11, count=few, only=mutation):
        _both(page)
