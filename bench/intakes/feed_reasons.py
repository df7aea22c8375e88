"""Why our readers say something else than another project's tests expect, where that is meant to be.

Each kind is recognised by what the two answers are and what the input holds, never by the name of a file.
"""

from __future__ import annotations

import html
import re
from datetime import datetime

import ada_url
from lxml import html as markup

from bench.intakes.outcome import Point, Reason
from bench.intakes.robots_reasons import ROBOTS

_ITEM = re.compile(r"<(?:[\w.-]+:)?(item|entry)\b[^>]*>.*?</(?:[\w.-]+:)?\1\s*>", re.IGNORECASE | re.DOTALL)
_LINK = re.compile(r"<(?:[\w.-]+:)?link\b[^>]*(?:href=|[^/]>\s*[^<\s]|link>\s*[^<\s])", re.IGNORECASE)
_HTML4 = str.maketrans("\u3008\u3009\u2329\u232a", "\u27e8\u27e9\u27e8\u27e9")
_TEXTS = ("title", "feed title", "author", "tag")


def _texts(point: Point) -> tuple[str, str] | None:
    """Both answers, where they are texts for a reader; of a list the one that is nearest."""
    ours = point.ours or ""
    if isinstance(ours, list):
        theirs = _shown(str(point.theirs))
        ours = next((each for each in ours if each in (theirs, _shown(theirs))), "")
    return (str(point.theirs), str(ours)) if point.field in _TEXTS else None


def _shown(text: str) -> str:
    """What a browser shows of HTML, in one line."""
    try:
        shown = markup.fromstring(f"<div>{text}</div>").text_content()
    except (ValueError, markup.etree.ParserError):
        return ""
    return " ".join(shown.split())


def _markup(point: Point) -> bool:
    both = _texts(point)
    return (
        bool(both)
        and ("<" in both[0] or "&" in both[0])
        and both[1] in (_shown(both[0]), _shown(_shown(both[0])), _shown(html.unescape(both[0])))
    )  # type: ignore[index]


def _blanks(point: Point) -> bool:
    both = _texts(point)
    return bool(both) and " ".join(both[0].split()) == both[1]  # type: ignore[index]


def _brackets(point: Point) -> bool:
    both = _texts(point)
    return bool(both) and both[0].translate(_HTML4) == both[1]  # type: ignore[index]


def _document(point: Point) -> bool:
    both = _texts(point)
    return bool(both) and ("<!DOCTYPE" in both[1] or "<!--" in both[1])  # type: ignore[index]


def _address(point: Point) -> bool:
    if point.field != "link" or not isinstance(point.theirs, str) or not isinstance(point.ours, str):
        return False
    try:
        return ada_url.URL(point.theirs).href.partition("#")[0] == point.ours
    except ValueError:
        return False


def _items(point: Point) -> list[str]:
    return [item[0] for item in _ITEM.finditer(point.source)]


def _linkless(point: Point) -> bool:
    """Some item has no link of its own, and ours lists that many fewer, or none at its place."""
    without = sum(1 for item in _items(point) if not _LINK.search(item))
    if point.source.lstrip().startswith("{"):
        without = 1 if '"url"' not in point.source.partition('"items"')[2] else 0
    if point.field == "count":
        return without > 0 and point.theirs == point.ours + without  # type: ignore[operator]
    return without > 0 and ((point.field == "link" and point.ours is None) or point.field == "refused")


def _guid(point: Point) -> bool:
    return (
        point.field == "addresses"
        and 'isPermaLink="false"' in point.source
        and point.ours == point.theirs - 1
    )  # type: ignore[operator]


def _about(point: Point) -> bool:
    return point.field == "link" and f'rdf:about="{point.ours}"' in point.source


def _first_link(point: Point) -> bool:
    theirs, ours = str(point.theirs).rstrip("/"), str(point.ours).rstrip("/")
    return point.field == "link" and any(0 <= item.find(ours) < item.find(theirs) for item in _items(point))


def _untitled(point: Point) -> bool:
    """Their title is put together of something else: no title in the input holds it."""
    titles = re.findall(
        r"<(?:[\w.-]+:)?title\b[^>]*>(.*?)</|\"title\"\s*:\s*\"([^\"]*)\"", point.source, re.DOTALL
    )
    if point.field != "title" or point.ours is not None:
        return False
    return not any(str(point.theirs) in _shown("".join(each)) for each in titles)


def _label(point: Point) -> bool:
    return point.field == "tag" and f'term="{point.theirs}"' in point.source and "label=" in point.source


def _other_date(point: Point) -> bool:
    both = (point.theirs, point.ours)
    return point.field == "date" and all(
        isinstance(each, datetime) and f"{each:%Y-%m-%d}" in point.source for each in both
    )


def _cdf(point: Point) -> bool:
    return (
        point.field == "date"
        and point.ours is None
        and re.search(r"<item\s[^>]*lastmod=", point.source, re.I) is not None
    )


def _podcast(point: Point) -> bool:
    return point.field == "tag" and "<itunes:category" in point.source and not point.ours


def _made_up(point: Point) -> bool:
    return point.field == "tag" and re.search(r"<tags?>", point.source) is not None


FEEDS = (
    Reason("markup", "a title, name or tag is the text that a reader sees: no markup, no references",
    _markup),
    Reason("blanks", "blanks of any width, in rows too, are one blank", _blanks),
    Reason("brackets", "&lang; and &rang; are HTML 5's letters, not HTML 4's", _brackets),
    Reason("document as title", "a document or an endless comment in a title is left as it is written",
    _document),
    Reason("address", "an address is written as the URL standard writes it, without its fragment", _address),
    Reason("no link", "an item without a link of its own is no page: the site's, an enclosure's or none "
        "stands for it", _linkless),
    Reason("about", "an RDF item without a link is at the address that it is about, not at the site's",
    _about),
    Reason("first link", "of several links of an item the first counts", _first_link),
    Reason("no title", "no title is made up of an item's text or address: the page has one", _untitled),
    Reason("label", "a tag is called what it is called for readers, where it has a label beside its term",
    _label),
    Reason("other date", "of several dates of an item the first of the likeliest kind counts", _other_date),
    Reason("CDF", "the dates of Channel Definition Format, which RSS replaced, are not read", _cdf),
    Reason("podcast", "the categories of podcasts are no tags of an article", _podcast),
    Reason("made up", "an element that no format knows is not read", _made_up),
)  # fmt: skip
SITEMAPS: tuple[Reason, ...] = (
    Reason("no permalink", "a guid that says it is no permalink is none", _guid),
    *ROBOTS,
)  # fmt: skip
