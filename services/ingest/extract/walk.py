"""One walk over the parsed page: its text as blocks, its containers as a tree, its links, what it says of itself."""

from __future__ import annotations

from time import perf_counter
from typing import Any

from selectolax.lexbor import LexborNode

from services.ingest.extract.blocks import Block, Container, Walked, weigh
from services.ingest.extract.elements import (
    ACTION_OF_TAG,
    BREAK,
    BUDGET_S,
    CODE,
    CONTAINER,
    EARLY,
    FURNITURE,
    FURNITURE_ROLES,
    HIDDEN,
    INHERITED,
    LEAF,
    LINK,
    LITTLE_FURNITURE,
    LITTLE_PROSE,
    MAX_DEPTH,
    MAX_ELEMENTS,
    MAX_LOOKS,
    MAX_NESTED_LINKS,
    META,
    NAMED_RUN,
    OWN_KIND,
    RUN,
    SCRIPT,
    SKIPPED,
    TEXT,
)
from services.ingest.extract.vocabulary import MARKING, read_class
from services.runtime.compiled import compiled

_compiled = compiled("services.ingest.extract")

COMPILED = _compiled is not None
"""Whether the walk is compiled, or done in plain Python."""

_OWN_TAGS = (
    1000  # identifiers from here on are Lexbor's for tags that HTML does not know: not the same on every page
)


class _Actions(dict[int, int]):
    """Actions by Lexbor's identifier of a tag, which costs half of what its name does; learned as they are met."""

    def of(self, node: LexborNode) -> int:
        identifier: int = node.tag_id
        action = ACTION_OF_TAG.get(node.tag, CONTAINER)
        if identifier < _OWN_TAGS:
            self[identifier] = action
        return action


_ACTIONS = _Actions()


class _Walker:
    """The state of one walk. Its methods are the hot path of extraction: they trade some beauty for speed."""

    def __init__(self, *, everything: bool, thorough: bool, ends_at: float) -> None:
        self.ends_at = ends_at  # by time.perf_counter(): what has not been read by then is left
        self.everything = everything  # read what the page hides, and its navigation, too
        self.thorough = thorough  # go into every piece of furniture
        self.root = Container(0, None, "body", 0, "")
        self.page = Walked(self.root, [self.root])
        self.marks = self.page.marks
        self.parts: list[str] = []  # of the run of text that is being read
        self.linked = 0
        self.in_link = 0
        self.hrefs: list[tuple[str, str]] = []
        self.breaks = 0
        self.calls = 0
        self.looks = 0  # ahead, at whole pieces of the page

    def flush(self, kind: str, container: Container) -> None:
        """End the run of text that is being read: it becomes a block of `container`."""
        parts = self.parts
        text = " ".join("".join(parts).split())
        parts.clear()
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
        self.hrefs = []
        self.linked = self.breaks = 0

    def walk(self, node: LexborNode, container: Container, kind: str, depth: int) -> None:
        """Read the children of `node`, whose text belongs to `container` as a block of `kind`."""
        self.calls += 1
        if not self.calls & 1023 and perf_counter() > self.ends_at:
            self.calls = MAX_ELEMENTS
        actions = _ACTIONS
        parts = self.parts
        child = node.child
        while child is not None:
            action = actions.get(child.tag_id)
            if action is None:
                action = actions.of(child)
            if action == TEXT:
                text = child.text_content
                if text and (parts or not text.isspace()):
                    parts.append(text)
                    if self.breaks and not text.isspace():
                        self.breaks = 0
                    if self.in_link:
                        self.linked += len(text)
            elif action == SKIPPED:
                pass
            elif action == BREAK:
                self.breaks += 1
                if parts:
                    if self.breaks >= 2:
                        self.flush(kind, container)
                    else:
                        parts.append("\n")
            elif action == META:
                self.marks.metas.append(child)
            elif action == SCRIPT:
                if child.attributes.get("type") == "application/ld+json":
                    self.marks.json_ld.append(child)
            elif depth >= MAX_DEPTH:
                child.strip_tags(CODE)
                parts.append(child.text(deep=True, separator=" "))
            elif self.calls >= MAX_ELEMENTS:
                return
            elif action == RUN:
                self.walk(child, container, kind, depth + 1)
            elif action == LINK:
                self.link(child, container, kind, depth)
            elif action == NAMED_RUN:
                self.named_run(child, container, kind, depth)
            else:
                self.block(child, child.tag or "", child.attributes, action == LEAF, container, kind, depth)
            child = child.next

    def named_run(self, node: LexborNode, container: Container, kind: str, depth: int) -> None:
        """A span or the like. A share count or a caption that a template put into one is a block, judged by its name."""
        attributes = node.attributes
        if attributes:
            names = attributes.get("class")
            verdict, flags = read_class(names) if names else (0, 0)
            if verdict < 0 and kind != "pre":
                self.block(node, node.tag or "", attributes, False, container, kind, depth)
                return
            if flags & MARKING or "itemprop" in attributes or "datetime" in attributes:
                self.marks.note(node, node.tag or "", attributes, flags)
        self.walk(node, container, kind, depth + 1)

    def link(self, node: LexborNode, container: Container, kind: str, depth: int) -> None:
        attributes = node.attributes
        if len(attributes) > 1:
            names = attributes.get("class")
            flags = read_class(names)[1] if names else 0
            if flags & MARKING or "rel" in attributes or "itemprop" in attributes:
                self.marks.note(node, "a", attributes, flags)
        href = attributes.get("href")
        # An anchor on a heading makes no link of it; nor do links around links have a title each.
        if not href or href[0] == "#" or self.in_link >= MAX_NESTED_LINKS:
            self.walk(node, container, kind, depth + 1)
            return
        parts = self.parts
        mark = len(parts)
        blocks = self.page.blocks
        before = len(blocks)
        self.in_link += 1
        self.walk(node, container, kind, depth + 1)
        self.in_link -= 1
        if len(blocks) == before:
            if title := " ".join("".join(parts[mark:]).split()):
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
        furniture = tag in FURNITURE
        name, verdict, flags = "", 0, 0
        if attributes:
            name = attributes.get("class") or ""
            if name:
                verdict, flags = read_class(name)
            if len(attributes) > (1 if name else 0):  # most elements have a class and no more
                if not self.everything and _is_hidden(attributes):
                    self.marks.note(node, tag, attributes, flags)
                    return
                if identifier := attributes.get("id"):
                    named, told = read_class(identifier)
                    verdict = 1 if verdict > 0 or named > 0 else min(verdict, named)
                    flags |= told
                    name = f"{name} {identifier}"
                if "articlebody" in (attributes.get("itemprop") or "").lower():
                    verdict = 1
                if attributes.get("role") in FURNITURE_ROLES:
                    furniture = True
            if flags & MARKING or tag == "time" or "itemprop" in attributes or "property" in attributes:
                self.marks.note(node, tag, attributes, flags)
        if furniture and tag == "figure" and ("table" in name or _holds_a_quote(node)):
            furniture = (
                False  # editors set tables and quotes as figures too; a caption within is furniture still
            )
        if furniture:
            if tag in ("nav", "footer") and not self.everything:
                return  # a third of many a page, and never the article
            verdict = min(verdict, -1)
        containers = self.page.containers
        if verdict < 0 and not self.everything and self.passes(node, tag, verdict, flags, name, container):
            return
        if tag == "ul" and verdict == 0 and not self.everything and self.is_list_of_links(node):
            self.pass_by(node, tag, verdict, name, node.text(separator=" "), container)
            return
        own_kind = OWN_KIND.get(tag) or (kind if kind in INHERITED else "div")
        if leaf and verdict == 0:
            self.walk(
                node, container, own_kind, depth + 1
            )  # a paragraph or a heading: no container of its own
            if self.parts:
                self.flush(own_kind, container)
            return
        blocks = self.page.blocks
        inner = Container(len(containers), container, tag, verdict, name[:80], len(blocks))
        container.children.append(inner)
        containers.append(inner)
        self.walk(node, inner, own_kind, depth + 1)
        if self.parts:
            self.flush(own_kind, inner)
        if len(blocks) == inner.first_block:
            del containers[inner.index :]  # nothing to read in it
            container.children.pop()
            return
        inner.last = len(containers) - 1
        inner.end_block = len(blocks)

    def passes(
        self, node: LexborNode, tag: str, verdict: int, flags: int, name: str, container: Container
    ) -> bool:
        """Whether a piece of furniture has been dealt with, without going into it."""
        early = len(self.page.containers) <= EARLY  # a wrapper that comes early may hold the whole page
        if verdict == -2 and not early:
            return True  # comments and consent are never the article
        if flags or self.thorough or self.looks >= MAX_LOOKS:
            return False
        text = node.text(separator=" ")
        if len(text) < LITTLE_FURNITURE and not (early and node.css_first("h1") is not None):
            self.pass_by(node, tag, verdict, name, text, container)
            return True
        self.looks += 10
        return False

    def is_list_of_links(self, node: LexborNode) -> bool:
        """Whether a list is links and next to nothing else: a menu, or titles of other stories."""
        if self.looks >= MAX_LOOKS:
            return False
        links, linked, nested = _text_in_links(node)
        self.looks += 1 + links // 100
        if links < 3 or nested > MAX_NESTED_LINKS:
            return False
        return linked > 0.8 * len("".join(node.text().split()))

    def pass_by(
        self, node: LexborNode, tag: str, verdict: int, name: str, text: str, container: Container
    ) -> None:
        """Take a small piece of furniture, or a list of links, as one block, without a look at what it is made of."""
        text = " ".join(text.split())
        if not text:
            return
        page = self.page
        inner = Container(len(page.containers), container, tag, verdict, name[:80], len(page.blocks))
        container.children.append(inner)
        page.containers.append(inner)
        block = Block(len(page.blocks), "div", text, 0 if verdict else len(text), [], inner)
        if text.count(". ") < len(text) // 250:
            block.prose = 0.0  # labels and titles
        page.blocks.append(block)
        inner.blocks.append(block)
        inner.text = len(text)
        inner.links = block.linked
        inner.own_prose = block.prose
        inner.last = inner.index
        inner.end_block = len(page.blocks)
        page.passed.append((inner, node))


def _text_in_links(list_: LexborNode) -> tuple[int, int, int]:
    """How many links stand below a node, the characters in them, those in several counted once for each, and how far they nest."""
    links = linked = nested = depth = 0
    root, node = list_.mem_id, list_.child
    while node is not None:
        if node.tag == "a":
            links, depth = links + 1, depth + 1
            nested = max(nested, depth)
        elif depth and (text := node.text_content):
            linked += depth * len(text)
        below = node.child
        while below is None and node is not None and node.mem_id != root:
            depth -= node.tag == "a"
            below, node = node.next, node.parent
        node = below
    return links, linked, nested


def _holds_a_quote(figure: LexborNode) -> bool:
    child, n = figure.child, 0
    while child is not None and n < 8:
        inner = child.child
        if child.tag == "blockquote" or (
            inner is not None and "blockquote" in (inner.tag, inner.next and inner.next.tag)
        ):
            return True
        child, n = child.next, n + 1
    return False


def _is_hidden(attributes: dict[str, str | None]) -> bool:
    if "hidden" in attributes and attributes["hidden"] != "until-found":
        return True
    if "aria-hidden" in attributes and attributes["aria-hidden"] == "true":
        return True
    return "style" in attributes and HIDDEN.search(attributes["style"] or "") is not None


def walk_page(roots: list[LexborNode]) -> Walked:
    """Walk the page's body, given as one element or several. Deeply nested rubbish is taken as plain text, so the walk ends soon.

    A page that seems to hold no prose is walked once more, with what it hides (until a script swaps it in) and with
    what it calls navigation. All walks of a page share one budget of time; what is not read by its end is left.
    """
    ends_at = perf_counter() + BUDGET_S
    page = _walk(roots, ends_at)
    if any(container.verdict == 0 and container.own_prose for container, _ in page.passed):
        other = _walk(roots, ends_at, thorough=True)  # what is named as furniture holds the page's prose
        if other.blocks:  # there was time for it
            page, other = other, page
        other.forget()
    if page.root.prose < LITTLE_PROSE:
        other = _walk(roots, ends_at, everything=True)
        if other.root.prose > 2 * page.root.prose + LITTLE_PROSE:
            page, other = other, page
        other.forget()
    return page


def _walk(
    roots: list[LexborNode], ends_at: float, *, everything: bool = False, thorough: bool = False
) -> Walked:
    kind: Any = _compiled.Walker if _compiled else _Walker
    walker = kind(everything=everything, thorough=thorough, ends_at=ends_at)
    page: Walked = walker.page
    if perf_counter() > ends_at:
        return page
    for root in roots:
        walker.walk(root, walker.root, "div", 0)
        walker.flush("div", walker.root)
    walker.root.last = len(page.containers) - 1
    walker.root.end_block = len(page.blocks)
    (_compiled.weigh if _compiled else weigh)(page)
    return page
