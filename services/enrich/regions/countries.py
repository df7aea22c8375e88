"""Countries and areas by name: what a search needs, without the gazetteer's arrays."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import msgspec

DATA = Path(__file__).parent / "data"


def load_countries() -> dict[str, dict[str, Any]]:
    """Countries by ISO 3166-1 alpha-2 code: name, names in many languages, demonyms, M49 code,
    GeoNames id."""
    countries: dict[str, dict[str, Any]] = msgspec.json.decode(
        gzip.decompress((DATA / "countries.json.gz").read_bytes())
    )
    return countries


def find_country(written: str) -> str | None:
    """The code of a country for its code, a name in any of the languages, or a demonym."""
    countries = load_countries()
    if written.upper() in countries:
        return written.upper()
    folded = written.casefold()
    for code, country in countries.items():
        if folded in (name.casefold() for name in (country["name"], *country["names"], *country["demonyms"])):
            return code
    return None


def find_area(written: str) -> str | None:
    """The name of an area for its name, one of its names in any language, or its M49 code (`M49:11` or
    `011`)."""
    areas: dict[str, dict[str, Any]] = msgspec.json.decode(
        gzip.decompress((DATA / "areas.json.gz").read_bytes())
    )
    code = written.upper().removeprefix("M49:").lstrip("0")
    folded = written.casefold()
    for name, area in areas.items():
        if code == str(area["m49"]):
            return name
        if folded in (n.casefold() for n in (name, *area["names"])):
            return name
    return None


def region_names() -> list[str]:
    """Every name of a country or an area that `find_country` and `find_area` know."""
    areas: dict[str, dict[str, Any]] = msgspec.json.decode(
        gzip.decompress((DATA / "areas.json.gz").read_bytes())
    )
    countries = [n for country in load_countries().values() for n in (country["name"], *country["names"])]
    return [*countries, *(n for name, area in areas.items() for n in (name, *area["names"]))]
