"""Reading a text: its spans, which of them are places, and which place each one is. The two models
at work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from services.contract.source_prior import SourcePrior
from services.enrich.regions import detection, namesakes, resolution, spans
from services.enrich.regions.beside_words import PERSON, classes
from services.enrich.regions.countries import DATA
from services.enrich.regions.detection import Context, Words
from services.enrich.regions.gazetteer import ALIAS, SHORT, Entity, Gazetteer
from services.enrich.regions.lexicon import Lexicon
from services.enrich.regions.resolution import Guess, Resolver
from services.enrich.regions.spans import Span
from services.enrich.regions.traits import TRAITS, Traits, base_rows
from services.enrich.regions.trees import Trees
from services.enrich.regions.unsegmented import beliefs, find_unsegmented
from services.enrich.regions.vocabulary import TITLES
from services.runtime.compiled import compiled

_compiled = compiled("services.enrich.regions")
Detector = _compiled.Detector if _compiled else detection.Detector
Tokens = _compiled.Tokens if _compiled else spans.Tokens
find_spans = _compiled.find_spans if _compiled else spans.find_spans
find_landmarks = _compiled.find_landmarks if _compiled else spans.find_landmarks


_KEPT_NAMES = 20_000
_LEAST_LOG, _LEAST_ALIAS_LOG = 4.2, 5.0  # a place of 15,000 people; of 100,000 under another name
_SURE, _LIKELY = 0.9, 0.75
_POSSIBLE = 0.1
_KNOWN_KINDS = (1, 2, 4)  # countries, first divisions, cities
_WELL_KNOWN_LOG, _FAMOUS_LOG = 5.3, 6.2  # of 200,000 people, of a million and a half
_FAR, _NOT_FAR, _RAISED = 0.12, 0.28, 0.55
_PEOPLE = 0.9  # belief in an adjective or a people's name of a language
_MOST_SPANS = 10_000
"""Spans of one text that are read, the first ones: a live blog of the greatest length has about half
as many."""


@dataclass(frozen=True, slots=True)
class _Name:
    """What is known of a name by itself."""

    row: int
    everyday: bool
    """A small place's name that is a word which news mostly writes in lower case: Net, Export, Gas. Such a
    name alone is no place."""
    weight: float
    """How far it is believed to be a place's before anything else is known."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A text that is to be read: the source prior, where its title ends, what language it is read as."""

    text: str
    prior: SourcePrior | None = None
    title_end: int = 0
    language: str = "en"


@dataclass(slots=True)
class PlaceReading:
    """A text with its spans; `is_place` and `scores` come from the models, `guess` holds the candidates."""

    tokens: spans.Tokens
    spans: list[Span]
    guess: Guess | None
    context: Context
    group_of: list[int] = field(default_factory=list)  # by span; -1 for a landmark
    title_spans: set[int] = field(default_factory=set)
    is_place: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    resolver_rows: NDArray[np.float32] | None = None
    hopeful: NDArray[np.bool_] | None = None  # by name, once it was asked: may it be a place
    lowered: frozenset[int] = frozenset()  # spans that were found to be a person's name or a thing's


class Resolved(Struct, eq=False):
    """A span of a reading that is taken for a place, and what it means."""

    span: int
    belief: float
    entity: Entity | None
    score: float
    people: bool
    landmark: bool = False


class PlaceReader:
    """Finds and resolves the places of a text with the two models; `detect` and `resolve` give the models'
    rows for training."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self.words = Words()
        self._detector = Detector(gazetteer, self.words)
        self._resolver = Resolver(gazetteer)
        self.lexicon = Lexicon()
        self._traits = Traits(gazetteer, self.lexicon)
        self._names: dict[str, _Name] = {}
        self._short: dict[int, bool] = {}
        find_spans(
            Tokens(""), gazetteer
        )  # what it makes for itself is made here, before processes are forked

    def open(
        self, text: str, prior: SourcePrior | None, *, title_end: int = 0, language: str = "en"
    ) -> PlaceReading:
        """The spans of a text and what is known of them before any model; the title ends at `title_end`."""
        return self.open_all([Opening(text, prior, title_end, language)])[0]

    def open_all(self, texts: Sequence[Opening]) -> list[PlaceReading]:
        """The same for several texts, one step after the other."""
        tokens = [Tokens(t.text, elided=t.language in ("fr", "it", "ca")) for t in texts]
        spans = [self._spans(t, its) for t, its in zip(texts, tokens, strict=True)]
        groups = [
            self._resolver.groups(its, found, [self._told(s).weight for s in found])
            for its, found in zip(tokens, spans, strict=True)
        ]
        guesses = [self._resolver.guess(named) if named else None for named in groups]
        return [self._reading(*one) for one in zip(texts, tokens, spans, guesses, strict=True)]

    def _spans(self, text: Opening, tokens: spans.Tokens) -> list[Span]:
        """Names and landmarks, in order."""
        told, language = self._told, text.language
        names = [
            s
            for s in find_spans(tokens, self.gazetteer, language)
            if s.first != s.last or language != "en" or not told(s).everyday
        ]
        extra = (
            find_landmarks(tokens, names)
            if language == "en"
            else find_unsegmented(text.text, self.gazetteer, self.lexicon, language)
        )
        return sorted([*names, *extra], key=lambda s: (s.start, -s.end))[:_MOST_SPANS]

    def _reading(
        self, text: Opening, tokens: spans.Tokens, spans: list[Span], guess: Guess | None
    ) -> PlaceReading:
        reading = PlaceReading(tokens, spans, guess, Context(len(spans)), [-1] * len(spans))
        reading.title_spans = {n for n, s in enumerate(spans) if s.start < text.title_end}
        if guess is not None:
            for n, group in enumerate(guess.groups):
                for span in group.spans:
                    reading.group_of[span] = n
            self._fill_context(reading, guess, text.prior)
        return reading

    def _told(self, span: Span) -> _Name:
        """What its name says of a span, whatever the text; names come again and again."""
        known = self._names.get(span.name)
        if known is None or known.row != span.row:
            if len(self._names) >= _KEPT_NAMES:
                self._names.clear()
            known = self._names[span.name] = self._look_up(span.name, span.row)
        return known

    def _look_up(self, name: str, row: int) -> _Name:
        if row < 0:
            return _Name(row, False, 0.0)
        gazetteer = self.gazetteer
        kind, log_population = gazetteer.first_kind[row], gazetteer.first_log_population[row]
        lower = self.words.lower.get(name.lower())
        everyday = (
            kind > 2 and log_population < 5.0 and lower is not None and lower[0] > 0.6 and lower[1] > 3.0
        )
        if gazetteer.first_how[row] == SHORT:
            return _Name(row, everyday, 0.3)
        weight = 1.0 if kind <= 2 else 0.8 if log_population > 5.3 else 0.25
        return _Name(row, everyday, weight * 0.1 if lower and lower[0] > 0.3 else weight)

    def _fill_context(self, reading: PlaceReading, guess: Guess, prior: SourcePrior | None) -> None:
        context = reading.context
        country_best, admin1_best = self._resolver.context(guess)
        priors = [0.0] * len(guess.groups)
        divisions = [0.0] * len(guess.groups)
        if prior is not None:
            of_country, of_admin1 = self._resolver.prior_shares(guess, prior)
            priors = np.maximum.reduceat(of_country, guess.first).tolist()
            divisions = np.maximum.reduceat(of_admin1, guess.first).tolist()
        for n, known in enumerate(guess.groups):
            placed = known.contained is not None
            for span in known.spans:
                context.contained[span] = placed
                context.contains[span] = known.contains
                context.country_share[span] = country_best[n]
                context.admin1_share[span] = admin1_best[n]
                context.prior_country[span] = priors[n]
                context.prior_admin1[span] = divisions[n]

    def detector_rows(self, reading: PlaceReading) -> NDArray[np.float32]:
        """What the detector sees: (spans, features)."""
        return self._detector.rows(reading.tokens, reading.spans, reading.context)

    def abroad_rows(
        self, reading: PlaceReading, language: str
    ) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """What the judge of languages other than English sees: which spans stand at words, and for each of
        them its row."""
        at = np.array([n for n, s in enumerate(reading.spans) if s.first >= 0], np.intp)
        spans = [reading.spans[n] for n in at]
        context = reading.context.of(at.tolist()) if len(at) < len(reading.spans) else reading.context
        if not spans:
            return at, np.zeros((0, len(detection.FEATURES) + len(TRAITS)), np.float32)
        rows = base_rows(self._detector.rows(reading.tokens, spans, context))
        return at, np.hstack([rows, self._traits.rows(reading.tokens, spans, language)])

    def doubtful_rows(
        self, reading: PlaceReading, rows: NDArray[np.float32], at: NDArray[np.intp]
    ) -> NDArray[np.float32]:
        """The same for some spans of a text in English, of which the detector's `rows` are there."""
        spans = [reading.spans[n] for n in at]
        if not spans:
            return np.zeros((0, len(detection.FEATURES) + len(TRAITS)), np.float32)
        return np.hstack([base_rows(rows[at]), self._traits.rows(reading.tokens, spans, "en")])

    def known_beliefs(self, reading: PlaceReading) -> NDArray[np.float32]:
        """How likely each span is a place or people from its name alone: of names in scripts without spaces,
        and of adjectives and people in the text's language; nought for the others."""
        out = np.zeros(len(reading.spans), np.float32)
        at = [n for n, s in enumerate(reading.spans) if s.first < 0]
        out[at] = beliefs([reading.spans[n] for n in at], self.gazetteer, self.lexicon)
        names = self.gazetteer.names
        for n, span in enumerate(reading.spans):
            if span.first >= 0 and span.name[0] >= "\u0590":
                out[n] = self._uncased(reading, n, span)
        out[[n for n, s in enumerate(reading.spans) if s.first >= 0 and names.get(s.name) != s.row]] = _PEOPLE
        return out

    def _uncased(self, reading: PlaceReading, n: int, span: Span) -> float:
        """How likely a name in a script without capitals is a place: nothing was trained on those."""
        gazetteer, context = self.gazetteer, reading.context
        kind, how = gazetteer.first_kind[span.row], gazetteer.first_how[span.row]
        population = gazetteer.first_log_population[span.row]
        if how == SHORT or reading.tokens.words[span.first - 1 if span.first else 0] in TITLES:
            return 0.0
        if kind <= 2 or kind > 4:
            return _SURE
        supported = context.contained[n] or context.country_share[n] > 0.2
        least = _LEAST_ALIAS_LOG if how == ALIAS and not supported else _LEAST_LOG
        if span.name in self.lexicon.given or span.name in self.lexicon.family:
            least = _LEAST_ALIAS_LOG
        return _LIKELY if population >= least else 0.0

    def pooled(self, reading: PlaceReading, is_place: NDArray[np.float32]) -> NDArray[np.float32]:
        """Beliefs, those of a name's other spans raised half way to its surest: one name means one thing in a
        text, mostly."""
        if reading.guess is None:
            return is_place
        out = is_place.copy()
        for group in reading.guess.groups:
            most = max([is_place[s] for s in group.spans])
            for s in group.spans:
                out[s] = max(is_place[s], (is_place[s] + most) / 2 if is_place[s] > _POSSIBLE else 0.0)
        return self.raised(reading, out)

    def placed(self, reading: PlaceReading, is_place: NDArray[np.float32]) -> NDArray[np.float32]:
        """Beliefs, raised of names before the short form of a division that holds them: Mobile, AL."""
        spans = reading.spans
        for n in range(len(spans) - 1):
            following = spans[n + 1]
            if reading.context.contained[n] and following.row >= 0 and self._is_short(following.row):
                is_place[n : n + 2] = np.maximum(is_place[n : n + 2], _LIKELY)
        return is_place

    def _behind_person_word(self, tokens: spans.Tokens, span: Span) -> bool:
        """Whether a title, a role or a first name stands directly before a name."""
        if span.first < 1:
            return False
        before = tokens.words[span.first - 1]
        return before in self.lexicon.given or bool(
            classes("").get(before.rstrip(".").lower(), 0) >> PERSON & 1
            or before.rstrip(".").lower() in TITLES
        )

    def _is_short(self, row: int) -> bool:
        """Whether a name may be a short form; kept, for the same names come again."""
        known = self._short.get(row)
        if known is None:
            if len(self._short) >= _KEPT_NAMES:
                self._short.clear()
            known = self._short[row] = bool((self.gazetteer.meanings(row)[1] == SHORT).any())
        return known

    def raised(self, reading: PlaceReading, is_place: NDArray[np.float32]) -> NDArray[np.float32]:
        """Beliefs, those in well-known cities raised over a half where they were not far below it."""
        population = self.gazetteer.first_log_population
        for n in np.flatnonzero((is_place > _FAR) & (is_place < _RAISED)).tolist():
            row = reading.spans[n].row
            if self._behind_person_word(reading.tokens, reading.spans[n]):
                continue
            least = _WELL_KNOWN_LOG if is_place[n] > _NOT_FAR else _FAMOUS_LOG
            if row >= 0 and self.gazetteer.first_kind[row] in _KNOWN_KINDS and population[row] >= least:
                is_place[n] = _RAISED
        return is_place

    def apart(
        self, reading: PlaceReading, is_place: NDArray[np.float32], language: str
    ) -> NDArray[np.float32]:
        """Beliefs, lowered where a name is a person's or a thing's in this text."""
        found = namesakes.apart(reading.tokens, reading.spans, is_place, self.lexicon, language)
        reading.lowered = frozenset(np.flatnonzero(found < is_place).tolist())
        return self.placed(reading, found)

    def believe(self, reading: PlaceReading, is_place: NDArray[np.float32]) -> None:
        """Take the detector's probabilities: a name weighs as much as its surest span."""
        reading.is_place = is_place
        if reading.guess is not None:
            beliefs = is_place.tolist()
            weights = [max([beliefs[s] for s in g.spans]) for g in reading.guess.groups]
            reading.guess.weight = np.array(weights, np.float32)

    def resolver_rows(
        self, reading: PlaceReading, prior: SourcePrior | None, domain: str | None
    ) -> NDArray[np.float32]:
        """What the ranker sees: (candidates, features)."""
        assert reading.guess is not None
        reading.resolver_rows = self._resolver.rows(reading.guess, prior, domain, reading.title_spans)
        return reading.resolver_rows

    def reasons(self, reading: PlaceReading, row: int) -> list[str]:
        """What speaks for a candidate, in words, strongest kinds of evidence first."""
        assert reading.guess is not None and reading.resolver_rows is not None
        f = dict(zip(resolution.FEATURES, reading.resolver_rows[row].tolist(), strict=True))
        told = []
        if f["contained"]:
            told.append("stands before the region that holds it")
        if f["not_contained"]:
            told.append("lies outside of the region named after it")
        if f["behind"] == 0:
            told.append("largest of its name")
        if f["sure_admin1"] > 0.5:
            told.append("its division is named beside it")
        if f["sure_country"] > 0.5:
            told.append("its country is named beside it")
        if f["near_200"] > 0.5:
            told.append("other places of the text lie near")
        if f["prior_near"] > 0.1 or f["prior_admin1"] > 0.2 or f["prior_named"] > 0:
            told.append("the source prior favours this place")
        if f["tld"]:
            told.append("the source's address is of its country")
        return told


def load_trees(name: str) -> Trees:
    """A shipped model."""
    with np.load(DATA / name) as model:
        return Trees(model["feature"], model["threshold"], model["leaf"], float(model["base"]))
