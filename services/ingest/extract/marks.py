"""Elements by which a page says of itself when and by whom it was written, gathered on the walk over it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from services.ingest.extract.vocabulary import (
    AUTHOR,
    AUTHOR_NAME,
    AUTHOR_PART,
    BYLINE,
    DATE,
    MARKING,
    PUBLISHED,
    read_class,
)

_ALL = (
    'meta, title, link[rel], script[type="application/ld+json"], time, [itemprop=datePublished], '
    "[itemprop=author], "
    "[property=datePublished], [rel=author], .byline, .author, .author-name, .date, .published, .post-date, "
    ".entry-date, "
    ".article-date, .pubdate, [data-timestamp], [data-datetime], [data-time], [title^='20'], [title^='19']"
)
_STAMPED = ("title", "data-timestamp", "data-datetime", "data-time")
_STAMP = re.compile(r"(?:19|20)\d\d-[01]\d-[0-3]\d|1\d{9}(?:\d{3})?$")  # a date, or seconds since 1970
_DATES_BY_NAME = frozenset(("span", "div", "p"))  # elements in which a class `date` alone is believed


@dataclass(slots=True)
class Marks:
    """Elements in the page's order, by what marks them."""

    metas: list[LexborNode] = field(
        default_factory=list
    )  # meta, title and link elements that stand in the body
    json_ld: list[LexborNode] = field(default_factory=list)  # the scripts of that type in the body
    times: list[LexborNode] = field(default_factory=list)
    published: list[LexborNode] = field(default_factory=list)  # as microdata or RDFa name it
    dated: list[LexborNode] = field(default_factory=list)  # as class names do
    rel_author: list[LexborNode] = field(default_factory=list)
    item_author: list[LexborNode] = field(default_factory=list)
    author_name: list[LexborNode] = field(default_factory=list)
    byline: list[LexborNode] = field(default_factory=list)
    author: list[LexborNode] = field(default_factory=list)
    author_part: list[LexborNode] = field(
        default_factory=list
    )  # elements with `author` or the like in a name

    def note(
        self, node: LexborNode, tag: str, attributes: dict[str, str | None], flags: int, whole: bool = False
    ) -> None:
        """Take an element in, if anything marks it. `flags` are those of its class names; on a look through
        the `whole` page attributes that hold a moment mark it, too.
        """
        if tag == "time":
            self.times.append(node)
            if "pubdate" in attributes:
                self.published.append(node)
        elif whole and not flags & DATE and any(_STAMP.match(attributes.get(n) or "") for n in _STAMPED):
            self.dated.append(node)
        itemprop = attributes.get("itemprop")
        if itemprop == "datePublished" or attributes.get("property") == "datePublished":
            self.published.append(node)
        elif itemprop == "author":
            self.item_author.append(node)
        if attributes.get("rel") == "author":
            self.rel_author.append(node)
        if flags & MARKING:
            if flags & PUBLISHED or (flags & DATE and tag in _DATES_BY_NAME):
                self.dated.append(node)
            if flags & AUTHOR_NAME:
                self.author_name.append(node)
            if flags & BYLINE:
                self.byline.append(node)
            if flags & AUTHOR:
                self.author.append(node)
            if flags & AUTHOR_PART:
                self.author_part.append(node)

    def authors(self) -> Iterable[list[LexborNode]]:
        """Elements that may name the author, the most telling kind first."""
        yield self.rel_author
        yield _within(self.item_author, "[itemprop=name]")
        yield self.item_author
        yield _within(self.byline, ".author")
        yield self.author_name
        yield self.byline
        yield _within(self.byline, "a")
        yield _within(self.author, "a")
        yield self.author


def _within(nodes: list[LexborNode], selector: str) -> list[LexborNode]:
    """The first elements of a kind below these nodes, which may stand in one another: each is looked
    through."""
    found: list[LexborNode] = []
    for node in nodes[:_MOST_LOOKED_THROUGH]:
        found += node.css(selector)
        if len(found) >= _ENOUGH_AUTHORS:
            break
    return found


_MOST_LOOKED_THROUGH, _ENOUGH_AUTHORS = 100, 20


def marks_of(tree: LexborHTMLParser) -> Marks:
    """The marks of a whole page, those in its navigation and in what it hides among them: several times
    slower."""
    marks = Marks()
    body = tree.body
    if body is not None:
        for node in body.css(_ALL):
            tag = node.tag or ""
            if tag in ("meta", "title", "link"):
                marks.metas.append(node)
            elif tag == "script":
                marks.json_ld.append(node)
            else:
                attributes = node.attributes
                marks.note(node, tag, attributes, read_class(attributes.get("class") or "")[1], whole=True)
    return marks
