"""Query parameters; topics, countries and areas are accepted by name or code."""

from __future__ import annotations

from datetime import datetime
from functools import cache, lru_cache
from typing import Annotated, Literal

from fastapi import HTTPException
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.contract.moments import FORMS, asked_moment
from services.enrich.names.folding import asked_key
from services.enrich.regions.countries import find_area, find_country
from services.enrich.topics.taxonomy import Taxonomy
from services.store.search_query import Query

MAX_ID = 2**62
Id = Annotated[int, Field(ge=1, le=MAX_ID)]
Text = Annotated[str, StringConstraints(max_length=500, pattern=r"^[^\x00]*$")]
Word = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]
Moment = Annotated[
    str,
    StringConstraints(max_length=40),
    Field(description="a date (2026-03-01), a time (2026-03-01T12:00Z) or an age (90m, 24h, 7d, 4w)"),
]


class Filters(BaseModel):
    """The filters of a query, combined with AND."""

    model_config = ConfigDict(extra="forbid")

    text: Text | None = Field(None, description='words, "a phrase", -without, either or other')
    topic: list[Word] = Field(
        default=[], max_length=20, description="IPTC topic by code or name, with all below it"
    )
    region: list[Word] = Field(
        default=[], max_length=20, description="country by ISO code or name, or an area: Sahel, EU, M49:11"
    )
    together: bool = Field(False, description="with several countries: articles that have all of them")
    role: Literal["about", "mentioned", "dateline", "publisher"] = "about"
    near: Annotated[str, StringConstraints(max_length=80)] | None = Field(
        None, description="LAT,LON,KM: names a place within KM"
    )
    place: Id | None = Field(None, description="GeoNames id of a place that is named")
    person: list[Word] = Field(
        default=[], max_length=10, description="somebody who is named, by full name or key: all of them"
    )
    org: list[Word] = Field(
        default=[],
        max_length=10,
        description="an organisation that is named, by full name or key: all of them",
    )
    quoted: Word | None = Field(None, description="somebody who is quoted, by full name or key")
    source: Word | None = Field(None, description="domain that published it")
    provider: Word | None = Field(None, description="original publisher, or the site's name for itself")
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")] | None = Field(
        None, description="ISO 639-1 code"
    )
    since: Moment | None = Field(None, description="published since: a date, a time or an age (90m, 24h, 7d)")
    until: Moment | None = Field(None, description="published before: the same")

    def query(self) -> Query:
        """The query. Raises 422 that names the parameter and the valid values."""
        countries, areas = [], []
        for region in self.region:
            if code := _country(region):
                countries.append(code)
            elif area := _area(region):
                areas.append(area)
            else:
                raise refused(
                    "region",
                    region,
                    "is no country's name or ISO code, no area's name and no M49 code (M49:11)",
                )
        return Query(
            text=self.text or None,
            topics=tuple(code for topic in self.topic for code in _topics(topic)),
            countries=tuple(countries),
            areas=tuple(areas),
            together=self.together,
            role=self.role,
            near=_near(self.near),
            place=self.place,
            people=tuple(asked_key(name, "PER") for name in self.person),
            organisations=tuple(asked_key(name, "ORG") for name in self.org),
            quoted=asked_key(self.quoted, "PER") if self.quoted else None,
            source=self.source,
            provider=self.provider,
            language=self.language,
            since=asked("since", self.since),
            until=asked("until", self.until),
        )


def refused(name: str, value: str, why: str, *, where: str = "query") -> HTTPException:
    """422 in FastAPI's format for a parameter, or a property of a body."""
    return HTTPException(
        422, [{"type": "value_error", "loc": [where, name], "msg": f"{value!r} {why}", "input": value}]
    )


@cache
def taxonomy() -> Taxonomy:
    """The IPTC Media Topics."""
    return Taxonomy()


@lru_cache(maxsize=4096)
def _known_country(written: str) -> str | None:
    return find_country(written)


def _country(written: str) -> str | None:
    return _known_country(written) if len(written) < 80 else None


@lru_cache(maxsize=4096)
def _known_area(written: str) -> str | None:
    return find_area(written)


def _area(written: str) -> str | None:
    return _known_area(written) if len(written) < 80 else None


def _topics(written: str) -> list[str]:
    if written.startswith("rule:"):  # a user-defined topic
        return [written]
    codes = taxonomy().find(written)
    if not codes:
        raise refused("topic", written, "is no code or name of an IPTC topic")
    return codes


def _near(written: str | None) -> tuple[float, float, float] | None:
    if written is None:
        return None
    try:
        lat, lon, km = (float(part) for part in written.split(","))
    except ValueError as error:
        raise refused("near", written, "is not LAT,LON,KM, such as 50.45,30.52,100") from error
    if not (-90 <= lat <= 90 and -180 <= lon <= 180 and 0 < km <= 20_000):
        raise refused(
            "near", written, "needs a latitude of -90 to 90, a longitude of -180 to 180 and up to 20,000 km"
        )
    return lat, lon, km


def asked(name: str, written: str | None) -> datetime | None:
    """The parameter's time. Raises 422 that names the parameter and the accepted formats."""
    if written is None:
        return None
    try:
        return asked_moment(written)
    except ValueError as error:
        raise refused(name, written, f"is not {FORMS}") from error
