"""Which blocks of the article's container are the article. Every dropped block carries the rule that dropped
it."""

from __future__ import annotations

from collections import defaultdict

from services.ingest.extract.blocks import Block, Body, Container, Walked
from services.ingest.extract.containers import Signature, choose_container, signature_of, with_its_kind
from services.ingest.extract.lines import ENDS, is_byline_or_date
from services.ingest.extract.standfirst import find_standfirst
from services.ingest.extract.title import fold
from services.ingest.extract.vocabulary import is_junk_line, is_more_heading

# Variables are annotated for the compiler (setup.py), which is also why some loops are written out.

_ENDINGS = tuple(ENDS)
_LEAST_PROSE = 150.0  # characters that must stay when cards are dropped


def find_body(page: Walked, title: str, description: str = "") -> Body:
    """The article's body: its container and the blocks of it that are the article. Blocks left out have
    `drop` set to the rule's name.

    `description` is the page's own summary, by which a standfirst outside the container is known.
    """
    block: Block
    container: Container = with_its_kind(page, choose_container(page))
    for block in page.blocks:
        block.drop = "outside"
    blocks: list[Block] = page.blocks[container.first_block : container.end_block]
    for block in blocks:
        block.drop = None
    _drop_boilerplate(page, blocks, container)
    own = _own_signatures(blocks)
    _drop_cards(page, container, blocks, own)
    _drop_lines(blocks, title)
    _drop_after_more_headings(blocks, own)
    _drop_edges(blocks)
    _drop_repeats(blocks)
    _drop_bare_headings(blocks)
    kept = _live(blocks)
    standfirst = find_standfirst(page, kept, title, description)
    for block in standfirst:
        block.drop = None
    return Body(container, standfirst + kept)


def _live(blocks: list[Block]) -> list[Block]:
    """Those that nothing has dropped."""
    block: Block
    live = []
    for block in blocks:
        if block.drop is None:
            live.append(block)
    return live


def _own_signatures(blocks: list[Block]) -> set[Signature]:
    """How the template names the elements that hold the article's own paragraphs: those with most of its
    prose.

    Items and cells, one paragraph each, are no such elements.
    """
    block: Block
    weights: defaultdict[Signature, float] = defaultdict(float)
    for block in blocks:
        if block.drop is None and block.container.tag not in _ITEMS:
            weights[signature_of(block.container)] += block.prose
    total = sum(weights.values())
    return {signature for signature, weight in weights.items() if weight >= 0.3 * total > 0}


_ITEMS = frozenset(("li", "td", "th", "dd", "dt"))


def _drop_boilerplate(page: Walked, blocks: list[Block], container: Container) -> None:
    node: Container
    parent: Container | None
    block: Block
    first = container.index
    bad = bytearray(
        container.last + 1 - first
    )  # by container, in reading order: parents come before children
    for node in page.containers[first + 1 : container.last + 1]:
        parent = node.parent
        bad[node.index - first] = node.verdict < 0 or (parent is not None and bad[parent.index - first] > 0)
    for block in blocks:
        if bad[block.container.index - first]:
            block.drop = "furniture"
        elif block.kind in ("caption", "summary"):
            block.drop = "caption"


def _drop_cards(page: Walked, container: Container, blocks: list[Block], own: set[Signature]) -> None:
    """Repeated units of a linked title and a short teaser: other stories, whatever their heading says."""
    parent: Container
    child: Container
    block: Block
    for parent in page.containers[container.index : container.last + 1]:
        if len(parent.children) < 3:
            continue
        groups: defaultdict[Signature, list[Container]] = defaultdict(list)
        for child in parent.children:
            groups[child.tag, child.name].append(child)
        for group in groups.values():
            if len(group) < 3:
                continue
            cards: list[Container] = []
            for child in group:
                if child.end_block - child.first_block <= _LONGEST_CARD and _is_card(
                    page.blocks[child.first_block : child.end_block]
                ):
                    cards.append(child)
            if len(cards) >= 3 and len(cards) >= 0.6 * len(group):
                for child in cards:
                    for block in page.blocks[child.first_block : child.end_block]:
                        block.drop = block.drop or "card"
    _drop_flat_cards(blocks, own)
    left: float = 0.0
    for block in blocks:
        if block.drop is None:
            left += block.prose
    if left < _LEAST_PROSE:
        for block in blocks:  # a round-up, whose items are the article
            if block.drop == "card":
                block.drop = None


_LONGEST_CARD = 8  # blocks


def _is_card(unit: list[Block]) -> bool:
    block: Block
    title: Block | None = None
    length = 0
    for block in unit:
        length += len(block.text)
        if title is None and block.density > 0.75 and len(block.text) >= 12:
            title = block
    if title is None or length - len(title.text) > 420:
        return False
    hrefs = set()
    for block in unit:
        for href, _ in block.hrefs:
            hrefs.add(href)
    return len(hrefs) <= 4


def _drop_flat_cards(blocks: list[Block], own: set[Signature]) -> None:
    """The same with no element around each unit: linked headings, each with a teaser, in a row."""
    block: Block
    following: Block
    live = _live(blocks)
    count = len(live)
    run: list[Block] = []
    titles = 0
    n = 0
    while n < count:
        block = live[n]
        if block.density > 0.75 and len(block.text) >= 15 and block.hrefs:
            run.append(block)
            titles += 1
            followers = 0
            while n + 1 < count and followers < 2:
                following = live[n + 1]
                if not _is_teaser(following, second=followers > 0):
                    break
                if following.container is not block.container and signature_of(following.container) in own:
                    break
                n += 1
                followers += 1
                run.append(following)
        elif run:
            _close_run(run, titles)
            run, titles = [], 0
        n += 1
    _close_run(run, titles)


def _opens_with_title(block: Block) -> bool:
    """Whether a block is a title and its teaser in one: a short text that begins with a link as long as a
    headline."""
    if not block.hrefs or not 0.15 < block.density <= 0.75 or len(block.text) > 420:
        return False
    title = block.hrefs[0][1]
    return len(title) >= 20 and block.text.startswith(title)


def _is_teaser(block: Block, *, second: bool) -> bool:
    """A teaser under a linked title; what follows it can only be a short line, such as a date."""
    return block.density < 0.5 and len(block.text) <= (60 if second else 420) and not block.heading


def _close_run(run: list[Block], titles: int) -> None:
    block: Block
    if titles >= 3:
        for block in run:
            block.drop = "card"


def _drop_lines(blocks: list[Block], title: str) -> None:
    block: Block
    folded_title = fold(title)
    for block in blocks:
        if block.drop:
            continue
        text = block.text
        if block.container.tag in ("td", "th") and block.density < 0.6 and len(block.container.blocks) <= 2:
            continue  # a number in a table is no time and no reading time
        if is_junk_line(text):
            block.drop = "junk line"
        elif block.heading and folded_title and (fold(text) == folded_title or block.kind == "h1"):
            block.drop = "headline"
        elif block.density > 0.6 and not (block.kind == "p" and len(text) > 120 and len(block.hrefs) > 2):
            block.drop = "links"
        elif len(text) < 110 and is_byline_or_date(text):
            block.drop = "byline or date"
        elif not text[0].isalnum() and not any(c.isalnum() for c in text):
            block.drop = "no words"


def _drop_after_more_headings(blocks: list[Block], own: set[Signature]) -> None:
    """Drop from a heading over other stories to the end, or to where running prose takes up again."""
    block: Block
    n = 0
    while n < len(blocks):
        block = blocks[n]
        if block.drop == "furniture" or len(block.text) > 80 or not is_more_heading(block.text):
            n += 1
            continue
        block.drop = block.drop or "heading of other stories"
        n += 1
        while n < len(blocks) and not _prose_resumes(blocks, n, own):
            block = blocks[n]
            block.drop = block.drop or "under a heading of other stories"
            n += 1


def _prose_resumes(blocks: list[Block], n: int, own: set[Signature]) -> bool:
    """Whether the article goes on at `n`: paragraphs of prose in a row, which teasers, one to a title, never
    are.

    Two are enough after plain text or under a heading of their own, three straight after a linked title. One
    is enough where the box of other stories has ended: the block before stands in another element, and this
    one in an element like those of the article's own paragraphs.
    """
    block: Block = blocks[n]
    previous: Block = blocks[n - 1]
    if (
        block.container is not previous.container
        and signature_of(block.container) in own
        and _prose_run(blocks, n, 1)
    ):
        return True
    if block.heading and block.drop is None and block.density < 0.3 and not is_more_heading(block.text):
        return _prose_run(blocks, n + 1, 2)
    return _prose_run(blocks, n, 3 if previous.density > 0.5 or previous.heading else 2)


def _prose_run(blocks: list[Block], n: int, length: int) -> bool:
    """Whether blocks of prose, so many, stand from `n` on, with at most two of no account between them."""
    block: Block
    found = 0
    for block in blocks[n : n + length + 2]:
        if block.drop in ("junk line", "links", "furniture"):
            continue
        if (
            block.drop is not None
            or len(block.text) < 80
            or block.density >= 0.3
            or block.heading
            or _opens_with_title(block)
            or not block.text.endswith(_ENDINGS)
        ):
            return False
        found += 1
        if found == length:
            return True
    return False


def _drop_edges(blocks: list[Block]) -> None:
    """Short lines before the first and after the last paragraph: section names, bylines, tags."""
    block: Block
    first = last = -1
    live = _live(blocks)
    for n, block in enumerate(live):
        if block.prose > 0:
            first, last = (n if first < 0 else first), n
    if first < 0:
        return
    for block in live[:first]:
        if not (block.heading and len(block.text) > 60) and not (
            len(block.text) > 60 and block.text.endswith(_ENDINGS)
        ):
            block.drop = "before the first paragraph"
    for block in live[last + 1 :]:
        if not block.text.endswith(_ENDINGS) or block.density > 0.3 or len(block.text) < 12:
            block.drop = "after the last paragraph"


def _drop_repeats(blocks: list[Block]) -> None:
    block: Block
    seen: set[str] = set()
    for block in blocks:
        if block.drop or len(block.text) < 40 or block.kind in ("td", "th"):
            continue
        if block.text in seen:
            block.drop = "repeated"
        seen.add(block.text)


def _drop_bare_headings(blocks: list[Block]) -> None:
    block: Block
    following = False
    for block in reversed(blocks):
        if block.drop:
            continue
        if block.heading:
            if not following:
                block.drop = "heading of nothing"
        else:
            following = True
