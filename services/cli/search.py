"""`dateline search`: stored articles by text, topic, region, place, source and time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.cli.choosing import collapse_option, query_options, say_near_source
from services.cli.output import console, plain
from services.cli.servers import database
from services.store.search import find
from services.store.search_query import Query


@click.command()
@query_options
@collapse_option
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
        if not found:
            say_near_source(connection, query.source)
    if as_json:
        for row in found:
            click.echo(plain(row))
        return
    print_articles(found)
    if not found:
        click.echo("no article matches", err=True)


def print_articles(found: list[dict[str, Any]], *, to: Console = console) -> None:
    """Prints articles as a table: title, topics, countries, source, date."""
    fits = to.is_terminal
    table = Table(box=None, pad_edge=False, row_styles=["", "dim"] if fits else None)
    for column, options in (
        ("title", {"ratio": 5}),
        ("topics", {"ratio": 3}),
        ("about", {"ratio": 2}),
        ("source", {}),
        ("published", {"no_wrap": True}),
    ):
        table.add_column(column, **(options if fits else {}))  # type: ignore[arg-type]
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
