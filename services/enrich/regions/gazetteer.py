"""The gazetteer: what a name may mean. Areas, countries, divisions, places, waters, landmarks, states of the
past.

Rows of `entities` are known by their number; a name has a row of its own, whose meanings are entities with
the way in which it means them. Names are compared as written, except that `’` counts as `'`.
"""

from __future__ import annotations

import gzip
import io
import re
from array import array
from dataclasses import dataclass
from math import isnan
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from services.enrich.regions.countries import DATA, load_countries
from services.enrich.regions.vocabulary import FACILITIES

NAME, ALIAS, PEOPLE, SHORT = 0, 1, 2, 3
"""How a name means an entity: its name, another name, its people or adjective, a short form after a place."""

_AT_ONCE = 20_000
_KEPT = 10_000  # entities, of some 400 bytes each
_FEATURES = 5  # kinds from here on are waters and the like, whose population is only a rank among namesakes

_SPACELESS = re.compile("[\u0e01-\u0eff\u1000-\u109f\u1780-\u17ff]")  # Thai, Lao, Burmese, Khmer
# Capitalised words that are nearly always a month, a day, a direction or a plain word.
_NEVER = frozenset(
    """January February March April May June July August September October November December Monday Tuesday Wednesday Thursday Friday
    Saturday Sunday North South East West Northern Southern Eastern Western Central Centre Center Upper Lower Northeast Northwest Southeast
    Southwest Coast Islands Island Capital District Region Province State County City Norte Sur Este Oeste Nord Sud Ost Est
    Mitte Centro Section Congress Auch Keller Lage Haus See Berg Stein Bach Damm Wald Feld Hof Tor Ort Stadt Dorf Land Markt Kirche Herz
    Regen Kamp Post Bank Sommer Winter Frau Mann Kind Vater Mutter Leben Zeit Jahr Tag Abend Nacht Morgen Wasser Feuer Luft Erde Ende
    Anfang Teil Weg Seite Hand Kopf Gang Berge Même Aucun Autre Sous Plus Elle Pont Muy Las Los Una Lugar
    Casa Paz Vida Luz Madre Padre Agua Mar Sol Cerca Tres Doce Hoy Ayer También مدينة جديدة قرية محطة""".split()  # noqa: E501
)


@dataclass(frozen=True, slots=True)
class Entity:
    """One meaning of a name, as shown to people; `kind` is area, country, admin1, admin2, city, water,
    landmark, region or past."""

    row: int
    kind: str
    name: str
    geonameid: int | None
    country: str
    admin1: str | None
    population: int
    lat: float | None
    lon: float | None


class Gazetteer:
    """Looks names up. One copy serves all processes forked after it was loaded."""

    def __init__(self) -> None:
        self.version: str = msgspec.json.decode((DATA / "manifest.json").read_bytes())["version"]
        self.countries = load_countries()
        codes = msgspec.json.decode(_unzip("codes.json.gz"))
        self.kinds: list[str] = codes["kinds"]
        self.country_codes: list[str] = codes["countries"]
        self.admin1_codes: list[str] = codes["admin1"]
        self.country_number = {code: n for n, code in enumerate(self.country_codes)}
        self.admin1_number = {code: n for n, code in enumerate(self.admin1_codes)}
        entities = _arrays("entities.npz")
        self.kind = entities["kind"]
        self.country = entities["country"].astype(np.intp)
        self.admin1 = entities["admin1"].astype(np.intp)
        self.population = entities["population"]
        self.log_population = np.log10(np.maximum(self.population, 1)).astype(np.float32)
        self._divisions: dict[str, int] = {}
        self._described: dict[int, Entity] = {}
        self.lat, self.lon = entities["lat"], entities["lon"]
        self.geonameid = entities["geonameid"]
        self._label_bytes, self._label_at = _lines("labels.txt.gz")
        meanings = _arrays("meanings.npz")
        self.offset, self._entity, self._how = (
            array("I", meanings["offset"].tobytes()),
            meanings["entity"],
            meanings["how"],
        )
        names = _unzip("names.txt.gz").decode().split("\n")
        self.names: dict[str, int] = dict(zip(names, range(len(names)), strict=True))
        for name in _NEVER | FACILITIES.keys():
            self.names.pop(name, None)
        first = self._entity[meanings["offset"][:-1]]
        # What the detector asks of a name's first meaning, quick to index.
        self.first_kind = self.kind[first].tobytes()
        self.first_how = self._how[meanings["offset"][:-1]].tobytes()
        self.first_entity = array("i", first.astype(np.int32).tobytes())
        self.first_log_population = array("f", self.log_population[first].tobytes())
        self.openers = _openers(names)
        self.lower_ends = frozenset(
            last for n in names if " " in n and (last := n[n.rindex(" ") + 1 :])[:1].islower()
        )
        self.unsegmented = _unsegmented(names)
        # The same as it is looked up: how long the names are that begin with a character, and the names.
        self.unsegmented_lengths = {
            first: (tuple(sorted({len(n) for n in found}, reverse=True)), frozenset(found))
            for first, found in self.unsegmented.items()
        }
        self.sieves: Any = None  # of names and openers: the compiled search makes them for itself
        self.inflections: Any = None  # of names: made when first asked for
        self.foreign: dict[str, Any] = {}  # by language, what the compiled search asks of `foreign_people`
        self.foreign_people = self._foreign_people()
        self._homes: dict[str, frozenset[int]] = {}

    def _foreign_people(self) -> dict[str, dict[str, int]]:
        """Adjectives and people by language, other than English: the row of their country's English adjective
        or name."""
        out: dict[str, dict[str, int]] = {}
        for country in self.countries.values():
            row = next(
                (self.names[n] for n in (*country["demonyms"], country["name"]) if n in self.names), None
            )
            for language, words in country["adjectives"].items() if row is not None else ():
                out.setdefault(language, {}).update(dict.fromkeys(words, row))
        return out

    def home(self, language: str) -> frozenset[int]:
        """Numbers of the countries in which a language is spoken."""
        if language not in self._homes:
            spoken = {"no": ("no", "nb", "nn"), "zh": ("zh", "yue"), "tl": ("tl", "fil")}.get(
                language, (language,)
            )
            self._homes[language] = frozenset(
                self.country_number[code]
                for code, country in self.countries.items()
                if code in self.country_number and not set(spoken).isdisjoint(country["languages"])
            )
        return self._homes[language]

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def count(self, row: int) -> int:
        """How many meanings the name of a row has."""
        return int(self.offset[row + 1] - self.offset[row])

    def meanings(self, row: int) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
        """Entities that the name of a row may mean, and how; regions first, then by population."""
        start, end = self.offset[row], self.offset[row + 1]
        return self._entity[start:end], self._how[start:end]

    def label(self, entity: int) -> str:
        """The name under which an entity is shown."""
        return self._label_bytes[self._label_at[entity] : self._label_at[entity + 1] - 1].decode()

    def describe(self, entity: int) -> Entity:
        """An entity with all that is known of it; those asked for lately are kept."""
        found = self._described.get(entity)
        if found is None:
            if len(self._described) >= _KEPT:
                self._described.clear()
            found = self._described[entity] = self._describe(entity)
        return found

    def _describe(self, entity: int) -> Entity:
        lat, lon = float(self.lat[entity]), float(self.lon[entity])
        known = not isnan(lat)
        return Entity(
            row=int(entity),
            kind=self.kinds[self.kind[entity]],
            name=self.label(entity),
            geonameid=int(self.geonameid[entity]) or None,
            country=self.country_codes[self.country[entity]],
            admin1=self.admin1_codes[self.admin1[entity]] or None,
            population=int(self.population[entity]) if self.kind[entity] < _FEATURES else 0,
            lat=round(lat, 5) if known else None,
            lon=round(lon, 5) if known else None,
        )

    def division(self, code: str) -> Entity | None:
        """The first division of a code such as `US.VA`."""
        if not self._divisions:
            rows = np.flatnonzero(self.kind == self.kinds.index("admin1"))
            self._divisions = {self.admin1_codes[self.admin1[row]]: int(row) for row in rows[::-1]}
        row = self._divisions.get(code)
        return self.describe(row) if row is not None else None

    def country_name(self, code: str) -> str:
        """A country's English name."""
        return str(self.countries[code]["name"]) if code in self.countries else code


def _openers(names: list[str]) -> dict[str, int]:
    """For each first word of a name of several words, parted by spaces or hyphens: the number of words of the
    longest."""
    openers: dict[str, int] = {}
    longest = openers.get
    # One text for many of them is parted several times as fast as each name alone.
    for start in range(0, len(names), _AT_ONCE):
        joined = "\n".join(names[start : start + _AT_ONCE]).replace("-", " ").replace("'", " ")
        for name in joined.split("\n"):
            if spaces := name.count(" "):
                first = name[: name.index(" ")]
                if spaces >= longest(first, 1):
                    openers[first] = spaces + 1
    return openers


def _unsegmented(names: list[str]) -> dict[str, list[str]]:
    """Names in scripts without spaces, by their first character, longest first."""
    by_first: dict[str, list[str]] = {}
    for name in names:
        if (
            (name[0] > "\u2e80" or _SPACELESS.match(name))
            and len(name) > 1
            and not "\uac00" <= name[0] <= "\ud7a3"
            and name not in _NEVER
        ):
            by_first.setdefault(name[0], []).append(name)
    for found in by_first.values():
        found.sort(key=len, reverse=True)
    return by_first


def _unzip(name: str) -> bytes:
    return gzip.decompress((DATA / name).read_bytes())


def _lines(name: str) -> tuple[bytes, NDArray[np.int64]]:
    """The bytes of a text and where each of its lines starts; one past the last at the end."""
    raw = _unzip(name) + b"\n"
    ends = np.flatnonzero(np.frombuffer(raw, np.uint8) == ord("\n")) + 1
    return raw, np.concatenate(([0], ends))


def _arrays(name: str) -> dict[str, Any]:
    with np.load(io.BytesIO((DATA / name).read_bytes())) as loaded:
        return {key: loaded[key] for key in loaded.files}
