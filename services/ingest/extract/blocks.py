"""One walk over the parsed page: its text as blocks, its containers as a tree, its links."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field

from selectolax.lexbor import LexborNode

from services.ingest.extract.vocabulary import class_verdict

_SKIP = frozenset(
    "script style noscript svg iframe template object embed canvas video audio map select option input textarea "
    "button math progress meter dialog link meta head title applet datalist source track picture img".split()
)
_INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr q rp rt ruby s samp "
    "small span strike strong sub sup time tt u var wbr o:p".split()
)
_FURNITURE = frozenset(("nav", "footer", "aside", "figure", "figcaption", "menu"))
_KINDS = frozenset("p h1 h2 h3 h4 h5 h6 li blockquote pre dd dt td th caption summary".split())
_MAX_DEPTH = 220
_LITTLE_PROSE = 300.0  # characters; less than any article but the shortest
_SPACE = re.compile(r"\s+")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


class Container:
    """A block-level element: where it stands, how its template names it, how much text it holds."""

    __slots__ = (
        "blocks",
        "children",
        "index",
        "links",
        "name",
        "own_prose",
        "parent",
        "prose",
        "tag",
        "text",
        "verdict",
    )

    def __init__(self, index: int, parent: Container | None, tag: str, verdict: int, name: str) -> None:
        self.index = index
        self.parent = parent
        self.tag = tag
        self.verdict = verdict  # as class_verdict() has it
        self.name = name
        self.children: list[Container] = []
        self.blocks: list[Block] = []  # direct ones
        self.own_prose = 0.0  # weight of its direct blocks as prose
        self.prose = 0.0  # weight of prose, here and below, furniture left out
        self.text = 0  # characters, here and below
        self.links = 0  # characters in links, here and below

    def within(self, other: Container) -> bool:
        """Whether `other` is this container or one around it."""
        node: Container | None = self
        while node is not None and node.index >= other.index:
            if node is other:
                return True
            node = node.parent
        return False


class Block:
    """A run of text between block boundaries, such as a paragraph, a heading or a list item."""

    __slots__ = ("container", "drop", "hrefs", "kind", "linked", "order", "strong", "text")

    def __init__(
        self,
        order: int,
        kind: str,
        text: str,
        linked: int,
        hrefs: list[tuple[str, str]],
        container: Container,
        strong: int,
    ) -> None:
        self.order = order
        self.kind = kind
        self.text = text
        self.linked = linked
        self.hrefs = hrefs
        self.container = container
        self.strong = strong
        self.drop: str | None = None

    @property
    def density(self) -> float:
        """Share of the characters that stand in links."""
        return self.linked / max(1, len(self.text))

    @property
    def heading(self) -> bool:
        """Whether the block is a heading."""
        return self.kind[0] == "h" and len(self.kind) == 2


@dataclass(slots=True)
class Walked:
    """The page after the walk: blocks in reading order, containers with parents before children."""

    root: Container
    containers: list[Container]
    blocks: list[Block] = field(default_factory=list)
    h1: list[Block] = field(default_factory=list)


class _Walker:
    def __init__(self, *, hidden: bool) -> None:
        self.hidden = hidden  # read what the page hides, too
        self.root = Container(0, None, "body", 0, "")
        self.page = Walked(self.root, [self.root])
        self.parts: list[str] = []
        self.linked = 0
        self.strong = 0
        self.in_link = 0
        self.in_strong = 0
        self.hrefs: list[tuple[str, str]] = []
        self.breaks = 0

    def flush(self, kind: str, container: Container) -> None:
        if not self.parts:
            self.hrefs.clear()
            return
        text = _SPACE.sub(" ", "".join(self.parts)).strip()
        if text:
            block = Block(
                len(self.page.blocks), kind, text, min(self.linked, len(text)), list(self.hrefs), container, self.strong
            )
            self.page.blocks.append(block)
            container.blocks.append(block)
            if kind == "h1":
                self.page.h1.append(block)
        self.parts.clear()
        self.hrefs.clear()
        self.linked = self.strong = self.breaks = 0

    def walk(self, node: LexborNode, container: Container, kind: str, depth: int) -> None:
        child = node.child
        while child is not None:
            tag = child.tag or ""
            if tag == "-text":
                self.add(child.text_content or "")
            elif tag in _SKIP or tag[:1] == "-" or tag[:1] == "!":
                pass
            elif tag == "br":
                self.breaks += 1
                if self.breaks >= 2:
                    self.flush(kind, container)
                else:
                    self.parts.append("\n")
            elif depth >= _MAX_DEPTH:
                self.add(child.text(deep=True, separator=" "))
            elif tag in _INLINE:
                self.inline(child, tag, container, kind, depth)
            else:
                self.block(child, tag, container, kind, depth)
            child = child.next

    def add(self, text: str) -> None:
        if not text:
            return
        self.parts.append(text)
        if not text.isspace():
            self.breaks = 0
            if self.in_link:
                self.linked += len(text)
            if self.in_strong:
                self.strong += len(text)

    def inline(self, node: LexborNode, tag: str, container: Container, kind: str, depth: int) -> None:
        if tag == "a":
            href = node.attributes.get("href") or ""
            mark = len(self.parts)
            blocks = len(self.page.blocks)
            leads_away = bool(href) and href[0] != "#"  # an anchor on a heading makes no link of it
            self.in_link += leads_away
            self.walk(node, container, kind, depth + 1)
            self.in_link -= leads_away
            if leads_away:
                inner = (
                    "".join(self.parts[mark:])
                    if blocks == len(self.page.blocks)
                    else " ".join(b.text for b in self.page.blocks[blocks:])
                )
                entry = (href, _SPACE.sub(" ", inner).strip())
                if blocks == len(self.page.blocks):
                    self.hrefs.append(entry)
                else:
                    for block in self.page.blocks[blocks:]:
                        block.hrefs.append(entry)
            return
        attributes = node.attributes
        names = attributes.get("class")
        if names and class_verdict(names) < 0 and tag in ("span", "small", "label", "time", "em", "i", "strong", "b"):
            # A share count or a caption that a template put into a span: a block of its own, judged by its name.
            self.block(node, tag, container, kind, depth)
            return
        strong = tag in ("b", "strong")
        self.in_strong += strong
        self.walk(node, container, kind, depth + 1)
        self.in_strong -= strong

    def block(self, node: LexborNode, tag: str, container: Container, kind: str, depth: int) -> None:
        self.flush(kind, container)
        attributes = node.attributes
        if not self.hidden and _is_hidden(attributes):
            return
        name = f"{attributes.get('class') or ''} {attributes.get('id') or ''}".strip()
        verdict = class_verdict(name) if name else 0
        itemprop = attributes.get("itemprop")
        if itemprop and "articlebody" in itemprop.lower():
            verdict = 1
        if tag in _FURNITURE or attributes.get("role") in (
            "navigation",
            "complementary",
            "contentinfo",
            "banner",
            "dialog",
        ):
            verdict = -2 if tag in ("nav", "footer") else min(verdict, -1)
        own_kind = (
            tag
            if tag in _KINDS
            else ("p" if tag == "center" else (kind if kind in ("li", "blockquote", "td") else "div"))
        )
        if tag in _KINDS and tag not in ("li", "blockquote", "td", "th", "dd") and verdict == 0:
            self.walk(node, container, own_kind, depth + 1)  # a leaf: no container of its own
            self.flush(own_kind, container)
            return
        inner = Container(len(self.page.containers), container, tag, verdict, name[:80])
        container.children.append(inner)
        self.page.containers.append(inner)
        self.walk(node, inner, own_kind, depth + 1)
        self.flush(own_kind, inner)


def _is_hidden(attributes: dict[str, str | None]) -> bool:
    style = attributes.get("style")
    return (
        ("hidden" in attributes and attributes["hidden"] != "until-found")
        or attributes.get("aria-hidden") == "true"
        or bool(style and _HIDDEN.search(style))
    )


def walk_page(body: LexborNode) -> Walked:
    """Walk the page's body. Deeply nested rubbish is taken as plain text, so the walk ends soon.

    A page that hides all its prose (until a script swaps it in) is walked once more, hidden parts included.
    """
    page = _walk(body, hidden=False)
    if page.root.prose < _LITTLE_PROSE:
        everything = _walk(body, hidden=True)
        if everything.root.prose > 2 * page.root.prose + _LITTLE_PROSE:
            return everything
    return page


def _walk(body: LexborNode, *, hidden: bool) -> Walked:
    walker = _Walker(hidden=hidden)
    walker.walk(body, walker.root, "div", 0)
    walker.flush("div", walker.root)
    _weigh(walker.page)
    return walker.page


_SENTENCE = re.compile(r"[.!?…。！？؟।][\"'”’»」』)\]]*$")


def prose_weight(block: Block) -> float:
    """How much a block counts as prose, in characters; scripts without spaces count double."""
    length = len(block.text)
    if block.density > 0.45 or block.heading:
        return 0.0
    if block.text and ord(block.text[length // 2]) > 0x2E80:
        length *= 2
    if length < 40 or (length < 90 and not _SENTENCE.search(block.text)):
        return 0.0
    weight = float(length - 2 * block.linked)
    if block.kind in ("li", "td", "th", "dd", "dt"):
        weight *= 0.5
    return max(0.0, weight)


def _weigh(page: Walked) -> None:
    """Sum text and prose bottom-up, then take furniture's prose out unless it holds most of the page."""
    plain: dict[int, float] = {}
    for container in reversed(page.containers):
        container.own_prose = sum([prose_weight(b) for b in container.blocks])
        plain[container.index] = container.own_prose + sum([plain[c.index] for c in container.children])
        container.text = sum(len(b.text) for b in container.blocks) + sum(c.text for c in container.children)
        container.links = sum(b.linked for b in container.blocks) + sum(c.links for c in container.children)
    _pardon(page, plain)


def _pardon(page: Walked, plain: dict[int, float]) -> None:
    """Compute prose without furniture; where furniture would hold most of it, a wrapper was named badly: lift that."""
    for container in page.containers:
        holds_headline = page.h1 and page.h1[0].container.within(container)
        if container.verdict < 0 and plain[container.index] > (0.4 if holds_headline else 0.7) * plain[0]:
            container.verdict = 0
    named: dict[int, float] = defaultdict(float)  # prose in elements that name the article's body, by container around them
    for container in page.containers:
        if container.verdict == 1:
            node = container.parent
            while node is not None and node.verdict != 1:
                named[node.index] += plain[container.index]
                node = node.parent
    for index, prose in named.items():
        wrapper = page.containers[index]
        if wrapper.verdict < 0 and wrapper.tag not in ("nav", "footer"):
            if prose >= 0.25 * plain[0] or prose >= max(0.5 * plain[index], 0.15 * plain[0]):
                wrapper.verdict = 0
    suspects = sorted((c for c in page.containers if c.verdict == -1), key=lambda c: -plain[c.index])
    allowed = plain[0] - sum(plain[c.index] for c in page.containers if c.verdict == -2)
    _sum_prose(page)
    for suspect in suspects[:12]:
        if page.root.prose >= 0.3 * allowed or plain[suspect.index] < 0.1 * allowed:
            return
        suspect.verdict = 0
        _sum_prose(page)


def _sum_prose(page: Walked) -> None:
    for container in reversed(page.containers):
        if container.verdict < 0:
            container.prose = 0.0
            continue
        own = container.own_prose
        for child in container.children:
            own += child.prose
        container.prose = own
