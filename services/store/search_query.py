"""The search query, and its translation to a condition in SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

_MATCHES = (
    "a.search @@ (websearch_to_tsquery('english', %(text)s) || websearch_to_tsquery('simple', %(text)s))"
)
PUBLISHED = "coalesce(a.published_at, a.fetched_at)"
"""When an article was published or, if that is unknown, fetched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A search; its parts are combined with AND.

    `topics`: IPTC codes, descendants included. `countries`: ISO 3166-1 alpha-2 codes; any of them,
    or all of them with `together`, in the role `role`. `areas`: names or M49 codes of the table
    `areas`, which stand for their member countries. `near`: (latitude, longitude, km) around a
    mentioned place. `place`: the GeoNames id of a mentioned place. `forms`: with either, the forms in
    which it is mentioned (name, adjective, institution, dateline); empty for any. `people` and
    `organisations`: keys of names, all of them; `quoted`: the key of somebody who is quoted. `story`: the id
    of a story, also of one that became part of another. `since` and `until` (exclusive) refer to publication
    or, if that is unknown, fetching. `collapse`: one article of each text (`copies`) or story (`stories`);
    `collapsing.collapsed` has it as a condition.
    """

    text: str | None = None
    topics: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    together: bool = False
    role: str = "about"
    areas: tuple[str, ...] = ()
    near: tuple[float, float, float] | None = None
    place: int | None = None
    forms: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    quoted: str | None = None
    story: int | None = None
    source: str | None = None
    provider: str | None = None
    language: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    collapse: str | None = None
    limit: int = 20


def conditions(query: Query) -> tuple[str, dict[str, Any]]:
    """Translates a query to a SQL condition on `articles a`, and the values to bind."""
    where, values = ["true"], {}
    if query.text:
        # Stemmed as English, and unstemmed for other languages.
        where.append(_MATCHES)
        values["text"] = query.text
    if query.topics:
        where.append(
            "EXISTS (SELECT FROM article_topics t WHERE t.article_id = a.id AND t.path && %(topics)s)"
        )
        values["topics"] = list(query.topics)  # type: ignore[assignment]
    if query.story:
        where.append(
            "a.id IN (SELECT m.article_id FROM story_articles m WHERE m.story_id = coalesce("
            "(SELECT merged_into FROM stories WHERE id = %(story)s), %(story)s))"
        )
        values["story"] = query.story  # type: ignore[assignment]
    for conditions, bound in (_where_of(query), _who_of(query)):
        where.extend(conditions)
        values |= bound
    for name, expression in (
        ("source", "a.source_domain"),
        ("provider", "coalesce(a.provider, a.site_name)"),
        ("language", "a.language"),
    ):
        if getattr(query, name):
            where.append(f"{expression} = %({name})s")
            values[name] = getattr(query, name)
    if query.since:
        where.append(f"{PUBLISHED} >= %(since)s")
        values["since"] = query.since  # type: ignore[assignment]
    if query.until:
        where.append(f"{PUBLISHED} < %(until)s")
        values["until"] = query.until  # type: ignore[assignment]
    return " AND ".join(where), values


def _where_of(query: Query) -> tuple[list[str], dict[str, Any]]:
    """The conditions on countries, areas and places, and the values to bind."""
    where: list[str] = []
    values: dict[str, Any] = {"role": query.role}
    named = "SELECT FROM article_countries c WHERE c.article_id = a.id AND %(role)s = ANY(c.roles) AND c.code"
    if query.countries and query.together:
        # As sets: few articles have all of them, and a scan from the newest on may read the whole table.
        alone = "SELECT c.article_id FROM article_countries c WHERE %(role)s = ANY(c.roles) AND c.code"
        where.append(
            "a.id IN "
            f"({' INTERSECT '.join(f'{alone} = %(country{n})s' for n in range(len(query.countries)))})"
        )
        values |= {f"country{n}": code for n, code in enumerate(query.countries)}
    elif query.countries:
        where.append(f"EXISTS ({named} = ANY(%(countries)s))")
        values["countries"] = list(query.countries)
    for n, area in enumerate(query.areas):
        where.append(f"EXISTS ({named} = ANY(dateline_members(%(area{n})s)))")
        values[f"area{n}"] = area
    in_form = " AND p.form = ANY(%(forms)s)" if query.forms else ""
    if query.forms:
        values["forms"] = list(query.forms)
    if query.near:
        values |= dict(zip(("lat", "lon", "km"), query.near, strict=True))
        where.append(
            "a.id IN (SELECT p.article_id FROM article_places p "
            "WHERE point(p.lon, p.lat) <@ dateline_box(%(lat)s, %(lon)s, %(km)s) "
            f"AND dateline_km(p.lat, p.lon, %(lat)s, %(lon)s) <= %(km)s{in_form})"
        )
    if query.place:
        where.append(
            "EXISTS (SELECT FROM article_places p WHERE p.article_id = a.id AND p.geonameid = %(place)s"
            f"{in_form})"
        )
        values["place"] = query.place
    return where, values


def _who_of(query: Query) -> tuple[list[str], dict[str, Any]]:
    """The conditions on people and organisations, and the values to bind."""
    where: list[str] = []
    values: dict[str, Any] = {}
    for label, keys in (("PER", query.people), ("ORG", query.organisations)):
        for n, key in enumerate(keys):
            where.append(
                "EXISTS (SELECT FROM article_names n WHERE n.article_id = a.id "
                f"AND n.label = '{label}' AND n.key = %({label}{n})s)"
            )
            values[f"{label}{n}"] = key
    if query.quoted:
        where.append("EXISTS (SELECT FROM article_quotes q WHERE q.article_id = a.id AND q.key = %(quoted)s)")
        values["quoted"] = query.quoted
    return where, values
