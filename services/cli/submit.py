"""`dateline submit`: records URLs in the ledger."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

import click
import psycopg
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from services.cli.output import storable
from services.cli.reading import NoLines, bounded_lines
from services.cli.servers import database
from services.cli.warc_import import submit_warc
from services.contract.errors import PermanentError
from services.store.intake import LINE_CAP_BYTES, ParsedLine, parse_lines
from services.store.ledger import Entry, Recorded, Refusal, record

_BATCH = 1_000


@click.command()
@click.argument("urls", nargs=-1, metavar="URL… | -")
@click.option(
    "--file",
    "-f",
    "files",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False),
    help="A file with one URL or one JSON object a line.",
)
@click.option(
    "--warc",
    "warcs",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False),
    help="A WARC file, such as a crawl's; its pages are read from it instead of being fetched.",
)
@click.option("--again", is_flag=True, help="Fetch known URLs again, also those that failed.")
@click.option(
    "--origin",
    default="cli",
    show_default=True,
    help="A label for where these URLs come from, stored with them.",
)
@click.option("--quiet", "-q", is_flag=True, help="Print only refusals.")
def submit(
    urls: tuple[str, ...],
    files: tuple[str, ...],
    warcs: tuple[str, ...],
    again: bool,
    origin: str,
    quiet: bool,
) -> None:
    """Submit URLs: they are in the ledger when this returns, and are fetched from there.

    A line is a URL, or a JSON object with a "url" and optional metadata: "title", "published_at",
    "authors", "section", "language", "origin". Blank lines and lines that start with # are skipped.
    A bad line is refused, with its number and the reason; the others are submitted.

    \b
      dateline submit https://example.org/news/1 https://example.org/news/2
      dateline submit --file urls.txt
      zcat urls.jsonl.gz | dateline submit -
      dateline submit --warc CC-NEWS-20260301.warc.gz
    """
    if not urls and not files and not warcs:
        raise click.UsageError("name at least one URL, --file FILE, --warc FILE, or - for standard input")
    unread: list[str] = []
    origin = storable(origin)
    total = _count(files) if files and "-" not in urls else None
    lines = chain(_arguments(urls, origin, unread), *(_file(name, origin, unread) for name in files))
    recorded, refused_pages = Recorded(), 0
    console = Console(stderr=True)
    with (
        database() as connection,
        Progress(
            TextColumn("submitting"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
            console=console, transient=True, disable=quiet or not console.is_terminal,
        ) as progress,
    ):  # fmt: skip
        task = progress.add_task("submit", total=total)
        while batch := list(islice(lines, _BATCH)):
            recorded += _record(connection, batch, again)
            progress.update(task, advance=len(batch))
        for name in warcs:
            try:
                of_file = submit_warc(connection, Path(name), again=again, origin=origin, quiet=quiet)
                recorded += of_file
                refused_pages += of_file.refused  # a crawl's own, not the user's mistake
            except (PermanentError, OSError) as error:
                unread.append(name)
                click.echo(f"not read: {_said(name, error)}", err=True)
    if not quiet:
        again_words = f", {recorded.again:,} once more" if again else ""
        click.echo(
            f"{recorded.new:,} new, {recorded.known:,} known{again_words}, {recorded.refused:,} refused"
        )
    if recorded.refused > refused_pages or unread:
        sys.exit(1)


def _said(name: str, error: Exception) -> str:
    return f"{name}: {error.strerror or error}" if isinstance(error, OSError) else str(error)


def _record(
    connection: psycopg.Connection[object], batch: list[tuple[str, ParsedLine]], again: bool
) -> Recorded:
    entries = [line.result for _, line in batch if isinstance(line.result, Entry)]
    refusals = [line.result for _, line in batch if isinstance(line.result, Refusal)]
    with connection.transaction():
        recorded = record(connection, entries, refusals, again=again)
    for where, line in batch:
        if isinstance(line.result, Refusal):
            click.echo(f"refused: {where}{line.number}: {line.result.error}", err=True)
    return recorded


def _arguments(urls: tuple[str, ...], origin: str, unread: list[str]) -> Iterator[tuple[str, ParsedLine]]:
    for number, url in enumerate(urls, 1):
        if url == "-":
            yield from _lines(sys.stdin.buffer, "standard input", origin, unread)
        else:
            for line in parse_lines([url], origin):
                yield "argument ", ParsedLine(number, line.result)


def _file(name: str, origin: str, unread: list[str]) -> Iterator[tuple[str, ParsedLine]]:
    try:
        with Path(name).open("rb") as stream:
            yield from _lines(stream, name, origin, unread)
    except OSError as error:
        unread.append(name)
        click.echo(f"not read: {_said(name, error)}", err=True)


def _lines(stream: BinaryIO, name: str, origin: str, unread: list[str]) -> Iterator[tuple[str, ParsedLine]]:
    """The lines of a stream. If reading fails, the error is reported, and the lines read so far stay
    submitted."""
    lines = bounded_lines(stream, LINE_CAP_BYTES, refuse_binary=True)
    try:
        yield from ((f"{name}, line ", line) for line in parse_lines(lines, origin))
    except NoLines as error:
        unread.append(name)
        click.echo(f"not read: {name} {error}", err=True)
    except OSError as error:
        unread.append(name)
        click.echo(f"not read to its end: {_said(name, error)}", err=True)


def _count(files: tuple[str, ...]) -> int | None:
    """The number of lines in files; None if one of them is a stream or cannot be read."""
    total = 0
    try:
        for path in map(Path, files):
            if not path.is_file():
                return None
            with path.open("rb") as stream:
                total += sum(1 for line in bounded_lines(stream, LINE_CAP_BYTES) if line.strip())
    except OSError:
        return None
    return total
