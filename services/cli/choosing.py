"""Options that choose articles, the same on every command; parsers of times."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import wraps
from typing import Any

import click
from psycopg import Connection

from services.cli.output import ID
from services.cli.suggesting import OneOf
from services.contract.moments import FORMS, asked_moment
from services.contract.near_names import did_you_mean
from services.desk.written_query import UnreadablePart, near_value, read_query
from services.store import search
from services.store.collapsing import COLLAPSES
from services.store.search_query import Query


def moment_option(_: click.Context, option: click.Parameter, value: str | None) -> datetime | None:
    """Parses a date, a time, or an age such as 90m, 24h or 7d."""
    if value is None:
        return None
    try:
        return asked_moment(value)
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is not {FORMS}") from error


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
        type=OneOf(["about", "mentioned", "dateline", "publisher"]),
        default="about",
        show_default=True,
        help="The country's role: the article is about it, mentions it, has it in the dateline, or its "
        "publisher is from there.",
    ),
    click.option(
        "--near",
        metavar="LAT,LON,KM",
        help="Articles that mention a place within KM of a point.",
    ),
    click.option(
        "--place",
        type=click.IntRange(1, 2**62),
        metavar="GEONAMEID",
        help="Articles that mention the place with this GeoNames id.",
    ),
    click.option(
        "--form",
        "forms",
        type=OneOf(["name", "adjective", "institution", "dateline"]),
        multiple=True,
        help="With --near or --place: only mentions of this form; repeat for any of several.",
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
    click.option("--story", type=ID, metavar="ID", help="Articles of this story."),
    click.option("--source", help="Articles of this domain."),
    click.option("--provider", help="The original publisher, or the site's name for itself."),
    click.option("--language", help="ISO 639-1 code."),
    click.option("--since", help="Published since: a date, or an age such as 24h or 7d."),
    click.option("--until", help="Published before: the same."),
)


def query_options(command: Callable[..., None]) -> Callable[..., None]:
    """Adds the options that choose articles to a command, which receives them as one `query`."""

    @wraps(command)
    def with_query(*, text: tuple[str, ...], **others: Any) -> None:
        parts = {name: others.pop(name) for name in _PARTS}
        try:
            query = read_query(text=" ".join(text), **parts)
        except UnreadablePart as error:
            raise click.BadParameter(f"{error}.{_suggestion(error)}", param_hint=f"--{error.name}") from error
        command(query=query, **others)

    for option in reversed(_OPTIONS):
        with_query = option(with_query)
    return with_query


_PARTS = (
    "topics", "regions", "together", "role", "near", "place", "forms", "people", "organisations", "quoted",
    "story", "source", "provider", "language", "since", "until",
)  # fmt: skip


def collapse_option(command: Callable[..., None]) -> Callable[..., None]:
    """Adds --collapse to a command that has `query_options`."""

    @wraps(command)
    def with_collapse(*, query: Query, collapse: str | None, **others: Any) -> None:
        command(query=replace(query, collapse=collapse), **others)

    option = click.option(
        "--collapse",
        type=OneOf(COLLAPSES),
        help="One article of each text or story: the newest that is no copy.",
    )
    return option(with_collapse)


def _suggestion(error: UnreadablePart) -> str:
    """What may have been meant, and how to look it up."""
    find = " (`dateline topics --find PART` searches)" if error.name == "topic" else ""
    return f"{near_value(error)}{find}"


def say_near_source(connection: Connection[Any], source: str | None) -> None:
    """Suggests sources with similar names when no article is from the requested one."""
    if source and source not in (known := search.known_sources(connection)):
        click.echo(f"there is no article from {source}.{did_you_mean(source, known)}", err=True)
