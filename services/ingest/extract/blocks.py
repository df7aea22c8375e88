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
_OWN_KIND = {kind: kind for kind in _KINDS} | {"center": "p"}
_LEAVES = _KINDS - {"li", "blockquote", "td", "th", "dd"}
_MAX_DEPTH = 220
_EARLY = 40  # containers
_MAX_ELEMENTS = 100_000  # read of one page; the longest live blogs have about 30,000
_LITTLE_PROSE = 300.0  # characters; less than any article but the shortest
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


class Container:
    """A block-level element: where it stands, how its template names it, how much text it holds."""

    __slots__ = (
        "blocks",
        "children",
        "end_block",
        "first_block",
        "index",
        "last",
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
        self.first_block = self.end_block = 0  # its blocks, and those below, are page.blocks[first_block:end_block]
        self.last = index  # the highest index below: containers are numbered in reading order
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
        return other.index <= self.index <= other.last


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
    ) -> None:
        self.order = order
        self.kind = kind
        self.text = text
        self.linked = linked
        self.hrefs = hrefs
        self.container = container
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


# What the walk does with an element, by its tag; all other elements are containers.
_TEXT, _SKIPPED, _BREAK, _LINK, _RUN, _NAMED_RUN, _LEAF = range(1, 8)
_ACTIONS: dict[str | None, int] = (
    dict.fromkeys((*_SKIP, "-comment", "-document", "!doctype", "-undef", None), _SKIPPED)
    | dict.fromkeys(_INLINE, _RUN)
    | dict.fromkeys(("span", "small", "label", "time", "em", "i", "strong", "b"), _NAMED_RUN)
    | dict.fromkeys(_LEAVES, _LEAF)
    | {"-text": _TEXT, "br": _BREAK, "a": _LINK}
)


class _Walker:
    """The state of one walk. Its methods are the hot path of extraction: they trade some beauty for speed."""

    def __init__(self, *, everything: bool) -> None:
        self.everything = everything  # read what the page hides, and its navigation, too
        self.root = Container(0, None, "body", 0, "")
        self.page = Walked(self.root, [self.root])
        self.parts: list[str] = []  # of the run of text that is being read
        self.linked = 0
        self.in_link = 0
        self.hrefs: list[tuple[str, str]] = []
        self.breaks = 0
        self.calls = 0

    def flush(self, kind: str, container: Container) -> None:
        """End the run of text that is being read: it becomes a block of `container`."""
        text = " ".join("".join(self.parts).split())
        if text:
            linked = self.linked
            length = len(text)
            linked = min(linked, length)
            blocks = self.page.blocks
            block = Block(len(blocks), kind, text, linked, self.hrefs, container)
            blocks.append(block)
            container.blocks.append(block)
            container.text += length
            container.links += linked
            container.own_prose += block.prose
            if kind == "h1":
                self.page.h1.append(block)
        self.parts = []
        self.hrefs = []
        self.linked = self.breaks = 0

    def walk(self, node: LexborNode, container: Container, kind: str, depth: int) -> None:
        """Read the children of `node`, whose text belongs to `container` as a block of `kind`."""
        self.calls += 1
        actions = _ACTIONS
        child = node.child
        while child is not None and self.calls <= _MAX_ELEMENTS:
            tag = child.tag
            action = actions.get(tag)
            if action == _TEXT:
                text = child.text_content
                if text and (self.parts or not text.isspace()):
                    self.parts.append(text)
                    if self.breaks and not text.isspace():
                        self.breaks = 0
                    if self.in_link:
                        self.linked += len(text)
            elif action == _SKIPPED:
                pass
            elif action == _BREAK:
                self.breaks += 1
                if self.parts:
                    if self.breaks >= 2:
                        self.flush(kind, container)
                    else:
                        self.parts.append("\n")
            elif depth >= _MAX_DEPTH:
                self.parts.append(child.text(deep=True, separator=" "))
            elif action == _RUN:
                self.walk(child, container, kind, depth + 1)
            elif action == _LINK:
                self.link(child, container, kind, depth)
            else:
                attributes = child.attributes
                if action == _NAMED_RUN:
                    # A share count or a caption that a template put into a span is a block of its own, judged by its name.
                    names = attributes.get("class") if attributes and kind != "pre" else None
                    if not names or class_verdict(names) >= 0:
                        self.walk(child, container, kind, depth + 1)
                        child = child.next
                        continue
                self.block(child, tag or "", attributes, action == _LEAF, container, kind, depth)
            child = child.next

    def link(self, node: LexborNode, container: Container, kind: str, depth: int) -> None:
        href = node.attributes.get("href")
        if not href or href[0] == "#":  # an anchor on a heading makes no link of it
            self.walk(node, container, kind, depth + 1)
            return
        mark = len(self.parts)
        blocks = self.page.blocks
        before = len(blocks)
        self.in_link += 1
        self.walk(node, container, kind, depth + 1)
        self.in_link -= 1
        if len(blocks) == before:
            if title := " ".join("".join(self.parts[mark:]).split()):
                self.hrefs.append((href, title))
            return
        entry = (href, " ".join(b.text for b in blocks[before:]))
        for block in blocks[before:]:
            block.hrefs.append(entry)

    def block(
        self,
        node: LexborNode,
        tag: str,
        attributes: dict[str, str | None],
        leaf: bool,
        container: Container,
        kind: str,
        depth: int,
    ) -> None:
        if self.parts:
            self.flush(kind, container)
        name = ""
        verdict = 0
        role = None
        if attributes:
            if not self.everything and _is_hidden(attributes):
                return
            get = attributes.get
            name = get("class") or ""
            if identifier := get("id"):
                name = f"{name} {identifier}"
            if name:
                verdict = class_verdict(name)
            itemprop = get("itemprop")
            if itemprop and "articlebody" in itemprop.lower():
                verdict = 1
            role = get("role")
        if tag in _FURNITURE or role in _FURNITURE_ROLES:
            if tag in ("nav", "footer") and not self.everything:
                return  # a third of many a page, and never the article
            verdict = min(verdict, -1)
        if verdict == -2 and not self.everything and len(self.page.containers) > _EARLY:
            return  # comments, consent: never the article; a wrapper that comes early may hold the whole page
        own_kind = _OWN_KIND.get(tag) or (kind if kind in ("li", "blockquote", "td") else "div")
        if leaf and verdict == 0:
            self.walk(node, container, own_kind, depth + 1)  # a paragraph or a heading: no container of its own
            if self.parts:
                self.flush(own_kind, container)
            return
        containers = self.page.containers
        inner = Container(len(containers), container, tag, verdict, name[:80])
        inner.first_block = len(self.page.blocks)
        container.children.append(inner)
        containers.append(inner)
        self.walk(node, inner, own_kind, depth + 1)
        if self.parts:
            self.flush(own_kind, inner)
        inner.last = len(containers) - 1
        inner.end_block = len(self.page.blocks)


def _is_hidden(attributes: dict[str, str | None]) -> bool:
    if "hidden" in attributes and attributes["hidden"] != "until-found":
        return True
    if "aria-hidden" in attributes and attributes["aria-hidden"] == "true":
        return True
    style = attributes.get("style")
    return bool(style and _HIDDEN.search(style))


def walk_page(roots: list[LexborNode]) -> Walked:
    """Walk the page's body, given as one element or several. Deeply nested rubbish is taken as plain text, so the walk ends soon.

    A page that seems to hold no prose is walked once more, with what it hides (until a script swaps it in) and with
    what it calls navigation.
    """
    page = _walk(roots, everything=False)
    if page.root.prose < _LITTLE_PROSE:
        everything = _walk(roots, everything=True)
        if everything.root.prose > 2 * page.root.prose + _LITTLE_PROSE:
            return everything
    return page


def _walk(roots: list[LexborNode], *, everything: bool) -> Walked:
    walker = _Walker(everything=everything)
    for root in roots:
        walker.walk(root, walker.root, "div", 0)
        walker.flush("div", walker.root)
    walker.root.last = len(walker.page.containers) - 1
    walker.root.end_block = len(walker.page.blocks)
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
        if enough and wrapper.verdict < 0:
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
