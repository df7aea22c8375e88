"""Stories: articles about one event, in one language, found in a single pass over the articles as they come.

An article joins the story whose latest articles are most like it, by a logistic regression over what two
articles have in common; or it begins a story. Copies join their parent's story, and are not compared with.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from services.stories.frequencies import Frequencies
from services.stories.rows import NAME, NUMBER, Rows
from services.stories.shingles import Shingled, read
from services.stories.terms import Counted, Vector, count, folded_stems, learn, weigh

_DAY_S = 86_400.0
# Trained on pairs of articles (training/stories/stories.py), whole stories left out for its figures.
_MODEL = array("d", (
    10.418, -2.225, 3.191, 6.921, -4.168, -4.031, -9.395, 0.695, 1.046, -2.333,
    -1.140, 6.717, 5.204, 1.087, -2.013, -4.767, 1.731, 7.006, -6.563,
))  # fmt: skip
LEAST = 0.35  # logit; between .25 and .5 all do about as well
OF_MANY = 0.5  # a mean over more pairs is surer
MERGED = 0.3  # logit above LEAST
COMPARED = 8
"""Latest articles of a story that are compared with."""
_CANDIDATES = 16
_A_DAY = 0.25  # logit that a day between an article and a story costs
_SLOTS, _RING = 1 << 18, 16
_EVIDENCE = 5


@dataclass(frozen=True, slots=True)
class Report:
    """An article as stories are found in it. `copy_of`: the article that it is a copy of."""

    number: int
    title: str
    text: str
    at: float
    language: str = ""
    places: tuple[str, ...] = ()
    copy_of: int | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """That an article belongs to a story, which is named by its first article. `score`: the probability, of
    an article alone None. `evidence`: words, names and figures in common with the story, as the article
    writes them. `merged`: stories that became part of this one by this article."""

    number: int
    story: int
    score: float | None
    evidence: dict[str, list[str]]
    merged: tuple[int, ...] = ()


@dataclass(slots=True)
class _Story:
    number: int
    language: str
    first_at: float
    last_at: float
    rows: list[int] = field(default_factory=list)
    members: set[int] = field(default_factory=set)
    places: set[str] = field(default_factory=set)


class Stories:
    """The stories that had an article within the window."""

    def __init__(self, window_s: float = 4 * _DAY_S) -> None:
        self.frequencies = Frequencies()
        self._window_s = window_s
        self._rows = Rows()
        self._stories: dict[int, _Story] = {}
        self._story_of: dict[int, int] = {}
        self._story_of_row = np.full(1024, -1, np.int64)
        self._ring = np.full((_SLOTS, _RING), -1, np.int32)
        self._turn = np.zeros(_SLOTS, np.uint8)
        self._spare = 1 << 62  # names of stories whose first article's name is taken

    def __len__(self) -> int:
        return len(self._stories)

    def learn(self, report: Report) -> None:
        """Counts an article's words without taking it in, where all articles are at hand beforehand."""
        learn(count(read(report.title), read(report.text), report.places), self.frequencies, report.language)

    def add(self, report: Report, *, learned: bool = False) -> Membership:
        """Takes an article in, and returns where it belongs. `learned`: its words are counted already."""
        if report.number in self._story_of:
            self.forget(report.number)
        parent = self._story_of.get(report.copy_of) if report.copy_of is not None else None
        if parent is not None:
            return self._copied(report, parent)
        text = read(report.text)
        counted = count(read(report.title), text, report.places)
        if not learned:
            learn(counted, self.frequencies, report.language)
        vector = weigh(counted, self.frequencies, report.language)
        row = self._rows.take()
        vector.put(self._rows, row)
        scores = self._scores(row, vector, report)
        best = max(scores, key=lambda story: (scores[story], -story), default=None)
        if best is None:
            return Membership(report.number, self._begin(report, row, vector), None, {})
        evidence = self._evidence(row, self._stories[best], report, text, counted)
        self._join(self._stories[best], report, row, vector)
        into, merged = self._merge(best, [story for story in scores if story != best])
        return Membership(report.number, into, _probability(scores[best]), evidence, merged)

    def forget(self, number: int) -> None:
        """Lets go of an article that is deleted, or has changed. The story keeps its name."""
        story = self._stories.get(self._story_of.pop(number, -1))
        if story is not None:
            story.members.discard(number)
            if not story.members:
                self._drop(story)

    def expire(self, now: float) -> int:
        """Lets go of stories without an article in the window; returns how many."""
        old = [story for story in self._stories.values() if story.last_at < now - self._window_s]
        for story in old:
            for number in story.members:
                self._story_of.pop(number, None)
            self._drop(story)
        return len(old)

    def story(self, number: int) -> int | None:
        """The story of an article in the window."""
        return self._story_of.get(number)

    # Finding

    def _scores(self, row: int, vector: Vector, report: Report) -> dict[int, float]:
        """Logits of the stories that an article may belong to."""
        scores = {}
        for number in self._candidates(vector):
            story = self._stories.get(number)
            if story is None or story.language != report.language or not story.rows:
                continue
            days = max(0.0, report.at - story.last_at, story.first_at - report.at) / _DAY_S
            if days * _DAY_S > self._window_s:
                continue
            logit = self._link([row], story.rows) - _A_DAY * max(0.0, days - 1)
            if logit > LEAST:
                scores[number] = logit
        return scores

    def _candidates(self, vector: Vector) -> list[int]:
        """The stories that have most of an article's weightiest terms."""
        rows = self._ring[vector.keys % _SLOTS].ravel()
        found = self._story_of_row[rows[rows >= 0]]
        stories, counts = np.unique(found[found >= 0], return_counts=True)
        return [int(story) for story in stories[np.argsort(-counts, kind="stable")[:_CANDIDATES]]]

    def _link(self, ours: Sequence[int], theirs: Sequence[int]) -> float:
        """The mean logit of two groups of articles, and more where it is a mean of many."""
        logits = [self._rows.logit(a, b, _MODEL) for a in ours for b in theirs]
        return sum(logits) / len(logits) + OF_MANY * math.log(min(COMPARED, len(logits)))

    # Joining

    def _begin(self, report: Report, row: int, vector: Vector) -> int:
        number = report.number
        if number in self._stories:  # the story outlived the article that it is named by
            number = self._spare = self._spare + 1
        story = _Story(number, report.language, report.at, report.at)
        self._stories[story.number] = story
        self._join(story, report, row, vector)
        return number

    def _join(self, story: _Story, report: Report, row: int, vector: Vector) -> None:
        self._count_in(story, report)
        if row >= len(self._story_of_row):
            more = np.full(len(self._story_of_row), -1, np.int64)
            self._story_of_row = np.concatenate([self._story_of_row, more])
        self._story_of_row[row] = story.number
        story.rows.append(row)
        self._shorten(story)
        slots = vector.keys % _SLOTS
        self._ring[slots, self._turn[slots]] = row
        self._turn[slots] = (self._turn[slots] + 1) % _RING

    def _count_in(self, story: _Story, report: Report) -> None:
        self._story_of[report.number] = story.number
        story.members.add(report.number)
        story.places.update(report.places)
        story.first_at = min(story.first_at, report.at)
        story.last_at = max(story.last_at, report.at)

    def _copied(self, report: Report, parent: int) -> Membership:
        self._count_in(self._stories[parent], report)
        return Membership(report.number, parent, 1.0, {})

    def _shorten(self, story: _Story) -> None:
        while len(story.rows) > COMPARED:
            self._let_go(story.rows.pop(0))

    def _let_go(self, row: int) -> None:
        self._story_of_row[row] = -1
        self._rows.let_go(row)

    def _drop(self, story: _Story) -> None:
        for row in story.rows:
            self._let_go(row)
        self._stories.pop(story.number, None)

    def _merge(self, best: int, others: Iterable[int]) -> tuple[int, tuple[int, ...]]:
        """Merges stories that an article shows to be one; the earliest keeps its name. Returns it, and those
        that became part of it."""
        gone: list[int] = []
        into = self._stories[best]
        for number in others:
            other = self._stories[number]
            if self._link(into.rows, other.rows) <= LEAST + MERGED:
                continue
            older, newer = sorted((into, other), key=lambda story: (story.first_at, story.number))
            older.rows = newer.rows + older.rows if newer is other else older.rows + newer.rows
            for row in newer.rows:
                self._story_of_row[row] = older.number
            for member in newer.members:
                self._story_of[member] = older.number
            older.members |= newer.members
            older.places |= newer.places
            older.last_at = max(older.last_at, newer.last_at)
            del self._stories[newer.number]
            self._shorten(older)
            gone.append(newer.number)
            into = older
        return into.number, tuple(gone)

    # Evidence

    def _evidence(
        self, row: int, story: _Story, report: Report, text: Shingled, counted: Counted
    ) -> dict[str, list[str]]:
        """The weightiest words, names and figures that an article shares with a story, as it writes them."""
        weights: dict[int, float] = {}
        for other in story.rows:
            for weight, term in self._rows.shared(row, other):
                weights[term] = weights.get(term, 0.0) + weight
        kinds = self._rows.kinds_of(row)
        written = _written(text, report.text)
        found: dict[str, list[str]] = {"words": [], "names": [], "figures": []}
        for term in sorted(weights, key=lambda term: (-weights[term], term)):
            kind = kinds.get(term, 0)
            group = found["figures" if kind & NUMBER else "names" if kind & NAME else "words"]
            if len(group) < _EVIDENCE and (word := written.get(term)):
                group.append(word)
        found["places"] = sorted(story.places.intersection(report.places))[:_EVIDENCE]
        return {name: words for name, words in found.items() if words}


def _written(words: Shingled, text: str) -> dict[int, str]:
    """Each term as it first stands in a text."""
    written: dict[int, str] = {}
    for at, term in enumerate(folded_stems(words).tolist()):
        if term not in written:
            written[term] = text[words.starts[at] : words.ends[at]]
    return written


def _probability(logit: float) -> float:
    return round(1.0 / (1.0 + math.exp(-logit)), 4)
