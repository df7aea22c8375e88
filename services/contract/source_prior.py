"""The source prior: which countries, divisions and places a source's
earlier articles name, and how it is learned.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from msgspec import Struct

K = TypeVar("K", str, int)
LEAST_ARTICLES = 3
"""Fewer articles than this are too few for a prior."""
_POINTS, _PLACES = 12, 40


class SourcePrior(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Shares of a source's articles, between 0 and 1, that name a country, a division (`US.VA`), a place
    (pairs of GeoNames id and share); `points` are (latitude, longitude, share) of its most frequent places.
    """

    countries: dict[str, float] = {}
    admin1: dict[str, float] = {}
    places: list[tuple[int, float]] = []
    points: list[tuple[float, float, float]] = []
    articles: int = 0


@dataclass(frozen=True, slots=True)
class Sighting:
    """The places of one article, each once, with its score."""

    places: tuple[tuple[str, str | None, int | None, float | None, float | None, float], ...]
    """(country, division, GeoNames id of a division or place, latitude, longitude, score), one a place."""


def learn(sightings: Iterable[Sighting]) -> SourcePrior | None:
    """Learns the prior of a source from its articles; None if they are fewer than LEAST_ARTICLES.

    A share is the sum of scores over the articles, each place once an
    article, divided by the number of articles.
    """
    countries: defaultdict[str, float] = defaultdict(float)
    divisions: defaultdict[str, float] = defaultdict(float)
    places: defaultdict[int, float] = defaultdict(float)
    where: dict[int, tuple[float, float]] = {}
    articles = 0
    for sighting in sightings:
        articles += 1
        in_country: dict[str, float] = {}
        in_division: dict[str, float] = {}
        in_place: dict[int, float] = {}
        for country, division, place, lat, lon, score in sighting.places:
            in_country[country] = max(score, in_country.get(country, 0.0))
            if division:
                in_division[division] = max(score, in_division.get(division, 0.0))
            if place:
                in_place[place] = max(score, in_place.get(place, 0.0))
                if lat is not None and lon is not None:
                    where[place] = (lat, lon)
        # Once an article: ten mentions in one article count as one.
        for name, score in in_country.items():
            countries[name] += score
        for name, score in in_division.items():
            divisions[name] += score
        for number, score in in_place.items():
            places[number] += score
    if articles < LEAST_ARTICLES:
        return None
    top = [(p, n) for p, n in _most(places, _PLACES) if p in where]
    return SourcePrior(
        countries={k: round(v / articles, 3) for k, v in _most(countries, 10)},
        admin1={k: round(v / articles, 3) for k, v in _most(divisions, 15)},
        places=[(p, round(n / articles, 3)) for p, n in top if n > 1],
        points=[(*where[p], round(n / articles, 3)) for p, n in top[:_POINTS] if n > 1],
        articles=articles,
    )


def _most(shares: dict[K, float], count: int) -> list[tuple[K, float]]:
    """The `count` largest shares, largest first; ties in the order of keys."""
    return sorted(shares.items(), key=lambda item: (-item[1], str(item[0])))[:count]
