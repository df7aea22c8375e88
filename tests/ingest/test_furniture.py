"""Menus, sidebars and lists of other stories: taken as one piece, without a loss of what stands in them or
beside them."""

from __future__ import annotations

import gc
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from services.demo.pages import DemoStory, render, stories
from services.ingest.extract import explain, extract, nodes, walk
from services.ingest.extract.blocks import Container
from services.ingest.extract.elements import MAX_LOOKS
from services.ingest.extract.vocabulary import is_junk_line, is_more_heading
from services.ingest.extract.walk import walk_page
from tests.compiled import plain

URL = "https://courier.example/2026/03/bridge"
PARAGRAPHS = [
    "The council voted on Tuesday to rebuild the old bridge, which a flood had carried away three winters "
    "ago.",
    "Work is to begin in May and to last until the autumn of next year, the mayor said after the vote.",
    "The bridge had stood for a hundred and forty years. Farmers on the far bank have used a ferry since it "
    "fell.",
    "Engineers found that its piers can be used again, which saves a third of what a new bridge would cost.",
]
BODY = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)
MENU = (
    "<header>"
    + "".join(f"<div class='w{n}'><i></i><b>Section {n}</b></div>" for n in range(45))
    + "</header>"
)


def _page(body: str, head: str = "") -> str:
    return f"<html><head><title>Council votes to rebuild bridge</title>{head}</head><body>{MENU}{body}</body></html>"  # noqa: E501


def _article(inside: str = "", before: str = "", after: str = "") -> str:
    return _page(
        f"<main><h1>Council votes to rebuild bridge</h1>{before}<div "
        f"class=story>{inside or BODY}</div>{after}</main>"
    )


def test_titles_in_a_piece_of_furniture_are_links_and_not_text() -> None:
    titles = [f"Another story about the river, number {n}" for n in range(6)]
    cards = "".join(
        f"<div><a href='/s{n}'>{title}</a><p>A short teaser.</p></div>" for n, title in enumerate(titles)
    )
    found = extract(_article(BODY + f"<aside class='sidebar'>{cards}</aside>"), URL)
    assert found.text == "\n\n".join(PARAGRAPHS)
    assert [link.title for link in found.links if link.kind == "related"] == titles


def test_a_list_of_links_is_links_and_not_text() -> None:
    items = "".join(f"<li><a href='/s{n}'>A story with a long enough title, {n}</a></li>" for n in range(5))
    found = extract(_article(BODY + f"<ul>{items}</ul>"), URL)
    assert found.text == "\n\n".join(PARAGRAPHS)
    assert len([link for link in found.links if link.kind == "related"]) == 5


def test_a_list_with_words_of_its_own_is_read() -> None:
    items = "".join(
        f"<li>Point {n}: the <a href='/x{n}'>report</a> says so in its own words.</li>" for n in range(4)
    )
    text = extract(_article(BODY + f"<ul>{items}</ul><p>{PARAGRAPHS[0][::-1]}</p>"), URL).text
    assert "- Point 2: the report says so in its own words." in text


def test_an_article_in_elements_named_as_furniture_is_read() -> None:
    found = extract(_page(f"<h1>Council votes to rebuild bridge</h1><div class='sidebar'>{BODY}</div>"), URL)
    assert found.text == "\n\n".join(PARAGRAPHS)


def test_furniture_is_explained_as_one_block() -> None:
    blocks = explain(
        _article(BODY + "<aside class='sidebar'><p>One thing.</p><p>Another thing.</p></aside>"), URL
    )
    assert [(b.verdict, b.text) for b in blocks if "thing" in b.text] == [
        ("furniture", "One thing. Another thing.")
    ]


def test_the_provider_named_above_its_other_stories_is_found() -> None:
    more = "<section class='related'><h3>More from The Harbour Post</h3><p>Some other story, told in brief.</p></section>"  # noqa: E501
    assert extract(_article(after=more), URL).provider == "The Harbour Post"


def test_a_front_page_of_teasers_is_no_article() -> None:
    cards = "".join(
        f"<div class=teaser><a href='/s{n}'>A story with a long enough title, number {n}, on the front "
        f"page</a></div>"
        for n in range(40)
    )
    found = extract(_page(f"<main>{cards}<p>{PARAGRAPHS[0]}</p></main>"), "https://courier.example/")
    assert found.reason == "home_page"


@pytest.mark.parametrize(
    "byline",
    [
        "<div class='post-author__name'>Ann Lee</div>",
        "<span class='c-byline__writer'>By Ann Lee</span>",
        "<p><a class='blogAuthor' href='/team/ann'>Ann Lee</a></p>",
    ],
)
def test_a_byline_under_a_name_of_the_template_s_own(byline: str) -> None:
    assert extract(_article(before=byline), URL).authors == ["Ann Lee"]


@pytest.mark.parametrize(
    "other", ["<div class='author-bio'>Some Body</div>", "<div class='post-author'>von</div>"]
)
def test_what_is_no_person_is_no_author(other: str) -> None:
    assert extract(_article(before=other), URL).authors == []


def test_a_date_that_the_walk_passes_by_is_found_the_slower_way_and_counted() -> None:
    found = extract(
        _article(after="<footer><time datetime='2026-03-03T10:00:00Z'>3 March</time></footer>"), URL
    )
    assert found.published_at is not None
    assert found.published_at.isoformat() == "2026-03-03T10:00:00+00:00"
    assert found.method.startswith("blocks+whole page/")
    plain = extract(
        _article(
            before="<div class='byline'><a>Ann Lee</a> <time datetime='2026-03-03T10:00:00Z'></time></div>"
        ),
        URL,
    )
    assert plain.method.startswith("blocks/")


def test_paragraphs_beside_the_largest_part_of_the_article_are_read() -> None:
    page = _article(f"<p>{PARAGRAPHS[0]}</p><div class='part'>{BODY.split('</p>', 1)[1]}</div>")
    assert extract(page.replace("class=story", "class='entry-content'"), URL).text == "\n\n".join(PARAGRAPHS)


def test_a_standfirst_under_the_headline_is_the_article_s_first_paragraph() -> None:
    dek = "A flood carried it away three winters ago; farmers have crossed by ferry since."
    page = _page(
        f"<div><h1>Council votes to rebuild bridge</h1><h2>{dek}</h2></div><div class=story>{BODY}</div>"
    )
    assert extract(page, URL).text.split("\n\n")[0] == dek


def test_a_table_that_an_editor_set_as_a_figure_is_read_and_its_caption_is_not() -> None:
    rows = "".join(f"<tr><td>Meeting {n}</td><td>3.{n}0</td></tr>" for n in range(1, 4))
    figure = f"<figure class='wp-block-table'><table>{rows}</table><figcaption>Source: the bank</figcaption></figure>"  # noqa: E501
    text = extract(_article(BODY.replace("</p>", f"</p>{figure}", 1)), URL).text
    assert "Meeting 2\n\n3.20" in text
    assert "Source" not in text


def test_nothing_of_a_page_waits_for_the_garbage_collector() -> None:
    gc.collect()
    gc.disable()
    try:
        extract(_article(), URL)
        extract(_page("<p>No article.</p>"), URL)
        assert not [thing for thing in gc.get_objects() if type(thing).__name__ == Container.__name__]
    finally:
        gc.enable()


@pytest.mark.parametrize(
    "opening", ["<ul>", "<aside>", "<div class=sidebar>", "<figure><div>", "<ul class=menu><li>"], ids=str
)
@pytest.mark.parametrize("form", ["as it runs", "plain"])
def test_looks_ahead_are_bounded_on_a_page_made_to_cost_them(opening: str, form: str) -> None:
    modules: tuple[Any, ...] = (walk, nodes)
    if form == "plain":
        modules = tuple(plain("services.ingest.extract")[module.__name__] for module in modules)
    walking, reading = modules
    links = 20_000
    page = _page(opening * 150 + "<a href=/x>a title of some length</a>" * links + f"<p>{PARAGRAPHS[0]}</p>")
    body = LexborHTMLParser(page).body
    assert body is not None
    walker = walking.Walker(
        reading.Nodes(body.parser), everything=False, thorough=False, ends_at=float("inf")
    )
    walker.read(body)
    assert 0 < walker.looks <= MAX_LOOKS + 1 + links // 100, "at every level it would be many times that"
    assert PARAGRAPHS[0] in " ".join(block.text for block in walker.page.blocks)


def test_code_is_no_text_however_deep_it_stands() -> None:
    deep = (
        "<div>" * 250 + f"<p>{PARAGRAPHS[3]}</p><script>var leaked = 1;</script><style>.leaked {{}}</style>"
    )
    found = extract(_page(BODY + deep), URL)
    assert "leaked" not in found.text
    assert not any("leaked" in block.text for block in explain(_page(BODY + deep), URL))


def test_code_within_furniture_is_no_part_of_an_explanation() -> None:
    box = "<aside class='sidebar'><p>Most read</p><script>var leaked = 1;</script><style>.leaked {}</style></aside>"  # noqa: E501
    blocks = explain(_article(BODY + box), URL)
    assert "Most read" in [block.text for block in blocks]
    assert not any("leaked" in block.text for block in blocks)


def test_a_list_named_as_furniture_that_holds_the_article_is_read() -> None:
    items = "".join(f"<li><p>{paragraph}</p></li>" for paragraph in PARAGRAPHS)
    found = extract(_page(f"<h1>Council votes to rebuild bridge</h1><ul class='menu'>{items}</ul>"), URL)
    assert all(paragraph in found.text for paragraph in PARAGRAPHS)


def test_a_page_of_nothing_but_navigation_is_empty() -> None:
    page = "<html><body><nav><a href='/a'>News</a> <a href='/b'>Sport</a></nav></body></html>"
    assert extract(page, URL).reason == "empty_page"


@pytest.mark.parametrize(
    ("line", "junk"),
    [
        ("© 2026 The Harbour Courier", True),
        ("Share", True),
        ("Share prices fell on Tuesday.", False),
        ("广告", True),
        ("4 min read", True),
        ("14:30", True),
        ("Read more: Council votes again", True),
        ("Reading the report took a week.", False),
        ("The work is by Ann Lee. All rights reserved.", True),
        ("AFP", True),
        ("", False),
    ],
)
def test_junk_lines(line: str, junk: bool) -> None:
    assert is_junk_line(line) is junk


@pytest.mark.parametrize(
    ("line", "heading"),
    [
        ("More from Reuters", True),
        ("More On: Ferries", True),
        ("Moreover", False),
        ("Recommended Stories", True),
        ("RELATED:", True),
        ("Mehr zum Thema", True),
    ],
)
def test_headings_over_other_stories(line: str, heading: bool) -> None:
    assert is_more_heading(line) is heading


@pytest.mark.parametrize("story", stories().values(), ids=lambda s: f"{s.layout}-{s.language}")
def test_containers_and_blocks_stand_where_they_say(story: DemoStory) -> None:
    body = LexborHTMLParser(render(story.path, "https://courier.example") or "").body
    assert body is not None
    page = walk_page([body])
    for n, container in enumerate(page.containers):
        assert container.index == n
        assert all(
            c.parent is container and n < c.index <= c.last <= container.last for c in container.children
        )
        assert all(page.blocks[b.order] is b for b in container.blocks)
        assert all(container.first_block <= b.order < container.end_block for b in container.blocks)
    assert all(page.containers[container.index] is container for container, _ in page.passed)


def test_a_page_has_a_budget_of_time_and_what_was_read_by_then_is_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    many = "".join(
        f"<p>Paragraph {n} of a live blog that goes on and on, and says next to nothing new.</p>"
        for n in range(9000)
    )
    whole = extract(_article(many), URL)
    clock = iter(range(100_000))
    # A second passes whenever the walk looks at it.
    monkeypatch.setattr(walk, "perf_counter", lambda: next(clock))
    monkeypatch.setattr(walk, "BUDGET_S", 4)
    cut = extract(_article(many), URL)
    assert cut.reason is None
    assert whole.text.startswith(cut.text)
    assert 1000 < cut.text.count("\n\n") < whole.text.count("\n\n")
