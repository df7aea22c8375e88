# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""Evidence on blocks: for each block near the article, numbers that may tell whether it is the article's.

None of them decides; `scoring` weighs them. A block's row has `WIDTH` numbers, named in `columns`: what its
text looks like, what it stands in, where it stands, and what its neighbours look like.
"""

from __future__ import annotations

from array import array

from services.ingest.extract.blocks import Block, Container, Walked
from services.ingest.extract.columns import (
    BYLINE,
    IS_TITLE,
    JUNK,
    LEXICON,
    LIKE_DESCRIPTION,
    LIKE_TITLE,
    LIKENESS,
    MORE,
    MORE_AROUND,
    MOST_WORDS,
    NAMES,
    PAIRS,
    REPEATED,
    UNITS,
    WIDTH,
)
from services.ingest.extract.places import see_neighbours, take_places
from services.ingest.extract.reading import read_text, read_texts
from services.ingest.extract.surroundings import clear_prose, look_around, look_at_containers
from services.ingest.extract.title import fold


def measure(
    page: Walked,
    container: Container,
    first: int,
    end: int,
    title: str,
    description: str,
    lexicon: array[float],
) -> array[float]:
    """The evidence on the blocks from `first` to `end`, row after row. `container` is thought to hold the
    article."""
    rows = array("d", bytes(8 * WIDTH * (end - first)))
    blocks = page.blocks[first:end]
    look_at_containers(page, container, first, end)
    hashes = array("i", bytes(4 * MOST_WORDS * len(blocks)))
    counts = array("i", bytes(4 * len(blocks)))
    read_texts(blocks, rows, hashes, counts, lexicon)
    core = clear_prose(blocks)
    compare(blocks, rows, core, hashes, counts, title, description)
    look_around(page, blocks, rows, core)
    take_places(blocks, rows, core, container)
    see_neighbours(blocks, rows)
    return rows


def compare(
    blocks: list[Block], rows: array[float], core: bytearray, hashes: array[int], counts: array[int],
    title: str, description: str,
) -> None:  # fmt: skip
    """How far each block's words are those of the headline, of the page's summary and of its prose."""
    spare = array("d", bytes(8 * WIDTH))
    own = array("i", bytes(4 * MOST_WORDS))
    none = array("d", bytes(8 * LEXICON))
    of_title = bytearray(2 * LEXICON)
    of_description = bytearray(2 * LEXICON)
    for n in range(read_text(title, spare, 0, own, 0, none) if title else 0):
        of_title[own[n]] = 1
    for n in range(read_text(description, spare, 0, own, 0, none) if description else 0):
        of_description[own[n]] = 1
    uses = array("i", bytes(8 * LEXICON))
    for n in range(len(blocks)):
        if core[n]:
            for k in range(counts[n]):
                uses[hashes[n * MOST_WORDS + k]] += 1
    seen: set[str] = set()
    folded = fold(title)
    at = n = 0
    for block in blocks:
        least = 2 if core[n] else 1
        alike = in_title = in_description = 0
        count = 0
        for k in range(counts[n]):
            value = hashes[n * MOST_WORDS + k]
            if value >= LEXICON:
                continue  # a short word, which any text has
            count += 1
            alike += uses[value] >= least
            in_title += of_title[value]
            in_description += of_description[value]
        if count:
            rows[at + LIKENESS] = alike / count
            rows[at + LIKE_TITLE] = in_title / count
            rows[at + LIKE_DESCRIPTION] = in_description / count
        if len(block.text) <= 2 * len(title) + 20 and folded and rows[at + LIKE_TITLE] > 0.5:
            rows[at + IS_TITLE] = fold(block.text) == folded
        if len(block.text) >= 40:
            rows[at + REPEATED] = block.text in seen
            seen.add(block.text)
        at += WIDTH
        n += 1


def tell_verdicts(blocks: list[Block], rows: array[float]) -> None:
    """Note of each block its verdict, by its score."""
    at = 0
    for block in blocks:
        block.drop = verdict_of(block, rows, at)
        at += WIDTH


def verdict_of(block: Block, rows: array[float], at: int) -> str | None:
    """None for a block of the article, by its score; else what it seems to be."""
    if block.score > 0:
        return "headline" if block.heading and rows[at + IS_TITLE] else None
    if block.container.worst < 0:
        return "furniture"
    if rows[at + MORE]:
        return "heading of other stories"
    if rows[at + UNITS] >= 3 or rows[at + PAIRS] >= 3:
        return "card"
    if block.density > 0.6:
        return "links"
    if rows[at + MORE_AROUND]:
        return "under a heading of other stories"
    if rows[at + JUNK]:
        return "junk line"
    return "byline or date" if rows[at + BYLINE] else "unlike the article"


def value_of(row: list[float], name: str) -> float:
    """What one piece of evidence says in a row."""
    return row[NAMES.index(name)]
