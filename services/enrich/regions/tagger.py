"""Tagging articles: their places, resolved and scored, and what they are about within their countries
(`country_tags`)."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from services.contract.messages import Country, Locality, Place, Quote
from services.contract.source_prior import Sighting, SourcePrior
from services.enrich.regions import focus
from services.enrich.regions.countries import DATA
from services.enrich.regions.country_tags import EVIDENCE, CountryTags, seats
from services.enrich.regions.evidence import INSTITUTION, form_of, touches
from services.enrich.regions.gazetteer import PEOPLE, Entity, Gazetteer
from services.enrich.regions.institutions import Naming
from services.enrich.regions.parts import Parts, RegionRequest, join
from services.enrich.regions.reading import Opening, PlaceReader, PlaceReading, Resolved, load_trees
from services.enrich.regions.spans import Span
from services.enrich.regions.trees import probabilities
from services.enrich.regions.vocabulary import PERSONAL

_CODE = 7  # raised with every change that moves a tag
_IS_PLACE = 0.5
_IS_LANDMARK = 0.7  # a landmark that the gazetteer does not know
_IS_PEOPLE = (
    0.3  # people and adjectives count for their country from here on: what is no toponym may well be evidence
)
_HOPELESS = 0.1  # no name that was believed less becomes a place, outside of a dateline or headline
_DOUBTFUL = 0.2  # a country's or area's own name is a place from here on
_UNMISTAKABLE = frozenset({"area", "country", "past", "water"})
_COUNTRY_IN_TITLE = _IN_DATELINE = 0.8
_SEAT_SCORE = 0.9  # of a seat of power, whose name is seldom anything else's
_STEPS = 20
_KNOTS = np.linspace(0.0, 1.0, _STEPS + 1)  # raw scores at which the calibration is kept
_LEAST_LOCAL = (
    2.5  # weight that a division or city needs: about two mentions in the opening, or one in the headline
)
_LOCAL_SHARE = 0.5  # of all that is said of places in its country


_DOUBTED = 0.35, 0.65  # between these the second judge is heard in English, too
_SECOND = 0.35  # its weight


_INITIAL = re.compile("(?<![\\w'’])[a-zß-öø-ɏͰ-Ͽа-ӿ]")  # of scripts that write capitals


class Regions(Struct, frozen=True):
    """What one article says of where."""

    countries: list[Country]
    places: list[Place]
    localities: list[Locality]


class RegionTagger:
    """Tags articles, one or several at a time; loads its gazetteer and models once. `version` names data and
    code."""

    def __init__(self) -> None:
        self.gazetteer = Gazetteer()
        self.reader = PlaceReader(self.gazetteer)
        self.version = f"{_CODE}-{self.gazetteer.version}"
        self.countries = CountryTags(self.gazetteer)
        self._detector, self._ranker = load_trees("detector.npz"), load_trees("ranker.npz")
        self._abroad = load_trees("abroad.npz")
        with np.load(DATA / "calibration.npz") as known:
            self._right: list[float] = known["right"].tolist()

    def tag(
        self, title: str, text: str, *, dateline: str | None = None, domain: str | None = None,
        language: str | None = None, prior: SourcePrior | None = None,
    ) -> Regions:  # fmt: skip
        """Countries, best first, every place mentioned in `text`, in order, and what it is about within its
        countries.

        `prior` is the source prior; offsets are characters of `text`.
        """
        return self.tag_all([RegionRequest(title, text, dateline, domain, language, prior)])[0]

    def tag_all(self, asked: Sequence[RegionRequest]) -> list[Regions]:
        """The same for several articles, one step of the work after the other: what a step needs stays in the
        processor's caches."""
        parts = [join(a.title, a.text, a.dateline) for a in asked]
        resolved = [
            (reading, self._resolved(reading, ranks, p))
            for (reading, ranks), p in zip(self._read(asked, parts), parts, strict=True)
        ]
        seen = [
            self.countries.see(a, reading, places, p)
            for a, p, (reading, places) in zip(asked, parts, resolved, strict=True)
        ]
        countries = self.countries.tag_all(asked, seen)
        mentions = [
            self._places(reading, places, s.named, p, a.text)
            for a, p, s, (reading, places) in zip(asked, parts, seen, resolved, strict=True)
        ]
        return [
            Regions(
                found, said, self._localities(reading, places, p, {c.code for c in found if c.focus}, a.text)
            )
            for a, p, (reading, places), found, said in zip(
                asked, parts, resolved, countries, mentions, strict=True
            )
        ]

    def sightings(self, asked: Sequence[RegionRequest]) -> list[Sighting]:
        """The places of each article, to learn priors from. Pass no prior, or the result depends on it."""
        parts = [join(a.title, a.text, a.dateline) for a in asked]
        return [
            self._sighting(self._resolved(reading, ranks, p))
            for (reading, ranks), p in zip(self._read(asked, parts), parts, strict=True)
        ]

    @staticmethod
    def _sighting(resolved: Iterable[Resolved]) -> Sighting:
        seen = [(r.entity, r.belief * r.score) for r in resolved if r.entity and not r.landmark]
        return Sighting(tuple(
            (e.country, e.admin1, e.geonameid if e.kind in ("city", "admin2") else None, e.lat, e.lon,
            round(score, 2))
            for e, score in seen if e.country and score >= 0.3
        ))  # fmt: skip

    def explain(
        self, title: str, text: str, *, dateline: str | None = None, domain: str | None = None,
        language: str | None = None, prior: SourcePrior | None = None,
    ) -> list[dict[str, Any]]:  # fmt: skip
        """Every span that was considered, in order: how likely a place, its candidates with their scores, and
        which won."""
        parts = join(title, text, dateline)
        ((reading, ranks),) = self._read(
            [RegionRequest(title, text, dateline, domain, language, prior)], [parts], every=True
        )
        resolved = {r.span: r for r in self._resolved(reading, ranks, parts)}
        out = []
        for n, span in enumerate(reading.spans):
            found, group = resolved.get(n), reading.group_of[n]
            candidates: list[dict[str, Any]] = []
            if group >= 0 and reading.guess is not None:
                guess = reading.guess
                rows = np.arange(guess.first[group], guess.first[group] + guess.size[group])
                for row in rows[np.argsort(-ranks[rows], kind="stable")][:5].tolist():
                    entity = self.gazetteer.describe(int(guess.entities[row]))
                    candidates.append({
                        "name": entity.name, "kind": entity.kind, "country": entity.country,
                        "admin1": entity.admin1,
                        "population": entity.population, "score": round(float(ranks[row]), 3),
                        "because": self.reader.reasons(reading, row),
                    })  # fmt: skip
            out.append({
                "text": parts.whole[span.start : span.end], "start": span.start - parts.body,
                "in_title": span.start < parts.title_end,
                "is_place": round(float(reading.is_place[n]), 3),
                "kept": found is not None and found.belief >= _IS_PLACE,
                "chosen": found.entity.name if found and found.entity else None, "candidates": candidates,
            })  # fmt: skip
        return out

    def explain_countries(
        self, title: str, text: str, *, dateline: str | None = None, domain: str | None = None,
        language: str | None = None, prior: SourcePrior | None = None,
    ) -> list[dict[str, Any]]:  # fmt: skip
        """Each country that was considered, the likeliest first: its score, whether the article is about it,
        the names that spoke of it, and in words what spoke for it and what against."""
        asked, parts = (
            RegionRequest(title, text, dateline, domain, language, prior),
            join(title, text, dateline),
        )
        ((reading, ranks),) = self._read([asked], [parts])
        return self.countries.explain(
            self.countries.see(asked, reading, self._resolved(reading, ranks, parts), parts)
        )

    def _read(
        self, asked: Sequence[RegionRequest], parts: Sequence[Parts], *, every: bool = False
    ) -> list[tuple[PlaceReading, NDArray[np.float32]]]:
        """The texts read, each span's probability of being a place in it, and each candidate's of being the
        one meant.

        Candidates of names that cannot become places are not ranked (they have 0), unless `every` one is
        wanted.
        """
        spoken = [_spoken(a.language, p.whole) for a, p in zip(asked, parts, strict=True)]
        readings = self.reader.open_all(
            [
                Opening(_with_capitals(p.whole), a.prior, p.title_end, language)
                for a, p, language in zip(asked, parts, spoken, strict=True)
            ]
        )
        self._believe(readings, spoken)
        wanted: list[NDArray[np.bool_]] = []
        rows: list[NDArray[np.float32]] = []
        for reading, a, p in zip(readings, asked, parts, strict=True):
            if reading.guess is None:
                wanted.append(_NONE)
                continue
            every_row = self.reader.resolver_rows(reading, a.prior, a.domain)
            of_name = self._hopeful(reading, p) if not every else np.ones(len(reading.guess.groups), bool)
            wanted.append(np.repeat(of_name, reading.guess.size))
            rows.append(every_row[wanted[-1]])
        chances = iter(probabilities(self._ranker, rows))
        read = []
        for reading, here in zip(readings, wanted, strict=True):
            ranks = np.zeros(len(here), np.float32)
            if reading.guess is not None:
                ranks[here] = next(chances)
            read.append((reading, ranks))
        return read

    def _believe(self, readings: Sequence[PlaceReading], spoken: Sequence[str]) -> None:
        """Say of each span of the texts how likely it is a place: by one model in English, by another in
        other languages."""
        english = [r for r, language in zip(readings, spoken, strict=True) if r.spans and language == "en"]
        rows = [self.reader.detector_rows(reading) for reading in english]
        chances = probabilities(self._detector, rows)
        doubtful = [np.flatnonzero((p > _DOUBTED[0]) & (p < _DOUBTED[1])) for p in chances]
        second = probabilities(
            self._abroad,
            [self.reader.doubtful_rows(*one) for one in zip(english, rows, doubtful, strict=True)],
        )
        for reading, is_place, at, other in zip(english, chances, doubtful, second, strict=True):
            is_place[at] = _together(is_place[at], other)
            self.reader.believe(reading, self.reader.apart(reading, is_place, "en"))
        others = [(r, s) for r, s in zip(readings, spoken, strict=True) if r.spans and s != "en"]
        seen = [self.reader.abroad_rows(reading, language) for reading, language in others]
        said = probabilities(self._abroad, [rows for _, rows in seen])
        for (reading, language), (at, _), chances_there in zip(others, seen, said, strict=True):
            is_place = self.reader.known_beliefs(reading)
            is_place[at] = np.maximum(chances_there, is_place[at])
            is_place = self.reader.pooled(reading, is_place)
            self.reader.believe(reading, self.reader.apart(reading, is_place, language))

    def _hopeful(self, reading: PlaceReading, parts: Parts) -> NDArray[np.bool_]:
        """By name: whether it may be a place, as far as it is believed or because it stands in the headline
        or dateline."""
        assert reading.guess is not None
        if reading.hopeful is None:
            early = [reading.spans[group.spans[0]].start < parts.body for group in reading.guess.groups]
            reading.hopeful = np.asarray((reading.guess.weight >= _HOPELESS) | np.array(early))
        return reading.hopeful

    def _resolved(self, reading: PlaceReading, ranks: NDArray[np.float32], parts: Parts) -> list[Resolved]:
        """Spans taken for places, with what they mean. A landmark kept hides the names within it."""
        guess, spans = reading.guess, reading.spans
        best = guess.best(ranks) if guess is not None else []
        meant: dict[int, tuple[Entity, float, bool]] = {}
        hopeful = self._hopeful(reading, parts).tolist() if guess is not None else []
        for group, row in enumerate(best):
            assert guess is not None
            if not hopeful[group]:
                continue
            entity = self.gazetteer.describe(int(guess.entities[row]))
            meant[group] = (
                entity,
                _share(ranks, guess.first[group], guess.size[group], row),
                bool(guess.how[row] == PEOPLE),
            )
        beliefs: list[float] = reading.is_place.tolist()
        main = self._main_place(reading, meant, beliefs)
        hidden: list[tuple[int, int]] = []  # in order, none touching the next
        out: list[Resolved] = []
        for n, span in enumerate(spans):
            belief = beliefs[n]
            if span.facility and belief >= _IS_LANDMARK:
                landmark = Resolved(n, belief, main, 0.4 if main else 0.0, people=False, landmark=True)
                if not hidden or span.start > hidden[-1][1]:
                    hidden.append((span.start, span.end))
                    out.append(landmark)
                    continue
                hidden[-1] = hidden[-1][0], max(span.end, hidden[-1][1])
                # Of landmarks that overlap ("U.S. District" in "U.S. District Court") the longest stands.
                other = spans[out[-1].span]
                if span.end - span.start > other.end - other.start:
                    out[-1] = landmark
        surest: dict[int, float] = {}  # of a name's spans, where one stands in the headline
        for n, span in enumerate(spans):
            group = reading.group_of[n]
            if group not in meant:
                continue
            if hidden and _touches(hidden, span):
                continue
            if n in reading.title_spans and group not in surest and guess is not None:
                surest[group] = max([beliefs[s] for s in guess.groups[group].spans])
            belief = self._belief(reading, n, meant[group][0], parts, beliefs[n], surest.get(group, 0.0))
            entity, score, people = meant[group]
            if belief >= _IS_PLACE or (people and belief >= _IS_PEOPLE):
                out.append(Resolved(n, belief, entity, score, people))
        return _apart(out, spans)

    def _belief(
        self, reading: PlaceReading, n: int, entity: Entity | None, parts: Parts, belief: float, surest: float
    ) -> float:
        """How likely span `n` is a place. Headlines capitalise as they please: there a name is believed as it
        is in the body, where it is surest, and a country's name, unless it is also a person's, for itself.
        A dateline is made of places."""
        if parts.stated[0] <= reading.spans[n].start < parts.stated[1] and entity is not None:
            return max(belief, _IN_DATELINE)
        span = reading.spans[n]
        own_name = (
            span.row >= 0 and self.gazetteer.first_how[span.row] != PEOPLE and span.name not in PERSONAL
        )
        if entity is not None and entity.kind in _UNMISTAKABLE and belief >= _DOUBTFUL and own_name:
            belief = max(belief, _IS_PLACE)
        if n not in reading.title_spans or reading.guess is None or entity is None or n in reading.lowered:
            return belief
        group = reading.guess.groups[reading.group_of[n]]
        belief = max(belief, surest)
        return (
            max(belief, _COUNTRY_IN_TITLE)
            if entity.kind in ("country", "past") and group.name not in PERSONAL
            else belief
        )

    def _main_place(
        self, reading: PlaceReading, meant: dict[int, tuple[Entity, float, bool]], beliefs: Sequence[float]
    ) -> Entity | None:
        """The city or county that the text speaks of most: where a landmark that no gazetteer knows most
        likely stands."""
        if reading.guess is None:
            return None
        groups = reading.guess.groups
        weights = {
            group: score * sum([beliefs[s] for s in groups[group].spans])
            for group, (entity, score, _) in meant.items()
            if entity.kind in ("city", "admin2")
        }
        best = max(weights, key=weights.__getitem__, default=None)
        return meant[best][0] if best is not None and weights[best] >= _IS_PLACE else None

    def _places(
        self, reading: PlaceReading, resolved: list[Resolved], named: list[Naming], parts: Parts, text: str
    ) -> list[Place]:
        """The places mentioned in the text, and the seats of power that stand for their countries, in
        order."""
        out: list[Place] = []
        standing = seats(named)
        for r in resolved:
            span = reading.spans[r.span]
            start, end = span.start - parts.body, span.end - parts.body
            if start < 0 or r.belief < _IS_PLACE or (standing and touches(span.start, span.end, standing)):
                continue
            quote, e, form = text[start:end], r.entity, form_of(reading, r, parts)
            if e is None:
                out.append(Place(start=start, end=end, text=quote, form=form))
                continue
            own = not r.landmark
            out.append(Place(
                start=start, end=end, text=quote, name=e.name if own else quote,
                geonameid=e.geonameid if own else None,
                kind=e.kind if own else "landmark", country=e.country or None, admin1=e.admin1, lat=e.lat,
                lon=e.lon, form=form, score=self._calibrated(r.belief * r.score),
            ))  # fmt: skip
        if not standing:
            return out
        out += [self._seat(n, text, parts.body) for n in standing if n.start >= parts.body]
        return sorted(out, key=lambda place: place.start)

    def _seat(self, named: Naming, text: str, body: int) -> Place:
        """A seat of power as a mention of its country; it has no point, for the country's is none of its
        own."""
        (code,) = named.institution.countries
        start, end = named.start - body, named.end - body
        return Place(
            start=start, end=end, text=text[start:end], name=self.gazetteer.country_name(code),
            geonameid=self.gazetteer.countries[code]["geonameid"], kind="country", country=code,
            form=INSTITUTION,
            score=_SEAT_SCORE,
        )  # fmt: skip

    def _calibrated(self, score: float) -> float:
        """How often places of that score were right on articles that the models never saw."""
        return round(_between(self._right, score), 3)

    def _localities(
        self, reading: PlaceReading, resolved: list[Resolved], parts: Parts, about: set[str], text: str
    ) -> list[Locality]:
        """Divisions and cities that carry most of what is said of places in a country that the article is
        about."""
        weights: defaultdict[tuple[str, str], float] = defaultdict(float)
        held: dict[tuple[str, str], Entity] = {}
        quotes: defaultdict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
        in_country: defaultdict[str, float] = defaultdict(float)
        for r in resolved:
            e = r.entity
            if (
                e is None
                or e.country not in about
                or e.kind not in ("admin1", "admin2", "city")
                or r.landmark
            ):
                continue
            span = reading.spans[r.span]
            start, end = span.start - parts.body, span.end - parts.body
            weight = (
                r.belief
                * r.score
                * (3.0 if span.start < parts.title_end else 1.5 if start < focus.LEAD_CHARS else 1.0)
            )
            in_country[e.country] += weight
            keys = [("place", f"{e.kind}:{e.row}")] if e.kind != "admin1" else []
            for key in (*keys, ("admin1", e.admin1 or "")):
                weights[key] += weight
                if key[0] == "place":
                    held[key] = e
                if start >= 0 and len(quotes[key]) < EVIDENCE:
                    quotes[key].append((start, end))
        out = []
        for key, weight in weights.items():
            entity = held.get(key) or self.gazetteer.division(key[1])
            if entity is None or weight < _LEAST_LOCAL or weight < _LOCAL_SHARE * in_country[entity.country]:
                continue
            out.append(Locality(
                name=entity.name, kind=entity.kind, country=entity.country, admin1=entity.admin1,
                geonameid=entity.geonameid,
                lat=entity.lat, lon=entity.lon, score=round(weight / in_country[entity.country], 3),
                mentions=len(quotes[key]),
                evidence=[Quote(text=text[start:end], start=start, end=end) for start, end in quotes[key]],
            ))  # fmt: skip
        return sorted(out, key=lambda x: (-x.score, x.kind, x.name))


def _between(right: list[float], score: float) -> float:
    """The value at a score between 0 and 1 of the line through these, which stand `1 / _STEPS` apart."""
    at = min(max(score, 0.0), 1.0) * _STEPS
    knot = min(int(at), _STEPS - 1)
    below, above = right[knot], right[knot + 1]
    return below + (at - knot) * (above - below)


def _touches(hidden: list[tuple[int, int]], span: Span) -> bool:
    """Whether a span and one of these (start, end) share a character."""
    at = bisect_left(hidden, (span.end, -1)) - 1  # the last that begins before it ends
    return at >= 0 and span.start < hidden[at][1]


def _apart(found: list[Resolved], spans: Sequence[Span]) -> list[Resolved]:
    """The resolved spans in order; of those that overlap, as where two scripts meet without a blank, the
    first and longest."""
    kept: list[Resolved] = []
    end = -1
    for resolved in sorted(found, key=lambda r: (spans[r.span].start, -spans[r.span].end)):
        span = spans[resolved.span]
        if span.start >= end:
            kept.append(resolved)
            end = span.end
    return kept


def _share(ranks: NDArray[np.float32], first: int, size: int, row: int) -> float:
    """How sure it is that the winner is meant: mostly how far it stands above its rivals, a little how likely
    it looks by itself."""
    alone = float(ranks[row])
    together = float(ranks[first : first + size].sum()) if size > 1 else alone
    return 0.8 * alone / max(together, 1e-9) + 0.2 * alone


def _with_capitals(text: str) -> str:
    """A text without any capital with one on each word, as in a headline; others as they are."""
    if not text.islower():
        return text
    return _INITIAL.sub(lambda m: m[0].upper() if len(m[0].upper()) == 1 else m[0], text)


def _together(first: NDArray[np.float32], second: NDArray[np.float32]) -> NDArray[np.float32]:
    """Two judges' probabilities as one: the weighted mean of their log-odds."""
    odds = [np.log(np.clip(p, 1e-4, 1 - 1e-4) / (1 - np.clip(p, 1e-4, 1 - 1e-4))) for p in (first, second)]
    return np.asarray(1 / (1 + np.exp(-((1 - _SECOND) * odds[0] + _SECOND * odds[1]))), np.float32)


_NONE = np.zeros(0, np.bool_)


def _spoken(language: str | None, text: str) -> str:
    """Which language a text is read as: English also where none is told and its letters are Latin."""
    if language == "en" or (language is None and (text.isascii() or _latin(text))):
        return "en"
    return language or "any"


def _latin(text: str) -> bool:
    sample = text[:2000]
    return sum(c < "\u0250" for c in sample) > 0.9 * len(sample)
