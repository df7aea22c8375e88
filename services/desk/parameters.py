"""Query parameters; topics, countries and areas are accepted by name or code."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import HTTPException
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.contract.messages import PlaceForm
from services.desk.written_query import UnreadablePart, near_value, read_moment, read_query
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
    form: list[PlaceForm] = Field(
        default=[], max_length=4, description="with near or place: the form in which it is mentioned"
    )
    person: list[Word] = Field(
        default=[], max_length=10, description="somebody who is named, by full name or key: all of them"
    )
    org: list[Word] = Field(
        default=[],
        max_length=10,
        description="an organisation that is named, by full name or key: all of them",
    )
    quoted: Word | None = Field(None, description="somebody who is quoted, by full name or key")
    story: Id | None = Field(None, description="id of a story: its articles")
    source: Word | None = Field(None, description="domain that published it")
    provider: Word | None = Field(None, description="original publisher, or the site's name for itself")
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")] | None = Field(
        None, description="ISO 639-1 code"
    )
    since: Moment | None = Field(None, description="published since: a date, a time or an age (90m, 24h, 7d)")
    until: Moment | None = Field(None, description="published before: the same")

    def exact(self) -> dict[str, Any]:
        """Parts of the query that a route adds to these."""
        return {}

    def query(self) -> Query:
        """The query. Raises 422 that names the parameter and the valid values."""
        try:
            return read_query(
                text=self.text,
                topics=self.topic,
                regions=self.region,
                near=self.near,
                since=self.since,
                until=self.until,
                together=self.together,
                role=self.role,
                place=self.place,
                forms=tuple(self.form),
                people=self.person,
                organisations=self.org,
                quoted=self.quoted,
                story=self.story,
                **self.exact(),
                source=self.source,
                provider=self.provider,
                language=self.language,
            )
        except UnreadablePart as error:
            raise refused(error.name, error.written, f"{error.why}.{near_value(error)}") from error


class CollapsedFilters(Filters):
    """Filters, and whether one article stands for each text or story."""

    collapse: Literal["copies", "stories"] | None = Field(
        None, description="one article of each text (copies) or story: the newest that is no copy"
    )

    def exact(self) -> dict[str, Any]:
        """The collapse."""
        return {"collapse": self.collapse}


def refused(name: str, value: str, why: str, *, where: str = "query") -> HTTPException:
    """422 in FastAPI's format for a parameter, or a property of a body."""
    return HTTPException(
        422, [{"type": "value_error", "loc": [where, name], "msg": f"{value!r} {why}", "input": value}]
    )


def asked(name: str, written: str | None) -> datetime | None:
    """The parameter's time. Raises 422 that names the parameter and the accepted formats."""
    try:
        return read_moment(name, written)
    except UnreadablePart as error:
        raise refused(error.name, error.written, error.why) from error
