"""The gazetteer: what a name may mean. Countries, first-level divisions and places, from GeoNames and CLDR."""

from __future__ import annotations

import gzip
from dataclasses import dataclass, replace
from typing import Any, Literal

import msgspec
import numpy as np

from services.enrich.regions.areas import AREAS
from services.enrich.regions.countries import DATA, load_countries

Kind = Literal["area", "country", "admin1", "city"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One meaning of a name."""

    kind: Kind
    name: str
    geonameid: int | None
    country: str
    admin1: str | None
    population: int
    lat: float | None
    lon: float | None
    demonym: bool = False


# Names that are nearly always a month, a day or a direction.
_NEVER = frozenset(
    """January February March April May June July August September October November December Monday Tuesday Wednesday Thursday Friday
    Saturday Sunday North South East West Northern Southern Eastern Western Central Centre Center Upper Lower Northeast Northwest Southeast
    Southwest Gulf Coast Islands Island Capital District Region Province State County City Norte Sur Este Oeste Nord Sud Ost Est
    Mitte Centro Central Section Atlantic Pacific Arab Arabs Congress Auch Keller Lage Haus See Berg Stein Bach Damm Wald Feld Hof Tor Ort Stadt Dorf Land Markt Kirche Herz
    Regen Kamp Post Bank Sommer Winter Frau Mann Kind Vater Mutter Leben Zeit Jahr Tag Abend Nacht Morgen Wasser Feuer Luft Erde Ende
    Anfang Teil Weg Seite Hand Kopf Gang Berge Même Aucun Autre Sur Même Sous Plus Elle Pont Muy Las Los Una Lugar
    Casa Paz Vida Luz Madre Padre Agua Mar Sol Cerca Tres Doce Hoy Ayer También مدينة جديدة قرية محطة""".split()
) | {"White House", "West Coast", "East Coast"}


class Gazetteer:
    """Looks names up. Names are compared as written, except that `’` counts as `'`."""

    def __init__(self) -> None:
        self.version: str = msgspec.json.decode((DATA / "manifest.json").read_bytes())["version"]
        self.countries = load_countries()
        self.admin1: dict[str, dict[str, Any]] = msgspec.json.decode(_unzip("admin1.json.gz"))
        names = _unzip("names.txt.gz").decode().split("\n")
        refs = _unzip("refs.txt.gz").decode().split("\n")
        self._places = dict(zip(names, refs, strict=True))
        self._place_names = _unzip("places.txt.gz").decode().split("\n")
        self._admin1_of = _unzip("admin1_of.txt.gz").decode().split("\n")
        with np.load(DATA / "places.npz") as arrays:
            self._ids, self._populations, self._latlon = arrays["geonameid"], arrays["population"], arrays["latlon"]
        self.everyday = frozenset(_unzip("everyday.txt.gz").decode().split("\n"))
        self._regions: dict[str, list[Candidate]] = {}
        self.short_admin1: dict[str, list[Candidate]] = {}
        self._index_regions()
        self._cache: dict[str, tuple[Candidate, ...]] = {}
        self.unsegmented = self._unsegmented_names()

    def _index_regions(self) -> None:
        for area in AREAS:
            meaning = Candidate("area", area.name, area.geonameid, "", None, 0, area.lat, area.lon)
            for name in area.names:
                self._regions.setdefault(name, []).append(meaning)
            adjective = replace(meaning, demonym=True)
            for name in area.adjectives:
                self._regions.setdefault(name, []).append(adjective)
        for code, country in self.countries.items():
            meaning = _country(code, country)
            for name in country["names"]:
                self._regions.setdefault(name.replace("’", "'"), []).append(meaning)
            people = _country(code, country, demonym=True)
            for name in country["demonyms"]:
                self._regions.setdefault(name, []).append(people)
        for code, division in self.admin1.items():
            lat, lon = division["latlon"] or (None, None)
            meaning = Candidate(
                "admin1",
                division["name"],
                division["geonameid"],
                code.split(".")[0],
                code,
                division["population"],
                lat,
                lon,
            )
            for name in division["names"]:
                self._regions.setdefault(name.replace("’", "'"), []).append(meaning)
            if division["short"]:
                self.short_admin1.setdefault(division["short"], []).append(meaning)
        for short, long in US_SHORT_FORMS.items():
            self.short_admin1.setdefault(short, []).extend(self._regions.get(long, [])[:3])

    def _unsegmented_names(self) -> dict[str, list[str]]:
        """Names in scripts without spaces, by their first character, longest first."""
        by_first: dict[str, list[str]] = {}
        for name in (*self._regions, *self._places):
            if name[0] > "\u2e80" and len(name) > 1 and not "\uac00" <= name[0] <= "\ud7a3":
                by_first.setdefault(name[0], []).append(name)
        for found in by_first.values():
            found.sort(key=len, reverse=True)
        return by_first

    def __contains__(self, name: str) -> bool:
        return (name in self._regions or name in self._places) and name not in _NEVER

    def lookup(self, name: str) -> tuple[Candidate, ...]:
        """All meanings of `name`: regions first, then places by population."""
        known = self._cache.get(name)
        if known is None:
            known = (*self._regions.get(name, ()), *map(self._place, self._refs(name)))
            if len(self._cache) < 50_000:
                self._cache[name] = known
        return known

    def _refs(self, name: str) -> list[int]:
        raw = self._places.get(name)
        return [int(r) for r in raw.split(",")] if raw else []

    def _place(self, n: int) -> Candidate:
        admin1 = self._admin1_of[n]
        return Candidate(
            "city", self._place_names[n], int(self._ids[n]), admin1.split(".")[0], admin1, int(self._populations[n]),
            round(float(self._latlon[n][0]), 5), round(float(self._latlon[n][1]), 5),
        )  # fmt: skip


def _country(code: str, country: dict[str, Any], *, demonym: bool = False) -> Candidate:
    lat, lon = country["latlon"] or (None, None)
    return Candidate(
        "country", country["name"], country["geonameid"], code, None, country["population"], lat, lon, demonym
    )


def _unzip(name: str) -> bytes:
    return gzip.decompress((DATA / name).read_bytes())


US_SHORT_FORMS = {
    "Ala.": "Alabama", "Ariz.": "Arizona", "Ark.": "Arkansas", "Calif.": "California", "Colo.": "Colorado", "Conn.": "Connecticut",
    "Del.": "Delaware", "Fla.": "Florida", "Ga.": "Georgia", "Ill.": "Illinois", "Ind.": "Indiana", "Kan.": "Kansas", "Ky.": "Kentucky",
    "La.": "Louisiana", "Md.": "Maryland", "Mass.": "Massachusetts", "Mich.": "Michigan", "Minn.": "Minnesota", "Miss.": "Mississippi",
    "Mo.": "Missouri", "Mont.": "Montana", "Neb.": "Nebraska", "Nev.": "Nevada", "N.H.": "New Hampshire", "N.J.": "New Jersey",
    "N.M.": "New Mexico", "N.Y.": "New York", "N.C.": "North Carolina", "N.D.": "North Dakota", "Okla.": "Oklahoma", "Ore.": "Oregon",
    "Pa.": "Pennsylvania", "R.I.": "Rhode Island", "S.C.": "South Carolina", "S.D.": "South Dakota", "Tenn.": "Tennessee",
    "Tex.": "Texas", "Vt.": "Vermont", "Va.": "Virginia", "Wash.": "Washington", "W.Va.": "West Virginia", "Wis.": "Wisconsin",
    "Wyo.": "Wyoming", "D.C.": "District of Columbia", "Ont.": "Ontario", "Que.": "Quebec", "B.C.": "British Columbia",
    "Alta.": "Alberta", "Sask.": "Saskatchewan", "Man.": "Manitoba", "N.S.": "Nova Scotia", "N.B.": "New Brunswick",
}  # fmt: skip
