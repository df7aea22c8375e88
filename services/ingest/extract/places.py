# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""Where the blocks of a page stand: between clear prose, under headings of other stories, in runs of titles
and texts, beside which neighbours."""

from __future__ import annotations

from array import array
from math import exp

from services.ingest.extract.blocks import Block, Container
from services.ingest.extract.columns import (
    DENSITY,
    ENDS,
    FAR,
    FARTHER_COUNT,
    HEADING,
    HEADLINES,
    JUNK,
    LAST_PROSE,
    LENGTH,
    LEXICON_MEAN,
    MORE,
    MORE_AROUND,
    NEAR,
    NEAR_COUNT,
    NEXT_PROSE,
    OPENS_WITH_LINK,
    PAGE_BLOCKS,
    PAGE_PROSE,
    PAIR_SHARE,
    PAIRS,
    PLACE,
    PROSE_AFTER,
    PROSE_BEFORE,
    SAME_CONTAINER,
    SAME_SIGNATURE,
    SCORES,
    SECOND,
    SIDE,
    SINCE_MORE,
    SINCE_PROSE,
    WIDTH,
    WORDS,
    WORST,
)
from services.ingest.extract.surroundings import title_like

_SPAN = 5  # blocks before and after one, whose scores count for it
_NO_SCORE = -6.0  # where there is no block


def take_places(blocks: list[Block], rows: array[float], core: bytearray, container: Container) -> None:
    """Where each block stands: in the page, between blocks of clear prose, under a heading of other
    stories."""
    total = 1.0
    n = 0
    for block in blocks:
        if core[n]:
            total += block.prose
        n += 1
    before = 0.0
    characters = 0.0
    last_prose = since_more = FAR
    headlines = n = 0
    more = None
    at = 0
    for block in blocks:
        node = block.container
        rows[at + PLACE] = min(n, 60)
        rows[at + PROSE_BEFORE] = before / total
        rows[at + SINCE_PROSE] = min(characters, 1000)
        rows[at + LAST_PROSE] = last_prose
        if rows[at + MORE]:
            since_more, more = 0.0, node
        rows[at + SINCE_MORE] = since_more
        rows[at + MORE_AROUND] = more is not None and more.index <= node.index <= more.last
        if block.kind == "h1":
            headlines += 1
        rows[at + HEADLINES] = min(headlines, 3)
        order = block.order
        rows[at + SIDE] = -1 if order < container.first_block else (1 if order >= container.end_block else 0)
        rows[at + PAGE_PROSE] = min(total, 6000)
        rows[at + PAGE_BLOCKS] = min(len(blocks), 200)
        since_more = min(FAR, since_more + 1)
        last_prose = min(FAR, last_prose + 1)
        characters += len(block.text)
        if core[n]:
            before += block.prose
            last_prose, characters = 0.0, 0.0
        rows[at + PROSE_AFTER] = 1.0 - before / total
        n += 1
        at += WIDTH
    next_prose = FAR
    for n in range(len(blocks) - 1, -1, -1):
        at -= WIDTH
        rows[at + NEXT_PROSE] = next_prose
        next_prose = min(FAR, next_prose + 1)
        if core[n]:
            next_prose = 0.0
    count_pairs(blocks, rows, total)


def count_pairs(blocks: list[Block], rows: array[float], total: float) -> None:
    """Note how many pairs of a title and a short text follow each other where a block stands, and how much
    of the page's prose they hold. A text that opens with a linked title is a pair in one.
    """
    count = len(blocks)
    n = start = pairs = 0
    prose = 0.0
    while n < count:
        block = blocks[n]
        size = 0
        if rows[n * WIDTH + OPENS_WITH_LINK]:
            size = 1
        elif n + 1 < count and 40 <= len(blocks[n + 1].text) <= 520 and title_like(block):
            size = 2
        elif pairs and n + 1 < count and len(block.text) <= 60 and not block.heading and block.density < 0.5:
            # A date, or where it happened, between two pairs.
            following = blocks[n + 1]
            n += title_like(following)
            if n < count and blocks[n] is following:
                continue
        if size:
            pairs += 1
            following = blocks[n + size - 1]
            prose += following.prose
            n += size
            if n < count:
                continue
        for k in range(start, n):
            rows[k * WIDTH + PAIRS] = min(pairs, 12)
            rows[k * WIDTH + PAIR_SHARE] = min(1.0, prose / total)
        n += 1
        start, pairs, prose = n, 0, 0.0


def see_neighbours(blocks: list[Block], rows: array[float]) -> None:
    """What stands before and after each block; -1 where nothing does."""
    count = len(blocks)
    told = (LENGTH, DENSITY, ENDS, HEADING, LEXICON_MEAN, WORST, WORDS, SINCE_MORE, JUNK)
    columns = array("i", told)
    for n in range(count):
        at = n * WIDTH
        for side in range(2):
            other = n + 1 if side else n - 1
            to = at + NEAR + side * NEAR_COUNT
            farther = at + SECOND + side * FARTHER_COUNT
            if 0 <= other < count:
                source = other * WIDTH
                for k in range(NEAR_COUNT):
                    rows[to + k] = rows[source + columns[k]]
                mine, its = blocks[n].container, blocks[other].container
                rows[at + SAME_CONTAINER + side] = mine is its
                rows[at + SAME_SIGNATURE + side] = mine is its or (
                    mine.tag == its.tag and mine.name == its.name
                )
            else:
                rows[to] = -1.0
            other = n + 2 if side else n - 2
            if 0 <= other < count:
                source = other * WIDTH
                rows[farther] = rows[source + LENGTH]
                rows[farther + 1] = rows[source + DENSITY]
                rows[farther + 2] = rows[source + ENDS]
                rows[farther + 3] = rows[source + HEADING]
            else:
                rows[farther] = -1.0


def add_scores(rows: array[float], scores: array[float], count: int) -> None:
    """Add to the evidence the first scores of each block and of those around it, as which it is likely to be
    judged.

    Shares are of characters, each counted by how likely its block is the article's.
    """
    likely = array("d", bytes(8 * (count + 1)))
    length = array("d", bytes(8 * (count + 1)))
    for n in range(count):
        size = rows[n * WIDTH + LENGTH] + 5.0
        length[n + 1] = length[n] + size
        likely[n + 1] = likely[n] + size / (1.0 + exp(-scores[n]))
    for n in range(count):
        at = n * WIDTH + SCORES
        rows[at] = scores[n]
        rows[at + 1] = scores[n - 1] if n >= 1 else _NO_SCORE
        rows[at + 2] = scores[n + 1] if n + 1 < count else _NO_SCORE
        rows[at + 3] = scores[n - 2] if n >= 2 else _NO_SCORE
        rows[at + 4] = scores[n + 2] if n + 2 < count else _NO_SCORE
        first, end = max(0, n - _SPAN), min(count, n + 1 + _SPAN)
        rows[at + 5] = (likely[n] - likely[first]) / max(1.0, length[n] - length[first])
        rows[at + 6] = (likely[end] - likely[n + 1]) / max(1.0, length[end] - length[n + 1])
        rows[at + 7] = likely[n] / max(1.0, likely[count])
        rows[at + 8] = (likely[count] - likely[n + 1]) / max(1.0, length[count] - length[n + 1])
