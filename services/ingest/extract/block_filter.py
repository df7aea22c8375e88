# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""Which blocks in and around the article's container are the article: those whose evidence says so. Every
other block carries what it seems to be."""

from __future__ import annotations

from array import array

from services.ingest.extract.blocks import Block, Body, Container, Walked
from services.ingest.extract.columns import (
    BYLINE,
    ENDS,
    HEADING,
    JUNK,
    LENGTH,
    NEAR,
    PAIRS,
    PROSE_AFTER,
    PROSE_BEFORE,
    SAME_CONTAINER,
    SIGNATURE_SHARE,
    SINCE_MORE,
    UNITS,
    WIDTH,
)
from services.ingest.extract.columns import MORE as MORE_HEADING
from services.ingest.extract.columns import SCORES as FIRST_SCORES
from services.ingest.extract.containers import choose_container, with_its_kind
from services.ingest.extract.evidence import measure, tell_verdicts
from services.ingest.extract.scoring import Scores

# Some loops are written out for the compiler.

SCORES = Scores()


def find_body(page: Walked, title: str, description: str = "") -> Body:
    """The article's body: its container and the blocks in and around it that are the article. Blocks left out
    have `drop` set to what they are rather.

    `description` is the page's own summary, which a standfirst often repeats.
    """
    container = with_its_kind(page, choose_container(page))
    first, end = scope_of(page, container)
    for block in page.blocks:
        block.drop = "outside"
    blocks: list[Block] = page.blocks[first:end]
    rows = measure(page, container, first, end, title, description, SCORES.lexicon)
    scores = SCORES.score(rows, len(blocks))
    table = rows  # typed where this is compiled, while `rows` goes from one module to the next
    runs: list[int] = []  # of each block, the run of teasers it stands in, by its first block; -1: none
    n = 0
    run = -1
    for block in blocks:
        block.score = scores[n]
        repeats = table[n * WIDTH + PAIRS] >= _SEVERAL or table[n * WIDTH + UNITS] >= _SEVERAL
        run = (run if run >= 0 else n) if repeats else -1
        runs.append(run)
        n += 1
    _judge_together(blocks, runs)
    n = 0
    for block in blocks:
        if 0 < block.score < _BEYOND_DOUBT and _announces(table, n * WIDTH):
            block.score = -block.score
        n += 1
    tell_verdicts(blocks, rows)
    _drop_repeats(blocks)
    _drop_quotes_of_itself(blocks)
    _drop_bare_headings(blocks)
    return Body(container, _live(blocks))


_IN_BLOCKQUOTE = 64  # as `surroundings` notes it
_SEVERAL = 3
_BEYOND_DOUBT = 3.0  # a score that those beside it do not change


def _judge_together(blocks: list[Block], runs: list[int]) -> None:
    """Lower the scores of blocks that are the article's by a little, where those they stand with are not: in
    one container, or in a run of units or pairs of a title and a text.
    """
    together: dict[int, list[float]] = {}
    keys: list[int] = []
    n = 0
    for block in blocks:
        key = -1 - runs[n] if runs[n] >= 0 else block.container.index
        keys.append(key)
        if 0 < block.score < _BEYOND_DOUBT:
            together[key] = [0.0, 0.0, 0.0]
        n += 1
    if not together:
        return
    n = 0
    for block in blocks:
        pool = together.get(keys[n])
        if pool is not None:
            size = len(block.text) + 20.0
            pool[0] += size * block.score
            pool[1] += size
            pool[2] += 1.0
        n += 1
    n = 0
    for block in blocks:
        if 0 < block.score < _BEYOND_DOUBT:
            pool = together[keys[n]]
            if pool[2] >= _SEVERAL and pool[0] < 0:
                block.score = pool[0] / pool[1]
        n += 1


def _announces(rows: array[float], at: int) -> bool:
    """Whether a block is a line of other things by all that is seen of it: as they read, without a stop and
    no heading, or behind all prose.
    """
    if rows[at + MORE_HEADING] and not rows[at + HEADING] and not rows[at + ENDS]:
        return True
    line = not rows[at + ENDS] and not rows[at + HEADING]
    if (
        line
        and rows[at + PROSE_BEFORE] < _NEXT_TO_NOTHING
        and (rows[at + BYLINE] or rows[at + LENGTH] <= _LABEL)
    ):
        return True
    if rows[at + JUNK]:
        return rows[at + PROSE_AFTER] < _NEXT_TO_NOTHING or rows[at + SINCE_MORE] <= 1
    # A text under a linked title in one element with it, and the article's prose stands in no such element.
    titled = rows[at + NEAR + 1] > _LINKED and rows[at + SAME_CONTAINER] > 0
    return titled and rows[at + SIGNATURE_SHARE] == 0 and rows[at + FIRST_SCORES + 1] < 0


_NEXT_TO_NOTHING = 0.005
_LABEL = 30.0  # characters
_LINKED = 0.75  # share of a title's characters


def evidence_of(page: Walked, container: Container, title: str, description: str) -> dict[int, list[float]]:
    """The rows of evidence by which `find_body` decided, by the block's number on the page."""
    first, end = scope_of(page, container)
    rows = measure(page, container, first, end, title, description, SCORES.lexicon)
    SCORES.score(rows, end - first)
    return {first + n: list(rows[n * WIDTH : (n + 1) * WIDTH]) for n in range(end - first)}


_ABOVE, _BELOW = 40, 24  # blocks around the container that are looked at


def scope_of(page: Walked, container: Container) -> tuple[int, int]:
    """Which blocks may be the article's: those of its container, those between the headline and it, and those
    after it, as far as the next headline.
    """
    first, end = container.first_block, container.end_block
    headline = -1
    for block in page.h1:
        if block.order < first:
            headline = block.order
        elif block.order >= end:
            return _above(page, first, headline), min(block.order, end + _BELOW)
    return _above(page, first, headline), min(len(page.blocks), end + _BELOW)


def _above(page: Walked, first: int, headline: int) -> int:
    if headline < 0:
        return max(0, first - 8)
    if first - headline > _ABOVE:
        return first
    above = page.blocks[headline - 1] if headline else None
    if above is not None and above.prose > 0 and above.container.verdict > -2:
        return headline - 1  # a standfirst may stand over the headline
    return headline + 1


def _live(blocks: list[Block]) -> list[Block]:
    """Those that nothing has dropped."""
    live = []
    for block in blocks:
        if block.drop is None:
            live.append(block)
    return live


def _drop_repeats(blocks: list[Block]) -> None:
    seen: set[str] = set()
    for block in blocks:
        if block.drop or len(block.text) < 40 or block.kind in ("td", "th"):
            continue
        if block.text in seen:
            block.drop = "repeated"
        seen.add(block.text)


def _drop_bare_headings(blocks: list[Block]) -> None:
    following = False
    for block in reversed(blocks):
        if block.drop:
            continue
        if block.heading:
            if not following:
                block.drop = "heading of nothing"
        else:
            following = True


def _drop_quotes_of_itself(blocks: list[Block]) -> None:
    """Drop quotes that a paragraph beside them says again."""
    live = _live(blocks)
    n = 0
    for block in live:
        if _quoted(block) and 20 <= len(block.text) <= 300:
            text = block.text.strip("\"'“”„‘’«»「」 ")
            for other in live[max(0, n - 6) : n + 7]:
                if other is not block and not _quoted(other) and text in other.text:
                    block.drop = "repeated"
                    break
        n += 1


def _quoted(block: Block) -> bool:
    return block.kind == "blockquote" or block.container.within_tags & _IN_BLOCKQUOTE > 0
