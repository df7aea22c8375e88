"""Topics as a tree, and regions as countries and areas, each with the count of a query."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.desk import models
from services.desk.access import needs
from services.desk.parameters import Filters
from services.desk.state import TheDesk
from services.desk.written_query import taxonomy
from services.enrich.regions.countries import load_countries
from services.store import search

router = APIRouter(tags=["catalogue"], dependencies=[needs("read")])


Language = Annotated[str, Query(pattern=r"^[a-z]{2}(-[A-Z]{2})?$", description="language of the names")]


class TopicParameters(Filters):
    """Filters, and the language of names."""

    names: Language = "en"


@cache
def _countries() -> dict[str, dict[str, Any]]:
    return load_countries()


@router.get("/names")
def names(desk: TheDesk, language: Language = "en") -> models.Names:
    """Names of all topics, countries and areas, without counts."""
    tree = taxonomy()
    told = language if language in tree.languages() else "en"
    with desk.pool.connection() as connection:
        areas = [name for name, _ in search.area_names(connection)]
        own = search.own_topics(connection)
    topics = [
        models.TopicName(code=c, name=tree.name(c, told), parent=_parent(tree.path(c))) for c in tree.codes()
    ]
    topics += [models.TopicName(code=path[-1], name=name, parent=_parent(path)) for name, path in own]
    return models.Names(topics=topics, countries={c: k["name"] for c, k in _countries().items()}, areas=areas)


def _parent(path: list[str]) -> str | None:
    return path[-2] if len(path) > 1 else None


def _point(country: dict[str, Any]) -> dict[str, Any]:
    lat, lon = country.get("latlon") or (None, None)
    return {"lat": lat, "lon": lon}


@router.get("/topics")
def topics(desk: TheDesk, parameters: Annotated[TopicParameters, Query()]) -> models.Topics:
    """IPTC Media Topics with counts that include descendants. Level 1 first; topics without articles
    included."""
    finder = desk.current()
    counts = finder.by_topic(parameters.query())
    tree = finder.columns.taxonomy
    language = parameters.names if parameters.names in tree.languages() else "en"
    nodes = []
    for code in tree.codes():
        path = tree.path(code)
        nodes.append(
            models.TopicNode(
                code=code, name=tree.name(code, language), parent=_parent(path), articles=counts.get(code, 0)
            )
        )  # fmt: skip
    with desk.pool.connection() as connection:
        own = search.own_topics(connection)
    for name, path in own:
        nodes.append(
            models.TopicNode(code=path[-1], name=name, parent=_parent(path), articles=counts.get(path[-1], 0))
        )
    nodes.sort(key=lambda n: (n.parent is not None, -n.articles, n.name))
    return models.Topics(language=language, topics=nodes)


@router.get("/regions")
def regions(desk: TheDesk, parameters: Annotated[Filters, Query()]) -> models.RegionTree:
    """Countries and areas with the number of articles in the requested role."""
    finder = desk.current()
    query = parameters.query()
    counts = finder.by_country(query)
    countries = [
        models.RegionNode(
            code=code, name=known["name"], m49=known["m49"], articles=counts.get(code, 0), **_point(known)
        )
        for code, known in _countries().items()
    ]  # fmt: skip
    countries.sort(key=lambda c: (-c.articles, c.name))
    with desk.pool.connection() as connection:
        rows = connection.execute("SELECT name, m49, members FROM areas ORDER BY name").fetchall()
    within = finder.in_areas(query, [members for _, _, members in rows])
    areas = [
        models.AreaNode(name=name, m49=m49, members=members, articles=n)
        for (name, m49, members), n in zip(rows, within, strict=True)
    ]
    return models.RegionTree(countries=countries, areas=areas)
