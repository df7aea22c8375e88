"""JSON-LD of a page: its objects, read past the usual errors, and those about the page's own article."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import msgspec

from services.ingest.extract.text import fold

Node = dict[str, Any]

_ARTICLE_TYPES = (
    "newsarticle", "reportagenewsarticle", "analysisnewsarticle", "opinionnewsarticle",
    "backgroundnewsarticle", "reviewnewsarticle", "article", "liveblogposting", "blogposting",
    "socialmediaposting", "scholarlyarticle", "report", "advertisercontentarticle", "techarticle", "review",
)  # fmt: skip
_PAGE_TYPES = ("webpage", "itempage")
_RANK = {kind: n for n, kind in enumerate((*_ARTICLE_TYPES, *_PAGE_TYPES))}
_OTHER = len(_RANK)  # recipes, videos and the like: only where they are surely about the page
_TELLING = ("headline", "datePublished", "articleBody", "author")
_MAX_SCRIPT = 600_000
_MAX_DEPTH = 6  # of objects within objects: an author of an organisation of a group is three
_MAX_DOCUMENTS = 50
_MOST_MARKS = 8  # around a script
_CONTROL = re.compile(r"[\x00-\x1f]+")
_OPENINGS, _CLOSINGS = ("<!--", "//", "/*", "*/", "<![CDATA["), ("-->", "//", "/*", "*/", "]]>", ";")
_TRAILING_COMMA = re.compile(r'("(?:[^"\\]++|\\.)*+(?:"|\\?\Z))|,(?=\s*+[}\]])', re.DOTALL)
_BETWEEN = re.compile(r"[\s,;]*")


def read_json_ld(raw: str) -> list[Node]:
    """The objects of one script: comments, CDATA, trailing commas and several documents in one are read past.

    Empty for what is none, and for more than 600,000 characters.
    """
    if len(raw) > _MAX_SCRIPT:
        return []
    try:
        return list(_objects(msgspec.json.decode(raw)))
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return [node for document in _lenient(raw) for node in _objects(document)]


def _lenient(raw: str) -> Iterator[Any]:
    text = _CONTROL.sub(" ", _unwrapped(raw))
    if text.startswith(("{&quot;", "[{&quot;")):
        text = html.unescape(text)
    text = _TRAILING_COMMA.sub(lambda match: match[1] or "", text)
    decoder = json.JSONDecoder(strict=False)
    at = 0
    try:
        for _ in range(_MAX_DOCUMENTS):
            if at >= len(text):
                return
            document, end = decoder.raw_decode(text, at)
            yield document
            between = _BETWEEN.match(text, end)
            at = between.end() if between else end
    except (ValueError, RecursionError):
        return


def _unwrapped(raw: str) -> str:
    """A script without the comments and CDATA marks around it."""
    text = raw.strip()
    for _ in range(_MOST_MARKS):
        opening = next((mark for mark in _OPENINGS if text.startswith(mark)), "")
        closing = next((mark for mark in _CLOSINGS if text.endswith(mark)), "")
        if not opening and not closing:
            break
        text = text.removeprefix(opening).removesuffix(closing).strip()
    return text


def _objects(value: Any, depth: int = 0) -> Iterator[Node]:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value[:200]:
            yield from _objects(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key in ("@graph", "mainEntity", "mainEntityOfPage", "hasPart"):
            inner = value.get(key)
            if isinstance(inner, (dict, list)):
                yield from _objects(inner, depth + 1)


def types_of(node: Node) -> list[str]:
    """The types of an object in lower case, without the vocabulary's address."""
    kinds = node.get("@type")
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return [k.rsplit("/", 1)[-1].lower() for k in kinds if isinstance(k, str)]


def about_page(nodes: list[Node], addresses: list[str], titles: list[str]) -> list[Node]:
    """The objects that describe the page's own article, the best first.

    `addresses` are those by which the page is known, `titles` what its metadata and its `h1` call it. An
    object of another address whose headline is none of these is another story, however much it says. Of the
    others the article comes before the page, the likelier before the less likely, the fuller before the rest.
    """
    known = {key for address in addresses if (key := _path(address))}
    titles = [title for title in titles if title]
    words: list[set[str]] = []  # of the titles, once a headline is none of them as it stands
    found = []
    for node in nodes:
        if not any(node.get(key) for key in _TELLING):
            continue
        rank = min((_RANK[kind] for kind in types_of(node) if kind in _RANK), default=_OTHER)
        fit = _fit(node, known, titles, words)
        if fit > 0 or (rank != _OTHER and (fit == 0 or not known)):
            found.append((rank >= len(_ARTICLE_TYPES), rank == _OTHER, -fit, rank, -len(node), node))
    found.sort(key=lambda item: item[:5])
    return [item[-1] for item in found]


def _fit(node: Node, known: set[str], titles: list[str], words: list[set[str]]) -> int:
    """How sure it is that an object is about the page: negative for another story."""
    paths = {path for path in map(_path, _own_addresses(node)) if path}
    headline = node.get("headline") or node.get("name")
    headline = headline if isinstance(headline, str) else ""
    alike = headline != "" and headline in titles
    if headline and not alike:
        if not words:
            words += [set(fold(title).split()) for title in titles]
        said = set(fold(headline).split())
        alike = bool(said) and any(_alike(said, title) for title in words)
    if paths & known:
        return 3 if alike else 2
    if alike:
        return 1
    return -1 if paths and headline and titles else 0


def _own_addresses(node: Node) -> Iterator[str]:
    for value in (node.get("mainEntityOfPage"), node.get("url"), node.get("@id")):
        inner = value.get("@id") or value.get("url") if isinstance(value, dict) else value
        if isinstance(inner, str):
            yield inner


def _path(address: str) -> str:
    """An address as far as it tells one page from another: path and query; empty for a front page."""
    try:
        parts = urlsplit(address.strip())
    except ValueError:
        return ""
    path = parts.path.rstrip("/").removesuffix("/amp").removesuffix(".amp").lower()
    return f"{path}?{parts.query}" if parts.query and path.count("/") < 2 else path


def _alike(a: set[str], b: set[str]) -> bool:
    return len(a & b) >= 0.5 * min(len(a), len(b))
