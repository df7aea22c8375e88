"""What the walk asks of a page's nodes, of selectolax. `nodes.pyx` asks the same of Lexbor's own nodes, where
it is compiled.

The walk itself (`walk`) is written once, over these two classes: no object is then made for an element that
is only passed through.
"""

from __future__ import annotations

from selectolax.lexbor import LexborHTMLParser, LexborNode

from services.ingest.extract.elements import ATTRIBUTES, OTHER, Tag

Node = LexborNode
"""None where there is no such node."""
_OWN_TAGS = 1000
"""Identifiers from here on are Lexbor's for tags that HTML does not know: not the same on every page."""
_TAGS: dict[int, Tag] = {}
_BITS = {name: 1 << n for n, name in enumerate(ATTRIBUTES)}


class Nodes:
    """The nodes of one page."""

    __slots__ = ("_attributes", "_last")

    def __init__(self, parser: LexborHTMLParser) -> None:
        self._last: LexborNode | None = None
        self._attributes: dict[str, str | None] = {}

    def root(self, node: LexborNode) -> Node:
        """Where a walk begins."""
        return node

    def first(self, node: Node) -> Node:
        """The first child."""
        return node.child  # type: ignore[return-value]

    def next(self, node: Node) -> Node:
        """The next sibling."""
        return node.next  # type: ignore[return-value]

    def parent(self, node: Node) -> Node:
        return node.parent  # type: ignore[return-value]

    def same(self, node: Node, other: Node) -> bool:
        """Whether two are one."""
        return node.mem_id == other.mem_id

    def after(self, node: Node, root: Node) -> Node:
        """The next node below `root` in the page's order."""
        if node.child is not None:
            return node.child
        end = root.mem_id
        while node and node.mem_id != end:
            if node.next is not None:
                return node.next
            node = node.parent  # type: ignore[assignment]
        return None  # type: ignore[return-value]

    def tag(self, node: Node) -> Tag:
        """What is known of its tag. A text is of the tag `-text`."""
        identifier: int = node.tag_id
        known = _TAGS.get(identifier)
        if known is None:
            known = Tag(node.tag)
            if identifier < _OWN_TAGS:
                _TAGS[identifier] = known
        return known

    def held(self, node: Node) -> LexborNode:
        """The node as selectolax has it, to be kept."""
        return node

    def length(self, node: Node) -> int:
        """Characters of a text; 0 of what is none."""
        return len(node.text_content or "")

    def which(self, node: Node) -> int:
        """Which attributes it has, as bits of `elements`."""
        found = 0
        for name in self._of(node):
            found |= _BITS.get(name, OTHER)
        return found

    def value(self, node: Node, name: int) -> str:
        """The value of one of these attributes; empty where it has none or is not there."""
        return self._of(node).get(ATTRIBUTES[name.bit_length() - 1]) or ""

    def gather(self, root: Node, separator: str, run: Run) -> None:
        """Make `run` the text below a node, its pieces parted by `separator`."""
        run.end()
        run.add(root.text(separator=separator))

    def _of(self, node: Node) -> dict[str, str | None]:
        if node is not self._last:
            self._last, self._attributes = node, node.attributes
        return self._attributes


class Run:
    """The run of text that is being read."""

    __slots__ = ("_parts",)

    def __init__(self) -> None:
        self._parts: list[str] = []

    def size(self) -> int:
        """0 where there is nothing in it; else a mark of how far it goes (`since`)."""
        return len(self._parts)

    def take(self, node: Node) -> int:
        """Take in a text. 2: it has words; 1: blanks between words; 0: it was not taken."""
        text = node.text_content
        if not text:
            return 0
        if not text.isspace():
            self._parts.append(text)
            return 2
        if self._parts:
            self._parts.append(text)
            return 1
        return 0

    def add(self, text: str) -> None:
        """Take in what is no node."""
        self._parts.append(text)

    def characters(self) -> int:
        """How many characters are in it."""
        return sum(map(len, self._parts))

    def since(self, mark: int) -> str:
        """What has come since a mark, with one blank between words."""
        return " ".join("".join(self._parts[mark:]).split())

    def end(self) -> str:
        """All of it, with one blank between words; the next run begins."""
        text = self.since(0)
        self._parts.clear()
        return text
