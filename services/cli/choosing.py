"""Options that choose articles, the same on every command; parsers of times."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any

import click
from psycopg import Connection

from services.cli.suggesting import did_you_mean
from services.contract.moments import FORMS, asked_moment
from services.store import search
from services.store.search_query import Query


def moment_option(_: click.Context, option: click.Parameter, value: str | None) -> datetime | None:
    """Parses a date, a time, or an age such as 90m, 24h or 7d."""
    if value is None:
        return None
    try:
        return asked_moment(value)
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is not {FORMS}") from error


def _near_option(
    _: click.Context, parameter: click.Parameter, value: str | None
) -> tuple[float, float, float] | None:
    """Parses LAT,LON,KM and checks the ranges."""
    if value is None:
        return None
    try:
        lat, lon, km = (float(part) for part in value.split(","))
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is not LAT,LON,KM, such as 50.45,30.52,100") from error
    if not (-90 <= lat <= 90 and -180 <= lon <= 180 and 0 < km <= 20_000):
        raise click.BadParameter(
            f"{value!r}: latitude -90 to 90, longitude -180 to 180, km above 0 and up to 20,000"
        )
    return lat, lon, km


_OPTIONS = (
    click.argument("text", nargs=-1),
    click.option(
        "--topic",
        "topics",
        multiple=True,
        help="An IPTC topic by code or name, with its descendants; repeat for any of several.",
    ),
    click.option(
        "--region",
        "regions",
        multiple=True,
        help="A country by ISO code or name, or an area (Sahel, EU, M49:11); repeat for any of several.",
    ),
    click.option("--together", is_flag=True, help="With several countries: articles that have all of them."),
    click.option(
        "--role",
        type=click.Choice(["about", "mentioned", "dateline", "publisher"]),
        default="about",
        show_default=True,
        help="The country's role: the article is about it, mentions it, has it in the dateline, or its "
        "publisher is from there.",
    ),
    click.option(
        "--near",
        metavar="LAT,LON,KM",
        callback=_near_option,
        help="Articles that mention a place within KM of a point.",
    ),
    click.option(
        "--place",
        type=click.IntRange(1, 2**62),
        metavar="GEONAMEID",
        help="Articles that mention the place with this GeoNames id.",
    ),
    click.option(
        "--person", "people", multiple=True, help="Articles that name this person; repeat for all of several."
    ),
    click.option(
        "--org",
        "organisations",
        multiple=True,
        help="Articles that name this organisation; repeat for all of several.",
    ),
    click.option("--quoted", help="Articles that quote this person."),
    click.option("--source", help="Articles of this domain."),
    click.option("--provider", help="The original publisher, or the site's name for itself."),
    click.option("--language", help="ISO 639-1 code."),
    click.option(
        "--since", callback=moment_option, help="Published since: a date, or an age such as 24h or 7d."
    ),
    click.option("--until", callback=moment_option, help="Published before: the same."),
)


def query_options(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options that choose articles to a command, which receives them as one `query`."""

    @wraps(command)
    def with_query(
        *, text: tuple[str, ...], topics: tuple[str, ...], regions: tuple[str, ...],
        people: tuple[str, ...], organisations: tuple[str, ...], quoted: str | None, **others: Any
    ) -> None:  # fmt: skip
        from services.enrich.names.folding import asked_key

        countries, areas = _countries_and_areas(regions)
        parts = {name: others.pop(name) for name in _PLAIN}
        query = Query(
            text=" ".join(text) or None,
            topics=tuple(code for topic in topics for code in _topic(topic)),
            countries=countries,
            areas=areas,
            people=tuple(asked_key(name, "PER") for name in people),
            organisations=tuple(asked_key(name, "ORG") for name in organisations),
            quoted=asked_key(quoted, "PER") if quoted else None,
            **parts,
        )
        command(query=query, **others)

    for option in reversed(_OPTIONS):
        with_query = option(with_query)
    return with_query


_PLAIN = ("together", "role", "near", "place", "source", "provider", "language", "since", "until")


def _topic(topic: str) -> list[str]:
    from services.enrich.topics.taxonomy import Taxonomy

    if topic.startswith("rule:"):  # a user-defined rule
        return [topic]
    codes = Taxonomy().find(topic)
    if not codes:
        taxonomy = Taxonomy()
        near = did_you_mean(topic, taxonomy.all_names("en")) or did_you_mean(topic, taxonomy.all_names())
        raise click.BadParameter(
            f"no IPTC topic has the code or name {topic!r}.{near} (`dateline topics --find PART` searches)",
            param_hint="--topic",
        )
    return codes


def _countries_and_areas(regions: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Splits `--region` values into ISO codes of countries, and names or M49 codes of areas."""
    from services.enrich.regions.countries import find_area, find_country, region_names

    countries, areas = [], []
    for region in regions:
        if code := find_country(region):
            countries.append(code)
        elif area := find_area(region):
            areas.append(area)
        else:
            raise click.BadParameter(
                f"{region!r} is not a country's name or ISO code, nor an area's name or M49 code (M49:11)."
                f"{did_you_mean(region, region_names())}",
                param_hint="--region",
            )
    return tuple(countries), tuple(areas)


def say_near_source(connection: Connection[Any], source: str | None) -> None:
    """Suggests sources with similar names when no article is from the requested one."""
    if source and source not in (known := search.known_sources(connection)):
        click.echo(f"there is no article from {source}.{did_you_mean(source, known)}", err=True)
