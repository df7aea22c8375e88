"""Resolving mentions to places and weighing countries: what the article is about, and what it only mentions."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from math import log10

from services.contract.messages import Country, Place, Quote
from services.enrich.regions.gazetteer import Candidate, Gazetteer
from services.enrich.regions.mentions import Mention, find_mentions

_CODE = 2  # raised with every change that moves a tag
_EVIDENCE = 8
_LEAST_CITY = 15_000  # inhabitants that a place needs when nothing else speaks for it
_LEAST_WEAK = 500_000  # the same for a name that is an everyday word
_FOCUS_SHARE = 0.12
_HEADLINE, _DATELINE, _LEAD, _BODY = 3.0, 4.0, 1.5, 1.0
_LEAD_CHARS = 400
_DEMONYM = 0.8
_SEPARATOR = re.compile(r"^,\s+$|^\s+\($")
_ABBREVIATION = re.compile(r"\s*,\s+([A-Z][A-Za-z]{0,4}\.(?:[A-Z][a-z]?\.)*|[A-Z]{2})(?![\w])")


@dataclass(slots=True)
class _Reading:
    """One mention with its meanings and, once decided, its place."""

    mention: Mention
    candidates: tuple[Candidate, ...]
    chosen: Candidate | None = None
    score: float = 0.0
    fixed: bool = False
    scores: list[tuple[float, Candidate]] = field(default_factory=list)


class RegionTagger:
    """Tags one article at a time; loads its gazetteer once. `version` names data and code."""

    def __init__(self) -> None:
        self.gazetteer = Gazetteer()
        self.version = f"{_CODE}-{self.gazetteer.version}"
        self._by_tld = {c["tld"]: code for code, c in self.gazetteer.countries.items() if c["tld"]} | {"uk": "GB"}

    def tag(
        self, title: str, text: str, *, dateline: str | None = None, domain: str | None = None
    ) -> tuple[list[Country], list[Place]]:
        """Countries, best first, and every place mentioned in `text`, in order."""
        body = self._read(text)
        headline = self._read(title)
        stated = self._read(dateline) if dateline and dateline not in text[:200] else []
        opening = len(dateline) + 2 if dateline and text.startswith(dateline) else 0
        context = self._context([*body, *headline, *stated])
        for reading in [*body, *headline, *stated]:
            self._resolve(reading, context)
        countries = self._countries(body, headline, stated, opening, domain, text)
        return countries, [_place(text, r) for r in body if r.chosen or not r.candidates]

    def _read(self, text: str) -> list[_Reading]:
        readings = [_Reading(m, self.gazetteer.lookup(m.name)) for m in find_mentions(text, self.gazetteer)]
        readings.extend(self._contain(text, readings))
        return sorted(readings, key=lambda r: r.mention.start)

    def _contain(self, text: str, readings: list[_Reading]) -> list[_Reading]:
        """`Paris, Texas`, `Richmond, Va.`: the region after the comma decides the name before it.

        Returns the regions that were only found this way: abbreviations, which mean a place after a comma alone.
        """
        abbreviations: list[_Reading] = []
        for n, reading in enumerate(readings):
            end = reading.mention.end
            following = readings[n + 1] if n + 1 < len(readings) else None
            regions: list[Candidate] = []
            match: re.Match[str] | None = None
            if following and _SEPARATOR.match(text[end : following.mention.start]):
                regions = [c for c in following.candidates if c.kind in ("country", "admin1") and not c.demonym]
            elif match := _ABBREVIATION.match(text, end):
                regions = self.gazetteer.short_admin1.get(match[1], [])
            for region in regions:
                inside = [c for c in reading.candidates if c.kind == "city" and _inside(c, region)]
                if inside:
                    reading.chosen, reading.score, reading.fixed = max(inside, key=lambda c: c.population), 0.97, True
                    if following and region in following.candidates:
                        following.chosen, following.score, following.fixed = region, 0.97, True
                    elif match and not (following and following.mention.start < match.end(1)):
                        short = Mention(match.start(1), match.end(1), match[1])
                        abbreviations.append(_Reading(short, (region,), region, 0.97, fixed=True))
                    break
        return abbreviations

    def _context(self, readings: list[_Reading]) -> Counter[str]:
        """How often each country, and each first-level division, is named without doubt."""
        context: Counter[str] = Counter()
        for reading in readings:
            sure = reading.chosen or (
                reading.candidates[0] if reading.candidates and _clear(reading.candidates) else None
            )
            if sure is None or reading.mention.weak or not sure.country:
                continue
            context[sure.country] += 1
            if sure.admin1 and (reading.fixed or _one_division(reading.candidates, sure)):
                context[sure.admin1] += 1
        return context

    def _resolve(self, reading: _Reading, context: Counter[str]) -> None:
        if reading.fixed or not reading.candidates:
            return
        scored = [(_prior(c) + _support(c, context), c) for c in reading.candidates]
        scored.sort(key=lambda s: -s[0])
        reading.scores = scored[:5]
        best, candidate = scored[0]
        floor = _LEAST_WEAK if reading.mention.weak else _LEAST_CITY
        supported = context[candidate.admin1 or ""] > 0 or (
            context[candidate.country] > 1 and candidate.population > 3_000
        )
        if candidate.kind == "city" and candidate.population < floor and (reading.mention.weak or not supported):
            return
        margin = best - scored[1][0] if len(scored) > 1 else 3.0
        reading.chosen = candidate
        reading.score = round(min(0.98, 0.5 + 0.16 * min(margin, 3.0) - 0.15 * reading.mention.weak), 3)

    def _countries(
        self,
        body: list[_Reading],
        headline: list[_Reading],
        stated: list[_Reading],
        opening: int,
        domain: str | None,
        text: str,
    ) -> list[Country]:
        weights: defaultdict[str, float] = defaultdict(float)
        counts: Counter[str] = Counter()
        roles: defaultdict[str, set[str]] = defaultdict(set)
        evidence: defaultdict[str, list[Quote]] = defaultdict(list)
        for reading in headline:
            if reading.chosen and reading.chosen.country:
                weights[reading.chosen.country] += _HEADLINE * _factor(reading)
                roles[reading.chosen.country].add("mentioned")
        for reading in stated:
            if reading.chosen and reading.chosen.country:
                weights[reading.chosen.country] += _DATELINE
                roles[reading.chosen.country].add("dateline")
        for reading in body:
            if not reading.chosen or not reading.chosen.country:
                continue
            code, at = reading.chosen.country, reading.mention.start
            counts[code] += 1
            if at < opening:
                weights[code] += _DATELINE
                roles[code].add("dateline")
            else:
                # Later mentions of a country say less than its first few.
                weights[code] += (_LEAD if at < _LEAD_CHARS else _BODY) * _factor(reading) / (1 + counts[code] / 8)
                roles[code].add("mentioned")
            if len(evidence[code]) < _EVIDENCE:
                evidence[code].append(Quote(text=text[at : reading.mention.end], start=at, end=reading.mention.end))
        if publisher := self._publisher(domain):
            roles[publisher].add("publisher")
        total = sum(weights.values())
        top = max(weights.values(), default=0.0)
        for code, weight in weights.items():
            if weight >= 1.5 and weight / total >= _FOCUS_SHARE and weight >= 0.3 * top:
                roles[code].add("about")
        countries = [
            self._country(code, weights[code] / total if total else 0.0, roles[code], counts[code], evidence[code])
            for code in {*weights, *roles}
        ]
        return sorted(countries, key=lambda c: (-c.focus, -c.score, c.code))

    def _country(self, code: str, share: float, roles: set[str], mentions: int, evidence: list[Quote]) -> Country:
        known = self.gazetteer.countries.get(code, {})
        return Country(
            code=code,
            name=known.get("name", code),
            m49=known.get("m49", 0),
            score=round(share, 4),
            focus="about" in roles,
            roles=sorted(roles),
            mentions=mentions,
            evidence=evidence,
        )

    def _publisher(self, domain: str | None) -> str | None:
        """The country of the source by its domain; None for generic ones."""
        tail = (domain or "").rsplit(".", 1)[-1].lower()
        return (
            self._by_tld.get(tail)
            if tail not in ("tv", "me", "co", "io", "ai", "fm", "ly", "la", "cc", "ws", "gg")
            else None
        )


def _factor(reading: _Reading) -> float:
    return _DEMONYM if reading.chosen and reading.chosen.demonym else 1.0


def _inside(city: Candidate, region: Candidate) -> bool:
    return city.admin1 == region.admin1 if region.kind == "admin1" else city.country == region.country


def _clear(candidates: tuple[Candidate, ...]) -> bool:
    """Whether a name's first meaning stands far above its others."""
    first = candidates[0]
    if first.kind == "country":
        return not any(c.kind == "admin1" for c in candidates[1:])
    rivals = [c.population for c in candidates[1:] if c.country != first.country]
    return first.population >= 200_000 and all(p * 20 < first.population for p in rivals)


def _one_division(candidates: tuple[Candidate, ...], sure: Candidate) -> bool:
    """Whether no namesake in another division of the same country comes near in size."""
    return all(
        c.admin1 == sure.admin1 or c.country != sure.country or c.population * 20 < sure.population for c in candidates
    )


def _prior(candidate: Candidate) -> float:
    """Log of the population; a country before its namesakes, a division a little before a town."""
    base = log10(max(candidate.population, 100))
    return (
        base
        + {"area": 9.0, "country": 2.0, "admin1": 0.2, "city": 0.0}[candidate.kind]
        + _WELL_KNOWN.get(candidate.geonameid or 0, 0.0)
    )


# News that says Washington means the capital, unless it also speaks of the state.
_WELL_KNOWN = {4140963: 1.3}


def _support(candidate: Candidate, context: Counter[str]) -> float:
    support = min(1.2, 0.6 * context[candidate.country])
    if candidate.admin1 and context[candidate.admin1]:
        support += 1.2
    return support


def _place(text: str, reading: _Reading) -> Place:
    mention, chosen = reading.mention, reading.chosen
    quote = text[mention.start : mention.end]
    if chosen is None:
        return Place(start=mention.start, end=mention.end, text=quote)
    return Place(
        start=mention.start,
        end=mention.end,
        text=quote,
        name=chosen.name,
        geonameid=chosen.geonameid,
        kind=chosen.kind,
        country=chosen.country or None,
        admin1=chosen.admin1,
        lat=chosen.lat,
        lon=chosen.lon,
        score=reading.score,
    )
