"""OPML, the format in which feed readers exchange lists of feeds: lenient when read, by the standard when
written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from services.contract.errors import PermanentError
from services.ingest.sources.xml_text import decoded, own_entities, unescaped

_ROOT = re.compile(r"<(?:[\w.\-]+:)?(?:opml|body|outline)\b", re.IGNORECASE)
_VALUE = r"\"[^\"]{0,8000}+\"|'[^']{0,8000}+'|[^\s\"'<>]++"
_OUTLINE = re.compile(rf"<(?:[\w.\-]+:)?outline\b((?:\s*+[\w:.\-]++\s*+=\s*+(?:{_VALUE}))*+)", re.IGNORECASE)
_ATTRIBUTE = re.compile(rf"([\w:.\-]+)\s*=\s*({_VALUE})")
_ADDRESS = re.compile(rf"(?<![\w:.\-])xmlUrl\s*=\s*(?:{_VALUE})", re.IGNORECASE)
_FEED_SCHEME = re.compile(r"(?:feed|rss|itpc|pcast|podcast):(?://)?", re.IGNORECASE)
_WITHOUT_SCHEME = re.compile(r"(?://)?(?:[\w\-]+\.)+[^\W\d_]{2,}(?::\d+)?(?:[/?#]|\Z)")
_MOST_TITLE = 500
_SPACE = re.compile(r"\s+")


def read_opml(path: Path) -> list[tuple[str, str | None]]:
    """The feeds of an OPML file, with folders of any depth: (URL, title). Raises PermanentError if it
    names none.

    Each outline is parsed on its own, so that a flaw costs only its outline. Nothing external is loaded or
    expanded.
    """
    text = _without_comments(decoded(path.read_bytes()))
    root = _ROOT.search(text)
    if root is None:
        raise PermanentError("bad_opml", f"{path} is not readable OPML: it has no <opml> element")
    entities = own_entities(text[: root.start()])
    found: dict[str, str | None] = {}
    for outline in _OUTLINE.finditer(text, root.start()):
        said = _attributes(outline[1], entities) | _behind_flaw(text, outline.end(), entities)
        if url := _feed_address(said):
            found.setdefault(url, (said.get("title") or said.get("text") or "")[:_MOST_TITLE] or None)
    if not found:
        raise PermanentError(
            "bad_opml", f"{path} names no feed: none of its <outline> elements has an xmlUrl"
        )
    return list(found.items())


def _without_comments(text: str) -> str:
    kept, position = [], 0
    while (start := text.find("<!--", position)) >= 0 and (end := text.find("-->", start)) >= 0:
        kept.append(text[position:start])
        position = end + 3
    return "".join((*kept, text[position:]))


def _attributes(written: str, entities: dict[str, str]) -> dict[str, str]:
    """Attributes by lower-case name without prefix; values are unescaped once."""
    said: dict[str, str] = {}
    for name, value in _ATTRIBUTE.findall(written):
        text = unescaped(value[1:-1] if value[0] in "\"'" else value, entities)
        said.setdefault(name.rpartition(":")[2].lower(), _SPACE.sub(" ", text).strip())
    return said


def _behind_flaw(text: str, position: int, entities: dict[str, str]) -> dict[str, str]:
    """The URL after a malformed attribute, such as one with a quote in a title or without a value."""
    if text.startswith((">", "/>"), position):
        return {}
    end = text.find("<", position)
    match = _ADDRESS.search(text, position, end if end >= 0 else len(text))
    return _attributes(match[0], entities) if match else {}


def _feed_address(said: dict[str, str]) -> str | None:
    """The feed URL of an outline, or None: a link to a page or another list is not a feed."""
    kind = said.get("type", "").lower()
    url = said.get("xmlurl") or (
        said.get("url") if kind in ("rss", "rss1", "rss2", "atom", "feed", "json", "rdf") else None
    )
    if not url:
        return None
    url = url.replace("&amp;", "&")  # some programs escape it twice
    # `feed:` does not tell http from https; sites redirect from http to https.
    if scheme := _FEED_SCHEME.match(url):
        rest = url[scheme.end() :]
        url = rest if re.match(r"https?:", rest, re.IGNORECASE) else f"http://{rest.lstrip('/')}"
    elif _WITHOUT_SCHEME.match(url):
        url = f"http://{url.lstrip('/')}"
    return url


def write_opml(found: list[dict[str, Any]]) -> str:
    """Writes sources as OPML 2.0."""
    root = ElementTree.Element("opml", version="2.0")
    ElementTree.SubElement(ElementTree.SubElement(root, "head"), "title").text = "Dateline sources"
    body = ElementTree.SubElement(root, "body")
    for row in found:
        title = row["title"] or row["url"]
        ElementTree.SubElement(body, "outline", type="rss", text=title, title=title, xmlUrl=row["url"])
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode")
