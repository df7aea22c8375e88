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
_FURNITURE_ROLES = frozenset(("navigation", "complementary", "contentinfo", "banner", "dialog"))
_KINDS = frozenset("p h1 h2 h3 h4 h5 h6 li blockquote pre dd dt td th caption summary".split())
_MAX_DEPTH = 220
_LITTLE_PROSE = 300.0  # characters; less than any article but the shortest
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

    __slots__ = (
        "container",
        "density",
        "drop",
        "heading",
        "hrefs",
        "kind",
        "linked",
        "order",
        "prose",
        "strong",
        "text",
    )

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
        self.density = linked / len(text)  # share of the characters that stand in links
        self.heading = kind[0] == "h" and len(kind) == 2
        self.prose = 0.0 if self.heading or self.density > 0.45 else _prose_weight(kind, text, linked)


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
        """End the run of text that is being read: it becomes a block of `container`."""
        text = " ".join("".join(self.parts).split())
        if text:
            linked = min(self.linked, len(text))
            block = Block(len(self.page.blocks), kind, text, linked, self.hrefs, container, self.strong)
            self.page.blocks.append(block)
            container.blocks.append(block)
            container.text += len(text)
            container.links += linked
            container.own_prose += block.prose
            if kind == "h1":
                self.page.h1.append(block)
        self.parts = []
        self.hrefs = []
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
                    if self.parts:
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
                entry = (href, " ".join(inner.split()))
                if blocks == len(self.page.blocks):
                    self.hrefs.append(entry)
                else:
                    for block in self.page.blocks[blocks:]:
                        block.hrefs.append(entry)
            return
        attributes = node.attributes
        names = attributes.get("class")
        if (
            names
            and kind != "pre"
            and class_verdict(names) < 0
            and tag in ("span", "small", "label", "time", "em", "i", "strong", "b")
        ):
            # A share count or a caption that a template put into a span: a block of its own, judged by its name.
            self.block(node, tag, container, kind, depth)
            return
        strong = tag in ("b", "strong")
        self.in_strong += strong
        self.walk(node, container, kind, depth + 1)
        self.in_strong -= strong

    def block(self, node: LexborNode, tag: str, container: Container, kind: str, depth: int) -> None:
        if self.parts:
            self.flush(kind, container)
        attributes = node.attributes
        name = ""
        verdict = 0
        role = None
        if attributes:
            if not self.hidden and _is_hidden(attributes):
                return
            get = attributes.get
            name = get("class") or ""
            if identifier := get("id"):
                name = f"{name} {identifier}"
            verdict = class_verdict(name) if name else 0
            itemprop = get("itemprop")
            if itemprop and "articlebody" in itemprop.lower():
                verdict = 1
            role = get("role")
        if tag in _FURNITURE or role in _FURNITURE_ROLES:
            verdict = -2 if tag in ("nav", "footer") else min(verdict, -1)
        own_kind = (
            tag
            if tag in _KINDS
            else ("p" if tag == "center" else (kind if kind in ("li", "blockquote", "td") else "div"))
        )
        if tag in _KINDS and tag not in ("li", "blockquote", "td", "th", "dd") and verdict == 0:
            self.walk(node, container, own_kind, depth + 1)  # a leaf: no container of its own
            if self.parts:
                self.flush(own_kind, container)
            return
        inner = Container(len(self.page.containers), container, tag, verdict, name[:80])
        container.children.append(inner)
        self.page.containers.append(inner)
        self.walk(node, inner, own_kind, depth + 1)
        if self.parts:
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


def _prose_weight(kind: str, text: str, linked: int) -> float:
    """How much a block counts as prose, in characters; scripts without spaces count double."""
    length = len(text)
    if text[length // 2] > "\u2e80":
        length *= 2
    if length < 40 or (length < 90 and not _SENTENCE.search(text)):
        return 0.0
    weight = float(length - 2 * linked)
    if kind in ("li", "td", "th", "dd", "dt"):
        weight *= 0.5
    return max(0.0, weight)


def _weigh(page: Walked) -> None:
    """Sum text and prose bottom-up, then take furniture's prose out unless it holds most of the page."""
    plain = [c.own_prose for c in page.containers]
    for container in reversed(page.containers[1:]):
        parent = container.parent
        assert parent is not None
        plain[parent.index] += plain[container.index]
        parent.text += container.text
        parent.links += container.links
    _pardon(page, plain)


def _pardon(page: Walked, plain: list[float]) -> None:
    """Compute prose without furniture; where furniture would hold most of it, a wrapper was named badly: lift that."""
    for container in page.containers:
        holds_headline = page.h1 and page.h1[0].container.within(container)
        if container.verdict < 0 and plain[container.index] > (0.4 if holds_headline else 0.7) * plain[0]:
            container.verdict = 0
    named: dict[int, float] = defaultdict(
        float
    )  # prose in elements that name the article's body, by container around them
    for container in page.containers:
        if container.verdict == 1:
            node = container.parent
            while node is not None and node.verdict != 1:
                named[node.index] += plain[container.index]
                node = node.parent
    for index, prose in named.items():
        wrapper = page.containers[index]
        enough = prose >= 0.25 * plain[0] or prose >= max(0.5 * plain[index], 0.15 * plain[0])
        if enough and wrapper.verdict < 0 and wrapper.tag not in ("nav", "footer"):
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
    for container in page.containers:
        container.prose = 0.0
    for container in reversed(page.containers):
        if container.verdict < 0:
            container.prose = 0.0
            continue
        container.prose += container.own_prose
        if container.parent is not None:
            container.parent.prose += container.prose
