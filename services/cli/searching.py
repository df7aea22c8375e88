"""`dateline search`: stored articles by text, topic, region, place, source and time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import wraps
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.cli.output import console, plain
from services.cli.servers import database
from services.contract.moments import FORMS, asked_moment
from services.store.search import find
from services.store.search_query import Query


def moment_option(_: click.Context, option: click.Parameter, value: str | None) -> datetime | None:
    """A date, a time, or an age such as 90m, 24h or 7d."""
    if value is None:
        return None
    try:
        return asked_moment(value)
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is not {FORMS}") from error


def _near_option(
    _: click.Context, parameter: click.Parameter, value: str | None
) -> tuple[float, float, float] | None:
    """LAT,LON,KM as numbers in their ranges."""
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
        help="An IPTC topic by code or name, with all below it; repeat for either of several.",
    ),
    click.option(
        "--region",
        "regions",
        multiple=True,
        help="A country by ISO code or name, or an area (Sahel, EU, M49:11); repeat for either of several.",
    ),
    click.option("--together", is_flag=True, help="With several countries: articles that have all of them."),
    click.option(
        "--role",
        type=click.Choice(["about", "mentioned", "dateline", "publisher"]),
        default="about",
        show_default=True,
        help="How the article has them: what it is about, or only names, or was written or published in.",
    ),
    click.option(
        "--near", metavar="LAT,LON,KM", callback=_near_option, help="Names a place within KM of a point."
    ),
    click.option(
        "--place",
        type=click.IntRange(1, 2**62),
        metavar="GEONAMEID",
        help="Names the place of that GeoNames id.",
    ),
    click.option("--source", help="The domain that published it."),
    click.option("--provider", help="The original publisher, or the site's name for itself."),
    click.option("--language", help="ISO 639-1 code."),
    click.option(
        "--since", callback=moment_option, help="Published since: a date, or an age such as 24h or 7d."
    ),
    click.option("--until", callback=moment_option, help="Published before: the same."),
)


def query_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that choose articles; it gets them as one `query`."""

    @wraps(command)
    def with_query(
        *, text: tuple[str, ...], topics: tuple[str, ...], regions: tuple[str, ...], **others: Any
    ) -> None:
        countries, areas = _countries_and_areas(regions)
        parts = {name: others.pop(name) for name in _PLAIN}
        query = Query(
            text=" ".join(text) or None,
            topics=tuple(code for topic in topics for code in _topic(topic)),
            countries=countries,
            areas=areas,
            **parts,
        )
        command(query=query, **others)

    for option in reversed(_OPTIONS):
        with_query = option(with_query)
    return with_query


_PLAIN = ("together", "role", "near", "place", "source", "provider", "language", "since", "until")


@click.command()
@query_options
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead of a table.")
def search(query: Query, limit: int, as_json: bool) -> None:
    """Search stored articles by text, topic, region, source and time.

    \b
      dateline search flood warning --region FR --since 7d
      dateline search --topic "economy, business and finance" --json
      dateline search '"interest rates" -mortgage'
      dateline search --region Sahel --since 30d
      dateline search --region IN --region PK --together
      dateline search --near 50.45,30.52,100
    """
    with database() as connection:
        found = find(connection, replace(query, limit=limit))
    if as_json:
        for row in found:
            click.echo(plain(row))
        return
    print_articles(found)
    if not found:
        click.echo("no article matches", err=True)


def print_articles(found: list[dict[str, Any]], *, to: Console = console) -> None:
    """Articles as a table: title, topics, countries, source, date."""
    table = Table(box=None, pad_edge=False, row_styles=["", "dim"] if to.is_terminal else None)
    for column, options in (
        ("title", {"ratio": 5}),
        ("topics", {"ratio": 3}),
        ("about", {"ratio": 2}),
        ("source", {}),
        ("published", {"no_wrap": True}),
    ):
        table.add_column(column, **options)  # type: ignore[arg-type]
    for row in found:
        published = row["published_at"].strftime("%Y-%m-%d") if row["published_at"] else "–"
        cells = (
            row["title"],
            ", ".join(row["topics"][:3]) or "–",
            ", ".join(row["countries"][:3]) or "–",
            row["source"],
            published,
        )
        table.add_row(*map(Text, cells))
    if found:
        to.print(table)


def _topic(topic: str) -> list[str]:
    from services.enrich.topics.taxonomy import Taxonomy

    if topic.startswith("rule:"):  # one of the user's own
        return [topic]
    codes = Taxonomy().find(topic)
    if not codes:
        raise click.BadParameter(f"no IPTC topic has the code or name {topic!r}", param_hint="--topic")
    return codes


def _countries_and_areas(regions: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What was asked for, parted into codes of countries and names or M49 codes of areas."""
    from services.enrich.regions.countries import find_area, find_country

    countries, areas = [], []
    for region in regions:
        if code := find_country(region):
            countries.append(code)
        elif area := find_area(region):
            areas.append(area)
        else:
            raise click.BadParameter(
                f"{region!r} is no country's name or ISO code, no area's name and no M49 code (M49:11)",
                param_hint="--region",
            )
    return tuple(countries), tuple(areas)
