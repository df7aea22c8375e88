"""One walk over the parsed page: its text as blocks, its containers as a tree, its links, what it says of
itself."""

from __future__ import annotations

from time import perf_counter

from selectolax.lexbor import LexborNode

from services.ingest.extract.blocks import (
    CLOSING,
    SENTENCE_ENDS,
    STOPS_OF_SCRIPTS,
    Block,
    Container,
    Walked,
    weigh,
)
from services.ingest.extract.elements import (
    A_SENTENCE,
    ARIA_HIDDEN,
    BOILERPLATE_ROLES,
    BREAK,
    BUDGET_S,
    CLASS,
    CODE,
    DATETIME,
    EARLY,
    HIDDEN,
    HIDDEN_PROSE,
    HREF,
    ID,
    INHERITED,
    INVISIBLE,
    ITEMPROP,
    LEAF,
    LINK,
    LITTLE_BOILERPLATE,
    LITTLE_PROSE,
    MAX_DEPTH,
    MAX_ELEMENTS,
    MAX_LOOKS,
    MAX_NESTED_LINKS,
    META,
    NAMED_RUN,
    PROPERTY,
    REL,
    ROLE,
    RUN,
    SCRIPT,
    SKIPPED,
    STYLE,
    TEXT,
    TYPE,
    Tag,
)
from services.ingest.extract.nodes import Node, Nodes, Run
from services.ingest.extract.site_names import latin_words
from services.ingest.extract.vocabulary import MARKING, read_class

COMPILED = not __file__.endswith(".py")
"""Whether the walk is compiled, or done in plain Python."""

_HAS_WORDS = 2  # as Run.take has it
_A_WRAPPER, _DEALT_WITH, _A_BOX = range(3)  # what boilerplate turns out to be


class Walker:
    """The state of one walk. Its methods are the hot path of extraction: they trade some beauty for speed."""

    def __init__(self, nodes: Nodes, *, everything: bool, thorough: bool, ends_at: float) -> None:
        self.nodes = nodes
        self.ends_at = ends_at  # by time.perf_counter(): what has not been read by then is left
        self.everything = everything  # read what the page hides, and its navigation, too
        self.thorough = thorough  # go into every piece of boilerplate
        self.root = Container(0, None, "body", 0, "")
        self.page = Walked(self.root, [self.root])
        self.marks = self.page.marks
        self.blocks = self.page.blocks
        self.containers = self.page.containers
        self.run = Run()
        self.aside = Run()  # what is read ahead
        self.linked = 0
        self.in_link = 0
        self.hrefs: list[tuple[str, str]] = []
        self.breaks = 0
        self.calls = 0
        self.looks = 0  # ahead, at whole pieces of the page
        self.boxes = (
            0  # pieces of boilerplate around, gone into for their prose: they say nothing of the article
        )

    def read(self, root: LexborNode) -> None:
        """Walk all that stands below an element of the page."""
        self.walk(self.nodes.root(root), self.root, "div", 0)
        self.flush("div", self.root)

    def flush(self, kind: str, container: Container) -> None:
        """End the run of text that is being read: it becomes a block of `container`."""
        text = self.run.end()
        if text:
            length = len(text)
            block = Block(len(self.blocks), kind, text, min(self.linked, length), self.hrefs, container)
            self.blocks.append(block)
            container.blocks.append(block)
            container.text += length
            container.links += block.linked
            container.own_prose += block.prose
            if kind == "h1":
                self.page.h1.append(block)
        self.hrefs = []
        self.linked = self.breaks = 0

    def walk(self, node: Node, container: Container, kind: str, depth: int) -> None:
        """Read the children of `node`, whose text belongs to `container` as a block of `kind`."""
        nodes, run = self.nodes, self.run
        self.calls += 1
        if not self.calls & 1023 and perf_counter() > self.ends_at:
            self.calls = MAX_ELEMENTS
        child = nodes.first(node)
        while child:
            tag = nodes.tag(child)
            action = tag.action
            if action == TEXT:
                taken = run.take(child)
                if taken == _HAS_WORDS:
                    self.breaks = 0
                if taken and self.in_link:
                    self.linked += nodes.length(child)
            elif action == SKIPPED:
                if tag.control:
                    container.controls += 1
                elif self.everything and tag.noscript and depth < MAX_DEPTH:
                    self.block(child, tag, False, container, kind, depth)
            elif action == BREAK:
                self.breaks += 1
                if run.size():
                    if self.breaks >= 2:
                        self.flush(kind, container)
                    else:
                        run.add("\n")
            elif action == META:
                self.marks.metas.append(nodes.held(child))
            elif action == SCRIPT:
                if nodes.value(child, TYPE) == "application/ld+json":
                    self.marks.json_ld.append(nodes.held(child))
            elif depth >= MAX_DEPTH:
                held = nodes.held(child)
                held.strip_tags(CODE)
                run.add(held.text(deep=True, separator=" "))
            elif self.calls >= MAX_ELEMENTS:
                return
            elif action == RUN:
                self.walk(child, container, kind, depth + 1)
            elif action == LINK:
                self.link(child, container, kind, depth)
            elif action == NAMED_RUN:
                self.named_run(child, tag, container, kind, depth)
            else:
                self.block(child, tag, action == LEAF, container, kind, depth)
            child = nodes.next(child)

    def note(self, node: Node, tag: str, flags: int) -> None:
        """Keep an element that tells of the date or the author."""
        if self.boxes:
            return
        held = self.nodes.held(node)
        self.marks.note(held, tag, held.attributes, flags)

    def named_run(self, node: Node, tag: Tag, container: Container, kind: str, depth: int) -> None:
        """A span or the like. A share count or a caption that a template put into one is a block, judged by
        its name."""
        nodes = self.nodes
        has = nodes.which(node)
        if has:
            names = nodes.value(node, CLASS) if has & CLASS else ""
            verdict, flags = read_class(names) if names else (0, 0)
            if verdict < 0 and kind != "pre" and not (kind == "p" and self.text_follows(node)):
                self.block(node, tag, False, container, kind, depth)
                return
            if flags & MARKING or has & (ITEMPROP | DATETIME):
                self.note(node, tag.name, flags)
            if names and self.like_follows(node, tag, names):
                mark = self.run.size()
                self.walk(node, container, kind, depth + 1)
                if self.run.since(mark)[-1:] in SENTENCE_ENDS:
                    self.run.add(" ")  # a style sheet sets each on a line of its own
                return
        self.walk(node, container, kind, depth + 1)

    def like_follows(self, node: Node, tag: Tag, names: str) -> bool:
        """Whether an element of the same tag and class follows at once."""
        nodes = self.nodes
        following = nodes.next(node)
        if not following:
            return False
        return nodes.tag(following) is tag and nodes.value(following, CLASS) == names

    def link(self, node: Node, container: Container, kind: str, depth: int) -> None:
        nodes = self.nodes
        has = nodes.which(node)
        if has & (has - 1):  # more than one
            names = nodes.value(node, CLASS) if has & CLASS else ""
            flags = read_class(names)[1] if names else 0
            if flags & MARKING or has & (REL | ITEMPROP):
                self.note(node, "a", flags)
        href = nodes.value(node, HREF) if has & HREF else ""
        # An anchor on a heading makes no link of it; nor do links around links have a title each.
        if not href or href[0] == "#" or self.in_link >= MAX_NESTED_LINKS:
            self.walk(node, container, kind, depth + 1)
            return
        mark = self.run.size()
        before = len(self.blocks)
        self.in_link += 1
        self.walk(node, container, kind, depth + 1)
        self.in_link -= 1
        if len(self.blocks) == before:
            if title := self.run.since(mark):
                self.hrefs.append((href, title))
            return
        entry = (href, " ".join([block.text for block in self.blocks[before:]]))
        for block in self.blocks[before:]:
            block.hrefs.append(entry)

    def block(  # noqa: PLR0915  each piece of the page goes through here
        self, node: Node, tag: Tag, leaf: bool, container: Container, kind: str, depth: int
    ) -> None:
        """A block-level element: left out, passed by as one block, or gone into."""
        nodes = self.nodes
        if self.run.size():
            self.flush(kind, container)
        boilerplate = tag.boilerplate
        hidden = False
        name, verdict, flags = "", 0, 0
        has = nodes.which(node)
        if has:
            if has & CLASS and (name := nodes.value(node, CLASS)):
                verdict, flags = read_class(name)
            if has & ~CLASS:  # most elements have a class and no more
                if not self.everything and self.is_hidden(node, has):
                    self.note(node, tag.name, flags)
                    least = A_SENTENCE if self.goes_on(node, container) else HIDDEN_PROSE
                    if not self.holds_prose(node, least):
                        return
                    hidden = True
                if has & ID and (identifier := nodes.value(node, ID)):
                    named, told = read_class(identifier) if identifier.count("-") < 3 else (0, 0)
                    if named < 0 and "-" in identifier and self.is_slug(node, identifier):
                        named = 0
                    verdict = 1 if verdict > 0 or named > 0 else min(verdict, named)
                    flags |= told
                    name = f"{name} {identifier}"
                if has & ITEMPROP and "articlebody" in nodes.value(node, ITEMPROP).lower():
                    verdict = 1
                if has & ROLE and nodes.value(node, ROLE) in BOILERPLATE_ROLES:
                    boilerplate = True
            if flags & MARKING or tag.time or has & (ITEMPROP | PROPERTY):
                self.note(node, tag.name, flags)
        if boilerplate and tag.figure and ("table" in name or self.holds_a_quote(node)):
            # Editors set tables and quotes as figures too; a caption within is boilerplate still.
            boilerplate = False
        if hidden:
            verdict = min(verdict, -1)
        if boilerplate:
            if tag.left_out and not self.everything:
                return  # a third of many a page, and never the article
            verdict = min(verdict, -1)
        box = False
        if verdict < 0 and not self.everything:
            passed = self.passes(node, tag, verdict, flags, name, container)
            if passed == _DEALT_WITH:
                return
            box = passed == _A_BOX
        if tag.list_ and verdict == 0 and not self.everything and self.is_list_of_links(node):
            nodes.gather(node, " ", self.aside)
            self.pass_by(self.aside.end(), node, tag, verdict, name, container)
            return
        own_kind = tag.own_kind or (kind if kind in INHERITED else "div")
        if leaf and verdict == 0:  # a paragraph or a heading: no container of its own
            self.walk(node, container, own_kind, depth + 1)
            if self.run.size():
                self.flush(own_kind, container)
            return
        inner = self.opened(tag, verdict, name, container)
        inner.hidden = hidden
        self.boxes += box
        self.walk(node, inner, own_kind, depth + 1)
        self.boxes -= box
        if self.run.size():
            self.flush(own_kind, inner)
        if len(self.blocks) == inner.first_block:
            del self.containers[inner.index :]  # nothing to read in it
            container.children.pop()
            container.controls += inner.controls
            return
        inner.last = len(self.containers) - 1
        inner.end_block = len(self.blocks)

    def opened(self, tag: Tag, verdict: int, name: str, container: Container) -> Container:
        """A container within another one, whose blocks are still to come."""
        inner = Container(len(self.containers), container, tag.name, verdict, name[:80], len(self.blocks))
        container.children.append(inner)
        self.containers.append(inner)
        return inner

    def is_hidden(self, node: Node, has: int) -> bool:
        """Whether an element that has these attributes says that it is not shown."""
        nodes = self.nodes
        if has & HIDDEN and nodes.value(node, HIDDEN) != "until-found":
            return True
        if has & ARIA_HIDDEN and nodes.value(node, ARIA_HIDDEN) == "true":
            return True
        return has & STYLE != 0 and INVISIBLE.search(nodes.value(node, STYLE)) is not None

    def goes_on(self, node: Node, container: Container) -> bool:
        """Whether an element opens with a paragraph and follows a paragraph of prose, which stands beside it
        or in the element before: so does the rest of a story.
        """
        if not self.blocks:
            return False
        before = self.blocks[len(self.blocks) - 1]
        if before.kind != "p" or not before.prose:
            return False
        if before.container is not container and before.container.parent is not container:
            return False
        nodes = self.nodes
        child = nodes.first(node)
        if child and nodes.tag(child).action == TEXT:  # the line break before a tag
            child = nodes.next(child)
        return nodes.tag(child).own_kind == "p" if child else False

    def passes(self, node: Node, tag: Tag, verdict: int, flags: int, name: str, container: Container) -> int:
        """Whether a piece of boilerplate has been dealt with, without going into it; or is a small box that
        is gone into for its prose.
        """
        early = len(self.containers) <= EARLY  # a wrapper that comes early may hold the whole page
        if flags or self.thorough or self.looks >= MAX_LOOKS:
            return _A_WRAPPER
        self.nodes.gather(node, " ", self.aside)
        if self.aside.characters() < LITTLE_BOILERPLATE and not (early and self.holds_a_headline(node)):
            text = self.aside.end()
            if not self.is_prose(text, A_SENTENCE):
                self.pass_by(text, node, tag, verdict, name, container)
                return _DEALT_WITH
            return _A_BOX
        self.looks += 10
        return _A_WRAPPER

    def holds_prose(self, node: Node, least: int) -> bool:
        """Whether the text below an element has so many characters and reads as sentences."""
        if self.looks >= MAX_LOOKS:
            return False
        self.looks += 1
        self.nodes.gather(node, " ", self.aside)
        return self.is_prose(self.aside.end(), least)

    def is_prose(self, text: str, least: int) -> bool:
        """Whether a text of at least so many characters has as many ends of sentences as prose has."""
        length = len(text)
        middle = text[length // 2] if length else " "
        if middle > "\u2e80":
            least //= 2  # a sign says as much as two letters
        if length < least:
            return False
        if "\u0e00" <= middle < "\u0f00":
            return True  # Thai and Lao have no stops
        stops = text.count(". ") + text.count("? ")
        if not text.isascii():
            for sign in STOPS_OF_SCRIPTS:
                stops += text.count(sign)
        closing = text[-20:].rstrip(CLOSING)
        stops += closing[-1:] in SENTENCE_ENDS
        return stops > 0 and stops >= length // 250

    def is_slug(self, node: Node, identifier: str) -> bool:
        """Whether an id is made of the first words below the element: a heading's, which tell of the text."""
        if self.looks >= MAX_LOOKS:
            return False
        self.looks += 1
        self.nodes.gather(node, " ", self.aside)
        words = latin_words(self.aside.end()[: 2 * len(identifier) + 20])
        parts = identifier.lower().split("-")
        at = 0
        for part in parts:  # in their order; many templates leave short words out
            if part not in words[at:]:
                return False
            at = words.index(part, at) + 1
        return True

    def text_follows(self, node: Node) -> bool:
        """Whether words follow an element without a break: it is a part of a sentence, whatever its name."""
        nodes = self.nodes
        following = nodes.next(node)
        if not following:
            return False
        return nodes.tag(following).action == TEXT and nodes.length(following) > 20

    def pass_by(self, text: str, node: Node, tag: Tag, verdict: int, name: str, container: Container) -> None:
        """Take a small piece of boilerplate, or a list of links, as one block of its `text`, and not go into
        it."""
        if not text:
            return
        inner = self.opened(tag, verdict, name, container)
        length = len(text)
        block = Block(len(self.blocks), "div", text, 0 if verdict else length, [], inner)
        if text.count(". ") < length // 250:
            block.prose = 0.0  # labels and titles
        self.blocks.append(block)
        inner.blocks.append(block)
        inner.text = length
        inner.links = block.linked
        inner.own_prose = block.prose
        inner.last = inner.index
        inner.end_block = len(self.blocks)
        self.page.passed.append((inner, self.nodes.held(node)))

    def is_list_of_links(self, list_: Node) -> bool:
        """Whether a list is links and next to nothing else: a menu, or titles of other stories.

        Characters that stand in several links count once for each.
        """
        if self.looks >= MAX_LOOKS:
            return False
        nodes = self.nodes
        links = linked = nested = depth = 0
        node = nodes.first(list_)
        while node:
            if nodes.tag(node).link:
                links, depth = links + 1, depth + 1
                nested = max(nested, depth)
            elif depth:
                linked += depth * nodes.length(node)
            below = nodes.first(node)
            while not below and node and not nodes.same(node, list_):
                depth -= nodes.tag(node).link
                below = nodes.next(node)
                node = nodes.parent(node)
            node = below
        self.looks += 1 + links // 100
        if links < 3 or nested > MAX_NESTED_LINKS:
            return False
        nodes.gather(list_, "", self.aside)
        text = self.aside.end()
        return linked > 0.8 * (len(text) - text.count(" "))

    def holds_a_headline(self, root: Node) -> bool:
        """Whether an `h1` stands below an element, or is it."""
        nodes = self.nodes
        node = root
        while node:
            if nodes.tag(node).headline:
                return True
            node = nodes.after(node, root)
        return False

    def holds_a_quote(self, figure: Node) -> bool:
        """Whether a figure's first elements are a quote or begin with one."""
        nodes = self.nodes
        child, n = nodes.first(figure), 0
        while child and n < 8:
            if nodes.tag(child).quote:
                return True
            inner = nodes.first(child)
            if inner and (
                nodes.tag(inner).quote or (nodes.next(inner) and nodes.tag(nodes.next(inner)).quote)
            ):
                return True
            child, n = nodes.next(child), n + 1
        return False


def walk_page(roots: list[LexborNode]) -> Walked:
    """Walk the page's body, given as one element or several. Deeply nested rubbish is taken as plain text, so
    the walk ends soon.

    A page that seems to hold no prose is walked once more, with what it hides (until a script swaps it in)
    and with what it calls navigation. All walks of a page share one budget of time; what is not read by its
    end is left.
    """
    ends_at = perf_counter() + BUDGET_S
    page = _walk(roots, ends_at)
    if any(container.verdict == 0 and container.own_prose for container, _ in page.passed):
        other = _walk(roots, ends_at, thorough=True)  # what is named as boilerplate holds the page's prose
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
    if not roots or perf_counter() > ends_at:
        empty = Container(0, None, "body", 0, "")
        return Walked(empty, [empty])
    walker = Walker(Nodes(roots[0].parser), everything=everything, thorough=thorough, ends_at=ends_at)
    page = walker.page
    for root in roots:
        walker.read(root)
    walker.root.last = len(page.containers) - 1
    walker.root.end_block = len(page.blocks)
    weigh(page)
    return page
