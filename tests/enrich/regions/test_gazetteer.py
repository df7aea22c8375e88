"""The gazetteer as shipped: what it holds, what it costs, and that nothing of it was changed by hand."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys

import numpy as np
import pytest

from services.enrich.regions.countries import DATA, find_area, find_country
from services.enrich.regions.gazetteer import Gazetteer
from tests.taggers import shipped

COST = """
from services.enrich.regions.tagger import RegionTagger
from tests.taggers import shipped
RegionTagger().tag("", "Police in Paris, Texas, arrested two men.", language="en")
print(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
"""


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return shipped().regions.gazetteer


def _meanings(gazetteer: Gazetteer, name: str) -> list[tuple[str, str, str]]:
    entities, _ = gazetteer.meanings(gazetteer.names[name])
    return [(e.kind, e.name, e.country) for e in map(gazetteer.describe, entities.tolist())]


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("Deutschland", ("country", "Germany", "DE")),
        ("Алжир", ("country", "Algeria", "DZ")),
        ("德国", ("country", "Germany", "DE")),
        ("Calif.", ("admin1", "California", "US")),
        ("Granville County", ("admin2", "Granville County", "US")),
        ("Oxfordshire", ("admin2", "Oxfordshire", "GB")),
        ("Sahel", ("area", "Sahel", "")),
        ("USSR", ("past", "Soviet Union", "RU")),
        ("Zaire", ("past", "Zaire", "CD")),
        ("Danube", ("water", "Danube", "")),
        ("Kremlin", ("landmark", "Kremlin", "RU")),
        ("Crimea", ("region", "Crimea", "UA")),
        ("Soldeu", ("city", "Soldeu", "AD")),
    ],
)
def test_a_name_has_its_meaning(gazetteer: Gazetteer, name: str, meaning: tuple[str, str, str]) -> None:
    assert meaning in _meanings(gazetteer, name)


@pytest.mark.parametrize(
    ("name", "country"),
    [
        ("Mallorca", "ES"), ("Gran Canaria", "ES"), ("Lofoten", "NO"), ("Bornholm", "DK"),
        ("Santorini", "GR"),
        ("Lombok", "ID"), ("Sakhalin", "RU"), ("Socotra", "YE"), ("Diego Garcia", "IO"), ("Hodeidah", "YE"),
        ("Northern Ireland", "GB"), ("Chinese Taipei", "TW"), ("Republic of China", "TW"),
        ("Congo Republic", "CG"), ("Ramstein", "DE"), ("Deir al-Balah", "PS"), ("Stepanakert", "AZ"),
        ("South Georgia", "GS"),
        ("Sveits", "CH"), ("Njemačka", "DE"), ("ভারত", "IN"),
    ],
)  # fmt: skip
def test_islands_and_other_names_of_countries_are_known(
    gazetteer: Gazetteer, name: str, country: str
) -> None:
    assert _meanings(gazetteer, name)[0][2] == country


def test_a_short_form_is_left_to_the_city_of_that_name(gazetteer: Gazetteer) -> None:
    """Saint Thomas in the Virgin Islands is no St. Thomas beside the city in Ontario; St. Kitts, which the
    table spells out, and Mt. Everest, which no city has, keep theirs."""
    island = ("region", "Saint Thomas", "VI")
    assert island in _meanings(gazetteer, "Saint Thomas")
    assert island not in _meanings(gazetteer, "St. Thomas") + _meanings(gazetteer, "St Thomas")
    assert ("city", "St. Thomas", "CA") in _meanings(gazetteer, "St. Thomas")
    assert ("region", "Saint Kitts", "KN") in _meanings(gazetteer, "St. Kitts")
    assert any(name == "Mount Everest" for _, name, _ in _meanings(gazetteer, "Mt. Everest"))


@pytest.mark.parametrize("kind", ["country", "admin1"])
def test_the_point_of_a_region_lies_inside_of_it(gazetteer: Gazetteer, kind: str) -> None:
    """By the nearest known place, which lies in the same country; of a first division in the same one."""
    lat, lon = np.radians(gazetteer.lat.astype(float)), np.radians(gazetteer.lon.astype(float))
    unit = np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], 1)
    cities = np.flatnonzero((gazetteer.kind == gazetteer.kinds.index("city")) & ~np.isnan(lat))
    peopled = set(gazetteer.country[cities].tolist())
    held = set(gazetteer.admin1[cities].tolist())
    of_kind = np.flatnonzero((gazetteer.kind == gazetteer.kinds.index(kind)) & ~np.isnan(lat))
    of_cities = unit[cities]
    column, known = (gazetteer.country, peopled) if kind == "country" else (gazetteer.admin1, held)
    outside = []
    for rows in np.array_split(of_kind, 1 + len(of_kind) // 32):
        nearest = cities[np.argmax(unit[rows] @ of_cities.T, axis=1)]
        outside += [
            gazetteer.label(row)
            for row, near in zip(rows.tolist(), nearest.tolist(), strict=True)
            if column[row] in known and column[near] != column[row]
        ]
    assert len(of_kind) > 200
    assert outside == []


def test_every_country_with_more_than_one_has_first_divisions(gazetteer: Gazetteer) -> None:
    kinds = gazetteer.kind == gazetteer.kinds.index("admin1")
    countries = {gazetteer.country_codes[n] for n in gazetteer.country[kinds].tolist()}
    large = {code for code, c in gazetteer.countries.items() if c["population"] > 500_000 and code != "CS"}
    assert large - countries <= {"HK", "MO", "PS", "RE", "GP", "MQ"}


def test_places_go_down_to_five_hundred_inhabitants(gazetteer: Gazetteer) -> None:
    cities = gazetteer.population[gazetteer.kind == gazetteer.kinds.index("city")]
    assert len(cities) > 200_000
    assert ((cities >= 500) & (cities < 1000)).sum() > 40_000


def test_adjectives_are_known_in_twelve_languages(gazetteer: Gazetteer) -> None:
    languages = [
        lang for lang, words in gazetteer.foreign_people.items() if lang != "any" and len(words) > 50
    ]
    assert len(languages) + 1 >= 12  # and English, whose adjectives are names like others


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from /proc")
def test_loading_and_tagging_stay_under_250_mb() -> None:
    result = subprocess.run([sys.executable, "-c", COST], capture_output=True, text=True, check=True)
    assert int(result.stdout) / 1024 < 250


def test_the_artefact_is_as_it_was_built() -> None:
    sums = json.loads((DATA / "manifest.json").read_text(encoding="utf-8"))["sha256"]
    assert sums == {
        p.name: hashlib.sha256(p.read_bytes()).hexdigest()
        for p in DATA.iterdir()
        if p.name != "manifest.json"
    }


@pytest.mark.parametrize(
    ("written", "code"),
    [("FR", "FR"), ("france", "FR"), ("Deutschland", "DE"), ("Swiss", "CH"), ("Atlantis", None)],
)
def test_a_country_is_found_as_people_write_it(written: str, code: str | None) -> None:
    assert find_country(written) == code


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("sahel", "Sahel"),
        ("M49:11", "Western Africa"),
        ("011", "Western Africa"),
        ("EU", "European Union"),
        ("Atlantis", None),
    ],
)
def test_an_area_is_found_by_its_name_or_m49_code(written: str, name: str | None) -> None:
    assert find_area(written) == name
