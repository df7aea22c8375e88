"""What a page is made of for extraction: blocks of text, the containers around them, and how much prose each
holds."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from selectolax.lexbor import LexborNode

from services.ingest.extract.marks import Marks

HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))


class Container:
    """A block-level element: where it stands, how its template names it, how much text it holds."""

    __slots__ = (
        "blocks", "box", "children", "controls", "down", "end_block", "first_block", "good", "group",
        "hidden", "index", "last", "links", "name", "own_prose", "parent", "prose", "tag", "text",
        "units", "up",
        "verdict", "within_tags", "worst",
    )  # fmt: skip

    def __init__(
        self, index: int, parent: Container | None, tag: str, verdict: int, name: str, first_block: int = 0
    ) -> None:
        self.index = index
        self.parent = parent
        self.tag = tag
        self.verdict = verdict  # as read_class() has it
        self.name = name
        self.first_block = first_block  # its blocks, and those below, are page.blocks[first_block:end_block]
        self.end_block = 0
        self.last = 0  # the highest index below: containers are numbered in reading order
        self.children: list[Container] = []
        self.blocks: list[Block] = []  # direct ones
        self.own_prose = 0.0  # weight of its direct blocks as prose
        self.prose = 0.0  # weight of prose, here and below, boilerplate left out
        self.text = 0  # characters, here and below
        self.links = 0  # characters in links, here and below
        self.controls = 0  # buttons and fields of forms that stand directly in it
        self.hidden = False  # the page does not show it
        # What `evidence` finds of it, as seen from the container of the article:
        self.worst = 0  # the lowest verdict of it and those around it
        self.box = -1  # the index of the outermost of low verdict around it
        self.good = False  # it, or one around it, is named the article's body
        self.within_tags = 0  # which kinds of elements it stands in, as bits
        self.up = self.down = 0  # steps between it and the article's container, by way of what holds both
        self.group = 0  # siblings of its tag and name
        self.units = 0  # of these, how many are a short line and a short text, as teasers are

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
        "score",
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
        self.score = 0.0  # log-odds that it is the article's, where it was looked at
        length = len(text)
        self.density = linked / length  # share of the characters that stand in links
        self.heading = kind in HEADINGS
        self.prose = (
            0.0 if length < 20 or self.heading or self.density > 0.45 else _prose_weight(kind, text, linked)
        )


_NOTHING: list[Any] = []


@dataclass(slots=True)
class Walked:
    """The page after the walk: blocks in reading order, containers with parents before children."""

    root: Container
    containers: list[Container]
    blocks: list[Block] = field(default_factory=list)
    h1: list[Block] = field(default_factory=list)
    marks: Marks = field(default_factory=Marks)
    passed: list[tuple[Container, LexborNode]] = field(
        default_factory=list
    )  # boilerplate that was not gone into

    def forget(self) -> None:
        """Part containers from what they hold, so that all of it goes at once, and not when the garbage
        collector comes."""
        for container in self.containers:
            container.children = container.blocks = _NOTHING


@dataclass(frozen=True, slots=True)
class Body:
    """The article's blocks in order, and its container; every block of the page has its verdict in `drop`."""

    container: Container
    blocks: list[Block]


SENTENCE_ENDS = frozenset(".!?…。．！？｡‼⁇⁈⁉؟۔।॥።፧፨။។៕༎་܀։՜՞")
STOPS_OF_SCRIPTS = ("。", "．", "؟ ", "۔", "।", "።", "။", "։")  # that end a sentence within a text
CLOSING = "\"'”’“‘„»«›‹」』》〉）】)]"  # quotes and brackets that may stand behind the end of a sentence


def _prose_weight(kind: str, text: str, linked: int) -> float:
    """How much a block counts as prose, in characters; scripts without spaces count double."""
    length = len(text)
    middle = text[length // 2]
    if middle > "\u2e80":
        length *= 2
    stopped = length >= 90 or "\u0e00" <= middle < "\u0f00"  # Thai and Lao have no stops
    if length < 40 or (not stopped and text.rstrip(CLOSING)[-1:] not in SENTENCE_ENDS):
        return 0.0
    weight = float(length - 2 * linked)
    if kind in ("li", "td", "th", "dd", "dt"):
        weight *= 0.5
    return max(0.0, weight)


_MANY_BODIES = 100


def weigh(page: Walked) -> None:
    """Sum text and prose bottom-up, then take furniture's prose out unless it holds most of the page."""
    containers = page.containers
    plain = [c.own_prose for c in containers]
    for container in reversed(containers):
        parent = container.parent
        if parent is not None and container.text:
            plain[parent.index] += plain[container.index]
            parent.text += container.text
            parent.links += container.links
    _pardon(page, plain)


def _pardon(page: Walked, plain: list[float]) -> None:
    """Compute prose without boilerplate; where boilerplate would hold most of it, a wrapper was named badly:
    lift that."""
    most = 0.4 * plain[0]
    headline = page.h1[0].container if page.h1 else None
    boilerplate = [c for c in page.containers if c.verdict < 0]
    for container in boilerplate:
        prose = plain[container.index]
        if prose > most and (prose > 0.7 * plain[0] or (headline is not None and headline.within(container))):
            container.verdict = 0
    for index, prose in _named(page, plain).items():
        wrapper = page.containers[index]
        enough = prose >= 0.25 * plain[0] or prose >= max(0.5 * plain[index], 0.15 * plain[0])
        if enough and wrapper.verdict < 0:
            wrapper.verdict = 0
    suspects = sorted((c for c in boilerplate if c.verdict == -1), key=lambda c: -plain[c.index])
    allowed = plain[0] - sum(plain[c.index] for c in boilerplate if c.verdict == -2)
    _sum_prose(page)
    for suspect in suspects[:12]:
        if page.root.prose >= 0.3 * allowed or plain[suspect.index] < 0.1 * allowed:
            return
        suspect.verdict = 0
        _sum_prose(page)


def _named(page: Walked, plain: list[float]) -> dict[int, float]:
    """Prose in what names the article's body, by container around it."""
    named: dict[int, float] = defaultdict(float)
    bodies = [container for container in page.containers if container.verdict == 1]
    if len(bodies) > _MANY_BODIES:  # a walk up from each would take too long
        for container in reversed(page.containers):
            if container.parent is not None and container.parent.verdict != 1:
                inner = plain[container.index] if container.verdict == 1 else named.get(container.index)
                if inner is not None:
                    named[container.parent.index] += inner
        return named
    for body in bodies:
        node = body.parent
        while node is not None and node.verdict != 1:
            named[node.index] += plain[body.index]
            node = node.parent
    return named


def _sum_prose(page: Walked) -> None:
    for container in page.containers:
        container.prose = 0.0 if container.verdict < 0 else container.own_prose
    for container in reversed(page.containers):
        parent = container.parent
        if container.prose and parent is not None and parent.verdict >= 0:
            parent.prose += container.prose
