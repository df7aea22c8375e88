"""What a page says of itself: meta elements, JSON-LD, links in its head. Read once, as plain values."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from services.ingest.extract.blocks import Walked
from services.ingest.extract.json_ld import about_page, read_json_ld

_TAGS = re.compile(r"<[^>]{1,200}>")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_MAX_DEPTH = 6  # of objects within objects: an author of an organisation of a group is three


@dataclass(slots=True)
class Head:
    """A page's own statements. `meta` holds names and properties in lower case, the first of each winning.

    `article` is the JSON-LD object that describes the page's article, `nodes` are all objects.
    """

    meta: dict[str, str] = field(default_factory=dict)
    several: dict[str, list[str]] = field(default_factory=dict)
    title: str = ""
    canonical: str | None = None
    amp: bool = False
    language: str | None = None
    article: dict[str, Any] = field(default_factory=dict)
    nodes: list[dict[str, Any]] = field(default_factory=list)
    about: list[dict[str, Any]] = field(default_factory=list)  # of the nodes, those about the page's article
    base: str | None = None

    def first(self, *names: str) -> str | None:
        """The first meta element of these names that has a value."""
        return next((self.meta[n] for n in names if self.meta.get(n)), None)


_SEVERAL = frozenset(
    {
        "article:author",
        "author",
        "article:tag",
        "citation_author",
        "dc.creator",
        "parsely-author",
        "sailthru.author",
    }
)


def read_head(tree: LexborHTMLParser, page: Walked, url: str | None = None) -> Head:
    """Read meta elements, links, title and JSON-LD of a parsed page: of its head, and what stands in its
    body."""
    head = Head()
    in_head = (
        tree.head.css(
            'meta[content], title, link[rel~=canonical], base[href], script[type="application/ld+json"]'
        )
        if tree.head
        else []
    )
    for node in (*in_head, *page.marks.metas, *page.marks.json_ld):
        tag = node.tag
        if tag == "meta":
            _take_meta(head, node.attributes)
        elif tag == "script":
            head.nodes.extend(read_json_ld(node.text() or ""))
        elif tag == "title":
            head.title = head.title or clean(node.text() or "")
        elif tag == "base":
            head.base = head.base or node.attributes.get("href")
        elif not head.canonical:
            attributes = node.attributes
            if "canonical" in (attributes.get("rel") or "").lower().split():
                head.canonical = (attributes.get("href") or "").strip() or None
    root = tree.root
    if root is not None:
        attributes = root.attributes
        head.language = attributes.get("lang") or attributes.get("xml:lang")
        head.amp = "amp" in attributes or "⚡" in attributes
    if head.nodes:
        addresses = [a for a in (url, head.canonical, head.meta.get("og:url")) if a]
        titles = [head.meta.get("og:title", ""), head.title, *(b.text for b in page.h1[:4])]
        head.about = about_page(head.nodes, addresses, titles)
        head.article = head.about[0] if head.about else {}
    return head


def _take_meta(head: Head, attributes: dict[str, str | None]) -> None:
    content = attributes.get("content")
    name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop")
    if not content or not name:
        return
    value = clean(content)
    if not value:
        return
    name = name.strip().lower()
    head.meta.setdefault(name, value)
    if name in _SEVERAL:
        head.several.setdefault(name, []).append(value)


def clean(text: str) -> str:
    """Text of an attribute or a script as a reader sees it: entities resolved, tags out, spaces single.

    What no text can hold (NUL, lone surrogates, both of which JSON can smuggle in) becomes a replacement
    character.
    """
    if "\0" in text or (not text.isascii() and _UNSTORABLE.search(text)):
        text = _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _TAGS.sub(" ", text)
    return " ".join(text.split())


def names_of(value: Any, depth: int = 0) -> list[str]:
    """Names in a JSON-LD value: a string, an object with a `name`, or a list of either."""
    if isinstance(value, str):
        return [clean(value)]
    if depth > _MAX_DEPTH:
        return []
    if isinstance(value, dict):
        if value.get("name"):
            return names_of(value["name"], depth + 1)
        parts = [value.get("givenName"), value.get("familyName")]
        return (
            [clean(" ".join(p for p in parts if isinstance(p, str)))]
            if any(isinstance(p, str) for p in parts)
            else []
        )
    if isinstance(value, list):
        return [name for item in value[:50] for name in names_of(item, depth + 1)]
    return []


def url_of(value: Any, depth: int = 0) -> str | None:
    """The first URL in a JSON-LD value: a string, an object with `url`, or a list of either."""
    if depth > _MAX_DEPTH:
        return None
    if isinstance(value, list):
        return next((u for item in value if (u := url_of(item, depth + 1))), None)
    if isinstance(value, dict):
        return url_of(value.get("url") or value.get("contentUrl") or value.get("@id"), depth + 1)
    return clean(value) or None if isinstance(value, str) else None
