"""A search query as people write it: topics, countries, areas, people
and organisations by name or code, a point, times and ages.

The command line and the API read it here, and each says in its own way what could not be read.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from services.contract.moments import FORMS, asked_moment
from services.contract.near_names import did_you_mean
from services.store.search_query import Query

if TYPE_CHECKING:
    from services.enrich.topics.taxonomy import Taxonomy

_LONGEST_NAME = 80
"""Characters; no country or area has a longer name."""


class UnreadablePart(ValueError):
    """A part of a query that says nothing: its name in the singular, what was written, and why not."""

    def __init__(self, name: str, written: str, why: str) -> None:
        super().__init__(f"{written!r} {why}")
        self.name, self.written, self.why = name, written, why


def read_query(
    *,
    text: str | None = None,
    topics: Iterable[str] = (),
    regions: Iterable[str] = (),
    near: str | None = None,
    people: Iterable[str] = (),
    organisations: Iterable[str] = (),
    quoted: str | None = None,
    since: str | None = None,
    until: str | None = None,
    **exact: Any,
) -> Query:
    """The query; `exact` are its parts that are taken as they are. Raises UnreadablePart."""
    countries, areas = _countries_and_areas(regions)
    return Query(
        text=text or None,
        topics=tuple(code for topic in topics for code in _topic_codes(topic)),
        countries=countries,
        areas=areas,
        near=_near(near),
        people=tuple(_name_key(name, "PER") for name in people),
        organisations=tuple(_name_key(name, "ORG") for name in organisations),
        quoted=_name_key(quoted, "PER") if quoted else None,
        since=read_moment("since", since),
        until=read_moment("until", until),
        **exact,
    )


def read_moment(name: str, written: str | None) -> datetime | None:
    """A date, a time, or an age such as 90m, 24h or 7d. Raises UnreadablePart."""
    if written is None:
        return None
    try:
        return asked_moment(written)
    except ValueError as error:
        raise UnreadablePart(name, written, f"is not {FORMS}") from error


def near_value(error: UnreadablePart) -> str:
    """` Did you mean A or B?` for a topic or region that is unknown, or an empty string."""
    if error.name == "topic":
        names = taxonomy()
        return did_you_mean(error.written, names.all_names("en")) or did_you_mean(
            error.written, names.all_names()
        )
    if error.name == "region":
        from services.enrich.regions.countries import region_names

        return did_you_mean(error.written, region_names())
    return ""


@cache
def taxonomy() -> Taxonomy:
    """The IPTC Media Topics."""
    from services.enrich.topics.taxonomy import Taxonomy

    return Taxonomy()


def _topic_codes(written: str) -> list[str]:
    if written.startswith("rule:"):  # a user-defined topic
        return [written]
    codes = taxonomy().find(written)
    if not codes:
        raise UnreadablePart("topic", written, "is no code or name of an IPTC topic")
    return codes


def _countries_and_areas(regions: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """ISO codes of countries; names and M49 codes of areas."""
    countries, areas = [], []
    for region in regions:
        country, area = _region(region) if len(region) < _LONGEST_NAME else (None, None)
        if country:
            countries.append(country)
        elif area:
            areas.append(area)
        else:
            raise UnreadablePart(
                "region", region, "is no country's name or ISO code, no area's name and no M49 code (M49:11)"
            )
    return tuple(countries), tuple(areas)


@lru_cache(maxsize=4096)
def _region(written: str) -> tuple[str | None, str | None]:
    from services.enrich.regions.countries import find_area, find_country

    country = find_country(written)
    return country, None if country else find_area(written)


def _name_key(written: str, label: str) -> str:
    from services.enrich.names.folding import asked_key

    return asked_key(written, label)


def _near(written: str | None) -> tuple[float, float, float] | None:
    if written is None:
        return None
    try:
        lat, lon, km = (float(part) for part in written.split(","))
    except ValueError as error:
        raise UnreadablePart("near", written, "is not LAT,LON,KM, such as 50.45,30.52,100") from error
    if not (-90 <= lat <= 90 and -180 <= lon <= 180 and 0 < km <= 20_000):
        raise UnreadablePart(
            "near",
            written,
            "is out of range: latitude -90 to 90, longitude -180 to 180, km above 0 and up to 20,000",
        )
    return lat, lon, km
