"""Fourteen ways in which partners put other stories around a syndicated one; each must yield exactly
the body."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import pytest

from services.demo.pages import stories, teasers
from services.ingest.extract import extract

STORY = stories()["/world/lisbon-dockers-end-strike"]
TEASERS = teasers()["en"]["stories"]
NOTICE = teasers()["en"]["notice"]
HEADINGS = {
    "en": "Recommended Stories",
    "de": "Das könnte Sie auch interessieren",
    "fr": "À lire aussi",
    "es": "Te puede interesar",
    "ru": "Читайте также",
    "ar": "اقرأ أيضا",
    "ja": "関連記事",
    "zh": "相关阅读",
}


def _body(paragraphs: list[str] | None = None) -> str:
    return "".join(f"<p>{escape(p)}</p>" for p in paragraphs or STORY.body)


def _page(main: str) -> str:
    return f"""<!DOCTYPE html><html lang="en"><head><title>{escape(STORY.title)}</title></head><body>
<header><a href="/">A partner</a></header><main><h1>{escape(STORY.title)}</h1>
<div class="byline">By <a rel="author" href="/a/ic">{STORY.authors[0]}</a></div><div>2 min read</div>{main}</main>
<footer>© A partner</footer></body></html>"""  # noqa: E501


def _after(box: str) -> str:
    return _page(f'<div class="c">{_body()}<p>More from Reuters</p><p>{NOTICE}</p>{box}</div>')


def _items(template: str) -> str:
    return "".join(
        template.format(n=n, title=escape(t["title"]), text=escape(t["text"])) for n, t in enumerate(TEASERS)
    )


def list_inside_the_body() -> str:
    return _after(
        f"<h2>{HEADINGS['en']}</h2><ul>{_items('<li><a href=/s/{n}>{title}</a><p>{text}</p></li>')}</ul>"
    )


def cards_with_names() -> str:
    return _after(
        f"<div "
        f'class="recirc"><h2>Recommended</h2>'
        f"{_items('<div class=card><h3><a href=/s/{n}>{title}</a></h3><p>{text}</p></div>')}</div>"
    )


def cards_without_names() -> str:
    return _after(_items("<div><h4><a href=/s/{n}>{title}</a></h4><div>{text}</div></div>"))


def cards_each_named_differently() -> str:
    return _after(
        f"<h3>More "
        f"stories</h3>"
        f"{_items('<div class=sc-{n}x><span><a href=/s/{n}>{title}</a></span><p>{text}</p></div>')}"
    )


def a_table() -> str:
    return _after(f"<table>{_items('<tr><td><a href=/s/{n}>{title}</a></td><td>{text}</td></tr>')}</table>")


def flat_headings_and_paragraphs() -> str:
    return _after(f"<h2>{HEADINGS['en']}</h2>{_items('<h3><a href=/s/{n}>{title}</a></h3><p>{text}</p>')}")


def flat_without_a_heading() -> str:
    return _after(_items("<h3><a href=/s/{n}>{title}</a></h3><p>{text}</p>"))


def whole_cards_as_links() -> str:
    return _after(_items("<a href=/s/{n}><div><h3>{title}</h3><p>{text}</p></div></a>"))


def before_the_body() -> str:
    cards = _items("<div class=z><h3><a href=/s/{n}>{title}</a></h3><p>{text}</p></div>")
    return _page(f'<div class="c"><div>{cards}</div>{_body()}<p>More from Reuters</p></div>')


def between_the_paragraphs() -> str:
    parts = []
    for n, paragraph in enumerate(STORY.body):
        teaser = TEASERS[n]
        parts.append(f"<p>{escape(paragraph)}</p>")
        if n % 2:
            parts.append(
                f'<div class="in"><a '
                f'href="/s/{n}"><b>{escape(teaser["title"])}</b></a><p>{escape(teaser["text"])}</p></div>'
            )
    return _page(f'<div class="c">{"".join(parts)}<p>More from Reuters</p></div>')


def terms_and_descriptions() -> str:
    return _after(f"<dl>{_items('<dt><a href=/s/{n}>{title}</a></dt><dd>{text}</dd>')}</dl>")


def titles_with_times_in_sections() -> str:
    return _after(
        f"<section><h2>Up "
        f"next</h2>"
        f"{_items('<article><time>3h ago</time><h3><a href=/s/{n}>{title}</a></h3><p>{text}</p><span>Reuters</span></article>')}</section>"  # noqa: E501
    )


def a_table_without_links_or_names() -> str:
    return _after(f"<table>{_items('<tr><td>{title}</td><td>{text}</td></tr>')}</table>")


def rows_without_links_or_names() -> str:
    return _after(_items("<div><div>{title}</div><div>{text}</div></div>"))


LAYOUTS: list[Callable[[], str]] = [
    list_inside_the_body, cards_with_names, cards_without_names, cards_each_named_differently, a_table,
    flat_headings_and_paragraphs, flat_without_a_heading, whole_cards_as_links, before_the_body,
    between_the_paragraphs, terms_and_descriptions, titles_with_times_in_sections,
    a_table_without_links_or_names, rows_without_links_or_names,
]  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda f: f.__name__)
def test_each_layout_yields_exactly_the_body(layout: Callable[[], str]) -> None:
    found = extract(layout(), "https://partner.example/x")
    assert found.text.split("\n\n") == STORY.body
    assert found.title == STORY.title
    assert found.authors == STORY.authors


@pytest.mark.parametrize("language", HEADINGS)
def test_a_heading_in_any_language_ends_the_body(language: str) -> None:
    # The titles are links, the teasers stand in the same line: no card to be seen, only the heading tells.
    lines = "".join(
        f'<p><a href="/s/{n}">{escape(t["title"])}</a> {escape(t["text"])}</p>' for n, t in enumerate(TEASERS)
    )
    page = _after(f"<h3>{HEADINGS[language]}</h3>{lines}")
    found = extract(page, "https://partner.example/x")
    assert found.text.split("\n\n") == STORY.body
