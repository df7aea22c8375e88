# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""What the blocks of a page stand in: how their containers stand to the article's, and which of them repeat
as teasers do."""

from __future__ import annotations

from array import array

from services.ingest.extract.blocks import SENTENCE_ENDS, Block, Container, Walked
from services.ingest.extract.columns import (
    BOX_SHARE,
    CONTAINER_LENGTH,
    CONTAINER_LINKS,
    CONTROLS,
    DOWN,
    FIGURE,
    GOOD,
    GROUP,
    HIDDEN,
    INSIDE,
    ITEM,
    PARENT_LINKS,
    PARENT_PROSE,
    SIBLINGS,
    SIGNATURE_SHARE,
    TAG,
    UNITS,
    UP,
    VERDICT,
    WIDTH,
    WORST,
)
from services.ingest.extract.reading import opens_with_link

_LITTLE_PROSE = 300.0  # characters, in which no article is told
_TAGS = {
    tag: float(n)
    for n, tag in enumerate(
        "div p section article main body li ul ol td th tr table blockquote span header aside figure "
        "figcaption footer form dd dt dl details".split()
    )
}
_BITS = {
    "figure": 1, "figcaption": 1, "li": 2, "dd": 2, "dt": 2, "td": 4, "th": 4, "tr": 4, "aside": 8,
    "header": 16, "footer": 32, "blockquote": 64, "form": 128,
}  # fmt: skip


def look_at_containers(page: Walked, container: Container, first: int, end: int) -> None:
    """Note of each container what it stands in, and how it stands to the article's."""
    blocks = page.blocks
    steps = 0
    around: Container | None = container
    while around is not None:
        around.up, around.down = steps, -1  # -1: holds the article's container, or is it
        steps += 1
        around = around.parent
    for node in page.containers:
        parent: Container = node.parent  # type: ignore[assignment]  # the root holds the article's
        bits = _BITS.get(node.tag, 0)
        if node.down < 0:
            node.worst, node.box, node.within_tags, node.units = 0, -1, 0, 0
            node.good = node is container and node.verdict > 0
            node.down = 0
        else:
            node.up, node.down = parent.up, parent.down + 1
            node.worst = min(parent.worst, node.verdict)
            node.box = parent.box if parent.box >= 0 else (node.index if node.verdict < 0 else -1)
            node.good = parent.good or node.verdict > 0
            node.within_tags = parent.within_tags | bits
            node.units = max(node.units, parent.units)
            node.hidden = node.hidden or parent.hidden
        if node.end_block > first and node.first_block < end and len(node.children) >= 3:
            count_units(blocks, node)


def count_units(blocks: list[Block], parent: Container) -> None:
    """Note of a container's children how many of them are alike, and how many are units of a title and a
    short text."""
    children = parent.children
    units = 0
    alike = 0
    previous = None
    start = n = 0
    for child in children:
        child.units = is_unit(blocks, child)
        units += child.units
        if previous is not None and (child.tag != previous.tag or child.name != previous.name):
            for k in range(start, n):
                before = children[k]
                before.group = alike
            start, alike = n, 0
        alike += 1
        n += 1
        previous = child
    for k in range(start, n):
        before = children[k]
        before.group = alike
    for child in parent.children:
        child.units = units if child.units and units >= 3 else 0


def is_unit(blocks: list[Block], child: Container) -> bool:
    """Whether a container holds a title, linked or without a stop, and a short text, as a teaser has."""
    count = child.end_block - child.first_block
    if count < 1 or count > 8:
        return False
    first = blocks[child.first_block]
    if count == 1:
        return opens_with_link(first)
    if not title_like(first):
        return False
    length = 0
    for n in range(child.first_block + 1, child.end_block):
        block = blocks[n]
        length += len(block.text)
    return length <= 520


def title_like(block: Block) -> bool:
    """Whether a block may be a headline: a linked line, or one without a stop."""
    length = len(block.text)
    last = block.text[length - 1] if length else " "
    if length and block.text[length // 2] > "\u2e80":
        length *= 2
    if block.density > 0.75:
        return 12 <= length <= 200
    return 12 <= length <= 140 and last not in SENTENCE_ENDS


def clear_prose(blocks: list[Block]) -> bytearray:
    """Which blocks are prose of the article beyond doubt: those in its container and in nothing that is named
    as boilerplate or repeats like teasers. Where that leaves next to nothing, teasers too.
    """
    core = bytearray(len(blocks))
    total = 0.0
    n = 0
    for block in blocks:
        node = block.container
        if block.prose > 0 and node.up == 0 and node.worst == 0:
            if node.units < 3:
                core[n] = 2
                total += block.prose
            else:
                core[n] = 1
        n += 1
    least = 2 if total >= _LITTLE_PROSE else 1
    for n in range(len(blocks)):
        core[n] = core[n] >= least
    return core


def look_around(page: Walked, blocks: list[Block], rows: array[float], core: bytearray) -> None:
    """What each block stands in."""
    shares: dict[tuple[str, str, str], float] = {}
    total = 1.0
    n = 0
    for block in blocks:
        if core[n]:
            node = block.container
            key = (node.tag, node.name, block.kind)
            shares[key] = shares.get(key, 0.0) + block.prose
            total += block.prose
        n += 1
    at = 0
    before = None
    kind = ""
    share = 0.0
    for block in blocks:
        node = block.container
        parent = node.parent
        if node is not before or block.kind != kind:
            before, kind = node, block.kind
            share = shares.get((node.tag, node.name, kind), 0.0) / total
        rows[at + VERDICT] = node.verdict
        rows[at + WORST] = node.worst
        if node.box >= 0:
            box = page.containers[node.box]
            rows[at + BOX_SHARE] = min(2.0, box.text / total)
        rows[at + GOOD] = node.good
        rows[at + SIBLINGS] = min(len(node.blocks), 20)
        rows[at + CONTAINER_LINKS] = node.links / max(1, node.text)
        rows[at + CONTAINER_LENGTH] = min(node.text, 3000)
        rows[at + SIGNATURE_SHARE] = share
        rows[at + TAG] = _TAGS.get(node.tag, 0.0)
        rows[at + INSIDE] = node.up == 0
        rows[at + UP] = min(node.up, 8)
        rows[at + DOWN] = min(node.down, 10)
        rows[at + HIDDEN] = node.hidden
        rows[at + GROUP] = min(node.group, 20)
        rows[at + UNITS] = min(node.units, 20)
        rows[at + FIGURE] = node.within_tags & 1
        rows[at + ITEM] = node.within_tags >> 1
        rows[at + CONTROLS] = node.controls
        if parent is not None:
            rows[at + PARENT_LINKS] = parent.links / max(1, parent.text)
            rows[at + PARENT_PROSE] = parent.prose / max(1, parent.text)
            if parent.end_block - parent.first_block <= 12:
                rows[at + CONTROLS] += parent.controls
        at += WIDTH
