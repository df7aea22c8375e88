"""`dateline export`: all articles of a search, with text and tags, as a file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.cli.choosing import collapse_option, query_options, say_near_source
from services.cli.output import standard_output, whole_file
from services.cli.servers import database
from services.cli.suggesting import OneOf
from services.store import article_reader, exporting
from services.store.search_query import Query


@click.command()
@query_options
@collapse_option
@click.option("--format", "kind", type=OneOf(exporting.FORMATS), default="jsonl", show_default=True)
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False),
    help="The file to write; standard output by default.",
)
def export(query: Query, kind: str, output: str | None) -> None:
    """Export articles with their text and tags, in constant memory. Takes the options of `dateline search`.

    \b
      dateline export --since 7d > week.jsonl
      dateline export --topic sport --format csv -o sport.csv
      dateline export --region Sahel --format parquet -o sahel.parquet
      dateline export --since 7d --collapse copies > texts.jsonl
    """
    if output is None and kind == "parquet" and sys.stdout.isatty():
        raise click.UsageError("Parquet is binary: name a file with --output")
    console = Console(stderr=True)
    with (
        database() as connection,
        whole_file(Path(output)) if output else standard_output() as out,
        Progress(
            TextColumn("exporting"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
            console=console, transient=True, disable=not console.is_terminal,
        ) as progress,
    ):  # fmt: skip
        task = progress.add_task("export", total=article_reader.count(connection, query))
        written = 0

        def counted(rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
            nonlocal written
            for row in rows:
                written += 1
                progress.advance(task)
                yield row

        for block in exporting.encoded(counted(article_reader.stream(connection, query)), kind):
            out.write(block)
        out.flush()
        if not written:
            say_near_source(connection, query.source)
    click.echo(f"{written:,} articles{f' in {output}' if output else ''}", err=True)
