"""Comparison of two texts: what they share, in which passages, and whether one is a copy of the other."""

from __future__ import annotations

import math
import re
from array import array
from bisect import bisect_left
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from services.stories import matching
from services.stories.shingles import IN_QUOTE, NAME, NUMBER, WIDTH, Shingled

_MARKS = re.compile(r"[\W_]+")
_ALL = 0.97  # of the words: what is left is a byline, a credit, a changed figure
_MOST = 0.90
_LEAST_WORDS = 15
_UNSAMPLED = np.uint64(1 << 60)  # the least shingle that is no sample
_WITH = {flag: bytes(n for n in range(256) if n & flag) for flag in (IN_QUOTE, NUMBER, NAME)}
_PLAIN = bytes(n for n in range(256) if not n & (NUMBER | NAME))  # flags of a word that fills no slot
# A logistic regression over pairs with words in common (training/stories/copies.py), stories and templates'
# languages held out.
_WEIGHTS = {
    "share": 10.12, "lesser_share": -1.23, "words": 1.53, "unquoted": 2.29, "unquoted_share": -0.89,
    "slots": -10.08, "numbers_lost": -5.02, "names_lost": 3.35, "run": 0.59, "longest": 0.84,
}  # fmt: skip
_BIAS = -22.82
SIGNALS = tuple(_WEIGHTS)
COPY = 0.85
"""Least probability of a copy: of texts and templates held out, at .7 9 of 2,074 pairs were wrongly taken for
copies, and 13 of 2,343 missed; at .9 none and 18."""
_LEAST_LOGIT = math.log(COPY / (1 - COPY)) - 0.01  # below it no copy, whatever rounding does

Runs = list[tuple[int, int, int]]
"""(first word in ours, first word in theirs, words)."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Offsets of a passage in the copy's text, and in its parent's."""

    start: int
    end: int
    parent_start: int
    parent_end: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two texts share. `share`: of our words, those in passages that theirs has too; `parent_share`: of
    theirs. `words`: how many. `probability`: that one is a copy of the other."""

    share: float
    parent_share: float
    words: int
    probability: float
    runs: Runs

    @property
    def copy(self) -> bool:
        return self.probability >= COPY

    @property
    def kind(self) -> str:
        """`verbatim`, `cut` (a part of it), `extended` (built on it), or `edited`."""
        if self.share >= _ALL and self.parent_share >= _ALL:
            return "verbatim"
        if self.share >= _MOST and self.share >= self.parent_share:
            return "cut"
        return "extended" if self.parent_share >= _MOST else "edited"


NOTHING = Comparison(0.0, 0.0, 0, 0.0, [])


def compare(ours: Shingled, theirs: Shingled, common: frozenset[int] = frozenset()) -> Comparison:
    """Compares two texts; returns `NOTHING` where what they share cannot be enough for a copy. `common`:
    sampled shingles that a passage needs more than to count, since many unrelated articles have them."""
    runs = _runs(ours, theirs, common)
    if not runs:
        return NOTHING
    words = sum(n for _, _, n in runs)
    slots = _slots(ours, theirs, runs) / len(runs)
    if not words == len(ours) == len(theirs) and _most(ours, theirs, runs, words, slots) < _LEAST_LOGIT:
        return NOTHING
    a, b, found = _measured(ours, theirs, runs, slots)
    logit = _BIAS + sum(_WEIGHTS[name] * value for name, value in found.items())
    probability = 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))
    if min(a.share, b.share) >= _ALL and words == len(ours) == len(theirs):
        probability = 1.0  # the same words in the same order
    return Comparison(a.share, b.share, words, probability, runs)


def signals(ours: Shingled, theirs: Shingled) -> dict[str, float] | None:
    """The signals of two texts, by name; None if they have too few words in common."""
    runs = _runs(ours, theirs, frozenset())
    return _measured(ours, theirs, runs, _slots(ours, theirs, runs) / len(runs))[2] if runs else None


def _runs(ours: Shingled, theirs: Shingled, common: frozenset[int]) -> Runs:
    runs = _separate(_without_common(matching.runs(ours.shingles, theirs.shingles), ours, common))
    enough = sum(n for _, _, n in runs) >= min(_LEAST_WORDS, len(ours), len(theirs))
    return runs if enough else []


def _most(ours: Shingled, theirs: Shingled, runs: Runs, words: int, slots: float) -> float:
    """A logit that the comparison does not exceed: signals that take time to measure count as what speaks
    most for a copy."""
    share = min(1.0, words / min(len(ours), len(theirs)))
    return (
        _BIAS
        + (_WEIGHTS["share"] + _WEIGHTS["names_lost"]) * share
        + (_WEIGHTS["words"] + _WEIGHTS["unquoted"]) * math.log(words + 1)
        + _WEIGHTS["slots"] * slots
        + _WEIGHTS["run"] * math.log(words / len(runs))
        + _WEIGHTS["longest"] * math.log(max(n for _, _, n in runs))
    )


def _measured(
    ours: Shingled, theirs: Shingled, runs: Runs, slots: float
) -> tuple[_Side, _Side, dict[str, float]]:
    """Both sides of a comparison, and its signals. `slots`: those of a template, by runs."""
    words = sum(n for _, _, n in runs)
    a, b = _side(ours, [(x, n) for x, _, n in runs]), _side(theirs, [(y, n) for _, y, n in runs])
    share = max(a.share, b.share)
    unquoted = min(a.unquoted, b.unquoted)
    return (
        a,
        b,
        {
            "share": share,
            "lesser_share": min(a.share, b.share),
            "words": math.log(words + 1),
            "unquoted": math.log(unquoted + 1),
            "unquoted_share": unquoted / words,
            "slots": slots,
            "numbers_lost": _lost(share, a.numbers, b.numbers),
            "names_lost": _lost(share, a.names, b.names),
            "run": math.log(words / len(runs)),
            "longest": math.log(max(n for _, _, n in runs)),
        },
    )


def passages(ours: Shingled, our_text: str, theirs: Shingled, their_text: str, runs: Runs) -> list[Passage]:
    """The passages that two texts share, in the order of ours. They differ at most in case, marks and spaces:
    where words are alike only in folding (ss and ß, an accent), a passage ends."""
    found = []
    for x, y, n in runs:
        passage = _passage(ours, theirs, x, y, n)
        if _bare(our_text[passage.start : passage.end]) == _bare(
            their_text[passage.parent_start : passage.parent_end]
        ):
            found.append(passage)
            continue
        first = 0
        for at in range(n + 1):
            if at == n or not _same_word(ours, our_text, x + at, theirs, their_text, y + at):
                if at - first >= WIDTH:
                    found.append(_passage(ours, theirs, x + first, y + first, at - first))
                first = at + 1
    return found


def _passage(ours: Shingled, theirs: Shingled, x: int, y: int, words: int) -> Passage:
    return Passage(ours.starts[x], ours.ends[x + words - 1], theirs.starts[y], theirs.ends[y + words - 1])


def _same_word(ours: Shingled, our_text: str, x: int, theirs: Shingled, their_text: str, y: int) -> bool:
    return _bare(our_text[ours.starts[x] : ours.ends[x]]) == _bare(
        their_text[theirs.starts[y] : theirs.ends[y]]
    )


def _bare(text: str) -> str:
    return _MARKS.sub("", text.lower())


def _without_common(runs: array[int], ours: Shingled, common: frozenset[int]) -> Runs:
    """Runs as words, without those of whose samples all are common."""
    width = min(WIDTH, len(ours))
    kept = []
    shingles = np.asarray(ours.shingles)
    places = np.flatnonzero(shingles < _UNSAMPLED) if common else np.empty(0, np.intp)
    samples = (shingles[places] >> np.uint64(24)) & np.uint64(0xFFFFFFFF)
    shared = [sample in common for sample in samples.tolist()]
    sampled = places.tolist()
    for at in range(0, len(runs), 3):
        x, y, length = runs[at], runs[at + 1], runs[at + 2]
        if common:
            first = bisect_left(sampled, x)
            last = bisect_left(sampled, x + length, first)
            if first < last and all(shared[first:last]):
                continue
        kept.append((x, y, length + width - 1))
    return kept


def _separate(runs: Runs) -> Runs:
    """Runs that do not overlap in ours: of two, the later one is cut at its beginning."""
    kept: Runs = []
    end = 0
    for x, y, n in runs:
        cut = end - x if end > x else 0
        if n - cut >= WIDTH or not cut:
            kept.append((x + cut, y + cut, n - cut))
            end = x + n
    return kept


@dataclass(frozen=True, slots=True)
class _Side:
    share: float
    unquoted: int
    numbers: float | None
    names: float | None


def _side(text: Shingled, runs: list[tuple[int, int]]) -> _Side:
    flags = text.flags
    parts, end = [], 0
    for first, words in sorted(runs):  # in the other text, runs may overlap
        stop = first + words
        if stop > end:
            parts.append(flags[first if first > end else end : stop])
            end = stop
    kept = b"".join(parts)
    return _Side(
        len(kept) / max(1, len(flags)),
        len(kept.translate(None, _WITH[IN_QUOTE])),
        _part(kept, flags, NUMBER),
        _part(kept, flags, NAME),
    )


def _part(kept: bytes, flags: bytearray, flag: int) -> float | None:
    there = len(flags) - len(flags.translate(None, _WITH[flag]))
    return (len(kept) - len(kept.translate(None, _WITH[flag]))) / there if there else None


def _lost(share: float, *parts: float | None) -> float:
    """How much less of the numbers, or names, than of all words is shared."""
    return max(0.0, share - max((part for part in parts if part is not None), default=share))


def _slots(ours: Shingled, theirs: Shingled, runs: Runs) -> int:
    """Gaps between two runs in which both texts have a number or a name: the slots of a template."""
    slots = 0
    for (x, y, n), (x2, y2, _) in pairwise(runs):
        if -4 <= x2 - (x + n) <= 12 and -4 <= y2 - (y + n) <= 12:
            a = ours.flags[max(0, x + n - 1) : x2 + 1].translate(None, _PLAIN)
            b = theirs.flags[max(0, y + n - 1) : y2 + 1].translate(None, _PLAIN)
            slots += bool(a and b)
    return slots
