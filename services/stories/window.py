"""The window of articles in memory: takes articles in, in the order of arrival, and says what follows.

Rows in, relations and memberships out: it reads nothing but texts that it asks for. All that it does next
follows from what `state.py` stores of it.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.stories import agencies
from services.stories.copies import Copies, Piece, Relation
from services.stories.stories import Membership, Report, Stories
from services.stories.terms import Vector

METHOD = "1"
"""The version of the method, in `article_copies.version`. Another one is told by `stories_progress`: all in
the window is then related anew."""
_DAY_S = 86_400.0
Texts = Callable[[list[int]], Mapping[int, str]]


@dataclass(frozen=True, slots=True)
class Article:
    """What of an article is needed. `appeared_at`: when it did as far as its page tells; `seen_at`: when it
    was stored."""

    id: int
    version: int
    title: str
    text: str
    language: str
    source: str
    agency: str | None
    provider: str | None
    places: tuple[str, ...]
    appeared_at: datetime
    seen_at: datetime

    @property
    def rank(self) -> int:
        return agencies.rank(self.agency, self.source)

    @property
    def piece(self) -> Piece:
        return Piece(
            self.id, self.text, self.appeared_at.timestamp(), self.source, self.agency, self.provider,
            self.rank, self.seen_at.timestamp(),
        )  # fmt: skip

    def report(self, copy_of: int | None = None) -> Report:
        return Report(
            self.id, self.title, self.text, self.appeared_at.timestamp(), self.language, self.places, copy_of,
            self.seen_at.timestamp(),
        )  # fmt: skip


@dataclass(slots=True)
class Outcome:
    """What is to be written. `relations`: of an article that is no copy None; `samples`: (article, position,
    samples); `moved`: roots in whose place another came; `merged`: (story, the one it became part of);
    `resumed`: stories that an article was alone before it changed, and is again."""

    relations: dict[int, Relation | None] = field(default_factory=dict)
    moved: list[tuple[int, int]] = field(default_factory=list)
    members: dict[int, tuple[Article, Membership]] = field(default_factory=dict)
    begun: dict[int, Article] = field(default_factory=dict)
    resumed: set[int] = field(default_factory=set)
    merged: list[tuple[int, int]] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)
    signed: dict[int, tuple[Article, int, array[int]]] = field(default_factory=dict)
    shown: dict[int, array[int]] = field(default_factory=dict)
    vectors: dict[int, tuple[Article, Vector]] = field(default_factory=dict)

    def story(self, number: int) -> int:
        """The story that a story has become part of, if it has."""
        for gone, into in self.merged:
            if gone == number:
                number = into
        return number

    def root(self, number: int) -> int:
        """The root that has come in a root's place, if any."""
        for old, new in self.moved:
            if old == number:
                number = new
        return number


class Window:
    """Copies and stories of the articles of so many days."""

    def __init__(self, texts: Texts, *, days: float = 14.0) -> None:
        self.copies = Copies(texts, days * _DAY_S)
        self.stories = Stories(name=self._story)
        self.stories.frequencies.journal = []
        self.position = 0
        self.next_story = 1
        self.clock = 0.0
        self.outcome = Outcome()
        self._former: dict[int, int] = {}  # article that has changed, to the story that it alone was

    def _story(self, article: int) -> int:
        """The number of a story that an article begins."""
        if (former := self._former.pop(article, None)) is not None and former not in self.stories:
            self.outcome.resumed.add(former)
            return former
        self.next_story += 1
        return self.next_story - 1

    def take(self, article: Article) -> None:
        """Takes an article in."""
        self._turn(article.seen_at.timestamp())
        self.position += 1
        self.copies.moved.clear()
        relations = self.copies.add(article.piece, self.position)
        own = self._related(article, relations)
        known = [own.root, own.parent] if own is not None else list(self.copies.moved)
        copy_of = next((number for number in known if self.stories.story(number) is not None), None)
        report, words = article.report(copy_of), self.copies.words(article.id)
        found = self.stories.add(report, words=words, position=self.position)
        self._former.pop(article.id, None)
        self._joined(article, found)
        self._sign(article, self.position)

    def take_again(self, article: Article, position: int) -> None:
        """Compares an article anew, since one of its family has left or changed. Its story and its place in
        the order of arrival stay."""
        self.copies.moved.clear()
        own = self._related(article, self.copies.add(article.piece, position))
        story = self.stories.story(article.id)
        if story is not None:
            self.outcome.touched.add(story)
            if own is None and (vector := self.stories.keep(article.report(), story, position)):
                self.outcome.vectors[article.id] = article, vector
        self._sign(article, position)

    def leave(self, article: int, *, comes_again: bool) -> int | None:
        """Lets go of an article that is deleted or has changed; returns its story."""
        story = self.stories.story(article)
        self.copies.forget(article)
        self.stories.forget(article)
        if story is not None:
            self.outcome.touched.add(story)
            if comes_again and story not in self.stories:
                self._former[article] = story
        return story

    def taken(self) -> Outcome:
        """What has come out since this was last asked."""
        self.outcome.shown |= self.copies.shown
        outcome, self.outcome = self.outcome, Outcome()
        self.copies.posted.clear()
        self.copies.shown.clear()
        return outcome

    def _turn(self, now: float) -> None:
        """Lets go of what has left the window, as the clock of arrival goes on."""
        if now <= self.clock:
            return
        before, self.clock = self.clock, now
        if self.copies.expire(now):
            self.stories.expire_rows(lambda seen: self.copies.expired(seen, now))
        if now // 3600 != before // 3600:
            self.stories.expire(now)

    def _related(self, article: Article, relations: Iterable[Relation]) -> Relation | None:
        self.outcome.relations[article.id] = None
        for relation in relations:
            self.outcome.relations[relation.copy] = relation
        for old, new in self.copies.moved.items():
            self.outcome.moved.append((old, new))
        return self.outcome.relations[article.id]

    def _joined(self, article: Article, found: Membership) -> None:
        out = self.outcome
        out.members[article.id] = article, found
        if found.vector is not None:
            out.vectors[article.id] = article, found.vector
        if found.score is None:
            out.begun[found.story] = article
        out.touched.add(found.story)
        for gone in found.merged:
            out.merged.append((gone, found.story))
            out.touched.add(gone)

    def _sign(self, article: Article, position: int) -> None:
        self.outcome.signed[article.id] = article, position, self.copies.posted[article.id]
