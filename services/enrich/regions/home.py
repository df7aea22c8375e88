"""A source's home: the countries, divisions and points that its own articles keep coming back to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

LEAST_ARTICLES = 3
"""Fewer articles than this say nothing of where a source is at home."""
_POINTS, _PLACES = 12, 60


@dataclass(frozen=True, slots=True)
class Home:
    """Shares of a source's articles, between 0 and 1, that name a country, a division (`US.VA`), a place (by GeoNames id);
    `points` are (latitude, longitude, share) of its most frequent places."""

    countries: dict[str, float] = field(default_factory=dict)
    admin1: dict[str, float] = field(default_factory=dict)
    places: dict[int, float] = field(default_factory=dict)
    points: tuple[tuple[float, float, float], ...] = ()
    articles: int = 0


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one article says of where its source is at home: each of its places once, with how sure it is."""

    places: tuple[tuple[str, str | None, int | None, float | None, float | None, float], ...]
    """(country, division, GeoNames id of a division or place, latitude, longitude, score), one a place."""


def learn(sightings: Iterable[Sighting]) -> Home | None:
    """The home that the sightings of one source's articles show; None where they are too few."""
    countries: Counter[str] = Counter()
    divisions: Counter[str] = Counter()
    places: Counter[int] = Counter()
    where: dict[int, tuple[float, float]] = {}
    articles = 0
    for sighting in sightings:
        articles += 1
        seen: dict[object, float] = {}
        for country, division, place, lat, lon, score in sighting.places:
            for key in (("c", country), ("d", division), ("p", place)):
                if key[1]:
                    seen[key] = max(score, seen.get(key, 0.0))
            if place and lat is not None and lon is not None:
                where[place] = (lat, lon)
        for key, score in seen.items():
            kind, name = key  # type: ignore[misc]
            {"c": countries, "d": divisions, "p": places}[kind][name] += score  # type: ignore[index]
    if articles < LEAST_ARTICLES:
        return None
    top = [(p, n) for p, n in places.most_common(_PLACES) if p in where]
    return Home(
        countries={k: round(v / articles, 3) for k, v in countries.most_common(10)},
        admin1={k: round(v / articles, 3) for k, v in divisions.most_common(15)},
        places={p: round(n / articles, 3) for p, n in top if n > 1},
        points=tuple((*where[p], round(n / articles, 3)) for p, n in top[:_POINTS] if n > 1),
        articles=articles,
    )
