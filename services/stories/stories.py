"""Stories: articles about one event, in one language, found in a single pass over the articles as they come.

An article joins the story whose latest articles are most like it, by a logistic regression over what two
articles have in common; or it begins a story. Copies join their parent's story, and are not compared with.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from services.stories.finder import Finder
from services.stories.frequencies import Frequencies
from services.stories.rows import NAME, NUMBER, Rows
from services.stories.shingles import Shingled, read
from services.stories.terms import U32, Counted, Vector, count, folded_stems, learn, weigh

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
_CANDIDATES = 8
_FEW_KEYS = 6  # of an article with fewer, a story with one is compared, else with two
_A_DAY = 0.25  # logit that a day between an article and a story costs
_HOUR_S = 3600.0
_EVIDENCE = 5


@dataclass(frozen=True, slots=True)
class Report:
    """An article as stories are found in it. `copy_of`: the article that it is a copy of. `seen`: when it
    came in, if not as it appeared."""

    number: int
    title: str
    text: str
    at: float
    language: str = ""
    places: tuple[str, ...] = ()
    copy_of: int | None = None
    seen: float | None = None

    @property
    def came_at(self) -> float:
        """When it came in."""
        return self.at if self.seen is None else self.seen


@dataclass(frozen=True, slots=True)
class Membership:
    """That an article belongs to a story, which is named by its first article. `score`: the probability, of
    an article alone None. `evidence`: words, names and figures in common with the story, as the article
    writes them. `merged`: stories that became part of this one by this article. `vector`: what it is compared
    by, of a copy None."""

    number: int
    story: int
    score: float | None
    evidence: dict[str, list[str]]
    merged: tuple[int, ...] = ()
    vector: Vector | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    """An article that is compared with: its place in the order of arrival, number, row, places, and when it
    came in."""

    position: int
    number: int
    row: int
    places: tuple[str, ...]
    came_at: float


@dataclass(slots=True)
class _Story:
    number: int
    language: str
    first_at: float
    last_at: float
    came_at: float  # the latest of its articles
    rows: list[_Row] = field(default_factory=list)
    members: set[int] = field(default_factory=set)


class Stories:
    """The stories that had an article within the window.

    What it does next follows from its stories, each with its latest articles' vectors, and the frequencies
    alone, so that a state that is stored and restored goes on as the one before it. `name` gives a story that
    an article begins its number, by default that of the article.
    """

    def __init__(self, window_s: float = 4 * _DAY_S, name: Callable[[int], int] | None = None) -> None:
        self.frequencies = Frequencies()
        self._window_s = window_s
        self._name = name
        self._rows = Rows()
        self._finder = Finder()
        self._stories: dict[int, _Story] = {}
        self._story_of: dict[int, int] = {}
        self._position = 0
        self._spare = 1 << 62  # names of stories whose first article's name is taken

    def __len__(self) -> int:
        return len(self._stories)

    def learn(self, report: Report) -> None:
        """Counts an article's words without taking it in, where all articles are at hand beforehand."""
        learn(count(read(report.title), read(report.text), report.places), self.frequencies, report.language)

    def add(
        self,
        report: Report,
        *,
        words: Shingled | None = None,
        learned: bool = False,
        position: int | None = None,
    ) -> Membership:
        """Takes an article in, and returns where it belongs. `words`: those of its text, where they are at
        hand. `learned`: they are counted already. `position`: its place in the order of arrival, by default
        the next one."""
        if report.number in self._story_of:
            self.forget(report.number)
        self._position = self._position + 1 if position is None else position
        parent = self._story_of.get(report.copy_of) if report.copy_of is not None else None
        if parent is not None:
            self._count_in(self._stories[parent], report)
            return Membership(report.number, parent, 1.0, {})
        text = read(report.text) if words is None else words
        counted = count(read(report.title), text, report.places)
        if not learned:
            learn(counted, self.frequencies, report.language)
        vector = weigh(counted, self.frequencies, report.language)
        row, keys = self._taken(report, vector), vector.keys
        scores = self._scores(row, keys, report)
        best = max(scores, key=lambda story: (scores[story], -story), default=None)
        if best is None:
            return Membership(report.number, self._begin(report, row, keys), None, {}, (), vector)
        evidence = self._evidence(row, self._stories[best], report, text, counted)
        self._join(self._stories[best], report, row, keys)
        into, merged = self._merge(best, [story for story in scores if story != best])
        return Membership(report.number, into, _probability(scores[best]), evidence, merged, vector)

    def keep(self, report: Report, story: int, position: int) -> Vector | None:
        """Compares later articles with a member of a story that was a copy, and is none any more; returns its
        vector. None where the story has been let go of, or the article is compared with already."""
        kept = self._stories.get(story)
        if kept is None or any(row.number == report.number for row in kept.rows):
            return None
        counted = count(read(report.title), read(report.text), report.places)
        vector = weigh(counted, self.frequencies, report.language)
        self.restore_vector(story, report.number, position, report.places, report.came_at, vector)
        self._shorten(kept)
        return vector

    def forget(self, number: int) -> None:
        """Lets go of an article that is deleted, or has changed. The story keeps its name."""
        story = self._stories.get(self._story_of.pop(number, -1))
        if story is not None:
            story.members.discard(number)
            for row in [row for row in story.rows if row.number == number]:
                self._let_go(row)
                story.rows.remove(row)
            if not story.members:
                self._drop(story)

    def restore(
        self, number: int, language: str, first_at: float, last_at: float, members: dict[int, float]
    ) -> None:
        """Takes a story in, with its articles and when each came in. Its vectors follow."""
        self._stories[number] = _Story(
            number, language, first_at, last_at, max(members.values()), [], set(members)
        )
        self._story_of.update(dict.fromkeys(members, number))

    def restore_vector(
        self, story: int, number: int, position: int, places: tuple[str, ...], came_at: float, vector: Vector
    ) -> None:
        """Takes in the vector of one of a story's latest articles, unless it is there."""
        kept = self._stories[story]
        if any(row.number == number for row in kept.rows):
            return
        row = _Row(position, number, self._rows.take(), places, came_at)
        vector.put(self._rows, row.row)
        self._finder.put(row.row, position, story, vector.keys)
        kept.rows.append(row)
        kept.rows.sort(key=attrgetter("position"))

    def expire_rows(self, old: Callable[[float], bool]) -> None:
        """Compares no more with articles whose moment of arrival is old."""
        for story in self._stories.values():
            while story.rows and old(story.rows[0].came_at):
                self._let_go(story.rows.pop(0))

    def expired(self, came_at: float, now: float) -> bool:
        """Whether a story whose last article came in at `came_at` is let go of: that is done once an hour."""
        return came_at < now // _HOUR_S * _HOUR_S - self._window_s

    def expire(self, now: float) -> int:
        """Lets go of stories without an article in the window; returns how many."""
        old = [story for story in self._stories.values() if self.expired(story.came_at, now)]
        for story in old:
            for number in story.members:
                self._story_of.pop(number, None)
            self._drop(story)
        return len(old)

    def story(self, number: int) -> int | None:
        """The story of an article in the window."""
        return self._story_of.get(number)

    # Finding

    def __contains__(self, story: int) -> bool:
        return story in self._stories

    def _taken(self, report: Report, vector: Vector) -> _Row:
        row = _Row(self._position, report.number, self._rows.take(), report.places, report.came_at)
        vector.put(self._rows, row.row)
        return row

    def _scores(self, row: _Row, keys: U32, report: Report) -> dict[int, float]:
        """Logits of the stories that an article may belong to."""
        scores = {}
        for number in self._finder.find(keys, 1 if len(keys) < _FEW_KEYS else 2, _CANDIDATES):
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

    def _link(self, ours: Sequence[_Row], theirs: Sequence[_Row]) -> float:
        """The mean logit of two groups of articles, and more where it is a mean of many."""
        others = [row.row for row in theirs]
        mean = sum(self._rows.mean(row.row, others, _MODEL) for row in ours) / len(ours)
        return mean + OF_MANY * math.log(min(COMPARED, len(ours) * len(theirs)))

    # Joining

    def _begin(self, report: Report, row: _Row, keys: U32) -> int:
        number = report.number if self._name is None else self._name(report.number)
        if number in self._stories:  # the story outlived the article that it is named by
            number = self._spare = self._spare + 1
        story = _Story(number, report.language, report.at, report.at, report.came_at)
        self._stories[story.number] = story
        self._join(story, report, row, keys)
        return number

    def _join(self, story: _Story, report: Report, row: _Row, keys: U32) -> None:
        self._count_in(story, report)
        self._finder.put(row.row, row.position, story.number, keys)
        story.rows.append(row)
        self._shorten(story)

    def _count_in(self, story: _Story, report: Report) -> None:
        self._story_of[report.number] = story.number
        story.members.add(report.number)
        story.first_at = min(story.first_at, report.at)
        story.last_at = max(story.last_at, report.at)
        story.came_at = max(story.came_at, report.came_at)

    def _shorten(self, story: _Story) -> None:
        while len(story.rows) > COMPARED:
            self._let_go(story.rows.pop(0))

    def _let_go(self, row: _Row) -> None:
        self._finder.take_out(row.row)
        self._rows.let_go(row.row)

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
            older.rows = sorted(older.rows + newer.rows, key=attrgetter("position"))
            for row in newer.rows:
                self._finder.tell(row.row, older.number)
            for member in newer.members:
                self._story_of[member] = older.number
            older.members |= newer.members
            older.last_at = max(older.last_at, newer.last_at)
            older.came_at = max(older.came_at, newer.came_at)
            del self._stories[newer.number]
            self._shorten(older)
            gone.append(newer.number)
            into = older
        return into.number, tuple(gone)

    # Evidence

    def _evidence(
        self, row: _Row, story: _Story, report: Report, text: Shingled, counted: Counted
    ) -> dict[str, list[str]]:
        """The weightiest words, names and figures that an article shares with a story, as it writes them."""
        weights: dict[int, float] = {}
        for other in story.rows:
            for weight, term in self._rows.shared(row.row, other.row):
                weights[term] = weights.get(term, 0.0) + weight
        kinds = self._rows.kinds_of(row.row)
        stems = folded_stems(text).tolist()
        first = dict(zip(reversed(stems), range(len(stems) - 1, -1, -1), strict=True))  # place of each term
        found: dict[str, list[str]] = {"words": [], "names": [], "figures": []}
        for term in sorted(weights, key=lambda term: (-weights[term], term)):
            kind = kinds.get(term, 0)
            group = found["figures" if kind & NUMBER else "names" if kind & NAME else "words"]
            if len(group) < _EVIDENCE and (at := first.get(term)) is not None:
                group.append(report.text[text.starts[at] : text.ends[at]])
        places = {place for other in story.rows for place in other.places}
        found["places"] = sorted(places.intersection(report.places))[:_EVIDENCE]
        return {name: words for name, words in found.items() if words}


def _probability(logit: float) -> float:
    return round(1.0 / (1.0 + math.exp(-logit)), 4)
