"""Tolerant reader of documents that should be XML: keeps the structure, and recovers from any error.

A strict parser stops at the first error, a recovering one merges items at a wrong end tag, and one without
structure takes links of related stories for the item's own. Only character references are resolved: no entity
is expanded, nothing is loaded. Linear time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urljoin

from services.ingest.sources.xml_text import own_entities, unescaped

# Possessive quantifiers only: no backtracking, so that a tag without an end costs one pass.
_TAG = re.compile(
    r"<(/?)([^\W\d][\w.\-]*+(?::[\w.\-]++)?+)((?:[^<>\"'/]++|/(?!>)|\"[^\"<]*+\"|'[^'<]*+')*+)\s*(/?)>"
)
_SUBSET_END = re.compile(r"\]\s*>")
_ATTRIBUTE = re.compile(r"(?<![^\s\"'/])([^\s=\"'/<>]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
_DEEPEST = 100
_LEAVES = frozenset("title link guid pubdate dc:date dc:creator dc:language".split())
_BESIDE = _LEAVES | frozenset("description author category comments enclosure source content:encoded".split())
"""Elements of an item that are never nested in an element of text."""
_APART = frozenset("br p div li h1 h2 h3".split())
"""HTML elements that separate words."""
_MOST_ATTRIBUTES = 60
_UNSHOWN = ("script", "style", "xhtml:script", "xhtml:style")

_SPACES = {
    "http://www.w3.org/2005/atom": "atom",
    "http://purl.org/atom/ns": "atom",
    "http://purl.org/atom": "atom",
    "http://purl.org/rss/1.0": "",
    "http://purl.org/net/rss1.1": "",
    "http://my.netscape.com/rdf/simple/0.9": "",
    "http://channel.netscape.com/rdf/simple/0.9": "",
    "http://my.netscape.com/publish/formats/rss-0.91.dtd": "",
    "http://backend.userland.com/rss": "",
    "http://backend.userland.com/rss2": "",
    "http://backend.userland.com/rss091": "",
    "http://blogs.law.harvard.edu/tech/rss": "",
    "http://purl.org/dc/elements/1.1": "dc",
    "http://purl.org/dc/elements/1.0": "dc",
    "http://purl.org/dc/terms": "dcterms",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://search.yahoo.com/mrss": "media",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns": "rdf",
    "http://www.w3.org/1999/xhtml": "xhtml",
}


@dataclass(slots=True, eq=False)
class XmlElement:
    """An element. Its name is in lower case, with the usual prefix of its namespace whatever prefix the
    document uses."""

    name: str
    raw: str
    attributes: dict[str, str]
    parent: XmlElement | None
    spaces: dict[str, str]
    children: list[XmlElement] = field(default_factory=list)
    parts: list[str | XmlElement] = field(default_factory=list)

    def text(self) -> str:
        """Its own text, without its children's."""
        return "".join(part for part in self.parts if isinstance(part, str))

    def whole_text(self) -> str:
        """Its text and that of its descendants in order, without what HTML does not display."""
        text = "".join(
            part if isinstance(part, str) else part.whole_text()
            for part in self.parts
            if isinstance(part, str) or part.name not in _UNSHOWN
        )
        return f" {text} " if self.raw in _APART else text

    def all(self, *names: str) -> Iterator[XmlElement]:
        """Its children of these names, in the order of the names."""
        for name in names:
            for child in self.children:
                if child.name == name:
                    yield child

    def own(self, name: str) -> Iterator[XmlElement]:
        """Its children of this name in the namespaces of feeds, in document order."""
        return (child for child in self.children if child.name in (name, f"atom:{name}"))

    def base(self, url: str) -> str:
        """The base URL of its relative links: the xml:base of each ancestor, outermost first, resolved
        against `url`."""
        above = self.parent.base(url) if self.parent else url
        try:
            return (
                urljoin(above, self.attributes["xml:base"].strip())
                if "xml:base" in self.attributes
                else above
            )
        except ValueError:
            return above

    def language(self) -> str | None:
        """The nearest xml:lang."""
        return self.attributes.get("xml:lang") or (self.parent.language() if self.parent else None)


def read_tree(
    text: str, *, roots: tuple[str, ...], items: tuple[str, ...], most_items: int
) -> XmlElement | None:
    """The root element with at most so many items, whatever precedes it; None where there is none."""
    builder = _Builder(roots, items, most_items)
    position, missing = text.find("<"), set[str]()
    while position >= 0 and not builder.done:
        end = _past_section(text, position, builder, missing)
        if end is None:
            match = _TAG.match(text, position)
            if match:
                builder.tag(match)
            end = match.end() if match else position + 1
            if not match:
                builder.text("<")
        position = text.find("<", end)
        builder.text(text[end : position if position >= 0 else len(text)])
    if not builder.done:
        builder.cut_short()
    return builder.root


def _past_section(text: str, start: int, builder: _Builder, missing: set[str]) -> int | None:
    """The end of a comment, CDATA section or declaration; None where none begins here. One without an end
    takes the rest."""
    for opening, closing, use in builder.sections:
        if text.startswith(opening, start):
            end = -1 if closing in missing else text.find(closing, start + len(opening))
            if end < 0:
                missing.add(closing)
                if use is None:  # without an end it is a stray character
                    return None
                end = len(text)
            if use:
                use(text[start + len(opening) : end])
            return min(end + len(closing), len(text))
    if text.startswith("<!", start) and text[start + 2 : start + 3].isalpha():
        return _past_doctype(text, start, builder, missing)
    return None


def _past_doctype(text: str, start: int, builder: _Builder, missing: set[str]) -> int:
    close = text.find(">", start)
    bracket = text.find("[", start, close) if close >= 0 and "]>" not in missing else -1
    if bracket >= 0:
        inner = _SUBSET_END.search(text, bracket)
        if inner:
            builder.entities |= own_entities(text[bracket : inner.start()])
            return inner.end()
        missing.add("]>")
    return close + 1 if close >= 0 else len(text)


class _Builder:
    def __init__(self, roots: tuple[str, ...], items: tuple[str, ...], most_items: int) -> None:
        self.root: XmlElement | None = None
        self.done = False
        self.entities: dict[str, str] = {}
        self.sections: tuple[tuple[str, str, Callable[[str], None] | None], ...] = (
            ("<![CDATA[", "]]>", self.verbatim),
            ("<!--", "-->", None),
            ("<?", "?>", None),
        )
        self._roots, self._items, self._left = roots, items, most_items
        self._open: list[XmlElement] = []

    def text(self, raw: str) -> None:
        """Adds text whose references are to be resolved."""
        if self._open and raw:
            self._open[-1].parts.append(unescaped(raw, self.entities))

    def verbatim(self, text: str) -> None:
        """Adds text without references."""
        if self._open:
            self._open[-1].parts.append(text)

    def tag(self, match: re.Match[str]) -> None:
        """Handles a start tag, an end tag or an empty element."""
        end, raw, inside, empty = match.groups()
        raw = raw.lower()
        if end:
            self._close(raw)
            return
        local = raw.rpartition(":")[2]
        if self.root is None and local not in self._roots:
            return
        if (
            self._open
            and (missing := self._open[-1].raw)
            and ((missing in _LEAVES and raw in _BESIDE) or (missing == raw and local in self._items))
        ):
            self._open.pop()  # its end tag is missing
        if local in self._items and not self._left:
            self.done = True
            return
        node = self._node(raw, inside)
        if self.root is None:
            self.root = node
        elif self._open:
            self._open[-1].children.append(node)
            self._open[-1].parts.append(node)
        else:  # after the root's end tag
            return
        self._left -= local in self._items
        if not empty and len(self._open) < _DEEPEST:
            self._open.append(node)

    def cut_short(self) -> None:
        """Handles the end of the document: an open field of an item is dropped, as half a URL is another
        page's."""
        while self._open and self._open[-1].raw.rpartition(":")[2] not in (*self._roots, *self._items):
            node = self._open.pop()
            if node.parent:
                node.parent.children.remove(node)

    def _node(self, raw: str, inside: str) -> XmlElement:
        parent = self._open[-1] if self._open else None
        attributes: dict[str, str] = {}
        for number, match in enumerate(_ATTRIBUTE.finditer(inside)):
            if number == _MOST_ATTRIBUTES:
                break
            value = match[2] if match[2] is not None else match[3] if match[3] is not None else match[4]
            attributes.setdefault(match[1].lower(), unescaped(value, self.entities))
        spaces = parent.spaces if parent else {}
        declared = {
            name[6:]: uri for name, uri in attributes.items() if name == "xmlns" or name.startswith("xmlns:")
        }
        if declared:
            spaces = spaces | {
                prefix: _space(uri, prefix, root=parent is None) for prefix, uri in declared.items()
            }
        prefix, _, local = raw.rpartition(":")
        space = spaces.get(prefix, prefix)
        return XmlElement(f"{space}:{local}" if space else local, raw, attributes, parent, spaces)

    def _close(self, raw: str) -> None:
        """Closes the nearest element of this name and all in it; an unmatched end tag is ignored."""
        for depth in range(len(self._open) - 1, -1, -1):
            if self._open[depth].raw == raw:
                del self._open[depth:]
                return
            if (
                self._open[depth].raw.rpartition(":")[2] in self._items
                and raw.rpartition(":")[2] not in self._roots
            ):
                return


def _space(uri: str, prefix: str, *, root: bool) -> str:
    """The usual prefix of a namespace; the document's own where it is unknown, none for the root's."""
    known = _SPACES.get(uri.strip().lower().rstrip("/#"))
    return known if known is not None else prefix or ("" if root else "?")
