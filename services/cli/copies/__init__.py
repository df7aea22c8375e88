"""`dateline copies`: who else printed a text, of a stored article or, without servers, of those of a file."""

from __future__ import annotations

import sys
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from services.cli.output import console, plain
from services.cli.servers import database
from services.contract.errors import PermanentError

_MOST = 1_000


@click.command()
@click.argument("target", metavar="URL|ID|FILE|-")
@click.option(
    "--window-days",
    type=click.FloatRange(0.01, 36_500),
    help="Of a file: compare only articles of so many days.  [default: all of the file]",
)
@click.option("--json", "as_json", is_flag=True, help="Of a stored article: one JSON object, with passages.")
def copies(target: str, window_days: float | None, as_json: bool) -> None:
    """Show who else printed a text: of a stored article by its URL or id, or among the articles of a file.

    \b
      dateline copies https://example.org/news/1      the family of a stored article's text
      dateline copies 4711 --json                     the same by its id, with the passages in both texts
      dateline copies articles.jsonl | jq 'select(.copy_of)'
      zcat articles.jsonl.gz | dateline copies -

    Digits are an id and https:// begins a URL; anything else is a file, which needs no server (a file whose
    name is a number: ./4711). A file has one article a line, JSON objects with "id", "title", "text", and
    optionally "domain", "url", "published_at", "agency", "provider". For each, a line is printed: the "id",
    "copy_of" (the id of the article it is a copy of, or null), "kind" (verbatim, cut, extended, edited,
    joined), "share" of its words that stand there too, "parent_share", the "reason" why that one is the
    parent, and "passages": offsets in characters of both texts. A line that cannot be read gets an "error",
    and the exit status is 1.
    """
    if target.isascii() and (target.isdigit() or target.lower().startswith(("http://", "https://"))):
        if window_days is not None:
            raise click.UsageError("--window-days is for a file; stored articles were compared as they came")
        _of_stored(target, as_json)
        return
    if as_json:
        raise click.UsageError("--json is for a stored article; of a file, a JSON object a line is printed")
    from services.cli.copies.of_file import print_copies

    source = click.File("rb").convert(target, None, click.get_current_context())
    print_copies(source, window_days)


def stored_id(connection: Any, written: str) -> int:
    """The id of a stored article by its id or URL. Raises PermanentError."""
    from services.contract.urls import parse_url
    from services.store.copies import article_of

    key = int(written) if written.isdigit() else parse_url(written).hash
    found = article_of(connection, key)
    if found is None:
        remedy = "" if written.isdigit() else f"; `dateline trace {written}` tells what became of it"
        raise PermanentError("no_article", f"no stored article is {written}{remedy}")
    return found


def _of_stored(target: str, as_json: bool) -> None:
    from services.store.copies import family

    with database() as connection:
        found = family(connection, stored_id(connection, target), limit=_MOST)
    assert found is not None  # it was there a moment ago
    if as_json:
        click.echo(plain(found))
        return
    if not found["total"]:
        click.echo("no copy of this text is known, and it is none", err=True)
        sys.exit(0)
    table = Table(box=None, pad_edge=False)
    for column in ("id", "appeared (UTC)", "source", "kind", "share", "of parent", "title"):
        table.add_column(column, **({"ratio": 1} if column == "title" and console.is_terminal else {}))  # type: ignore[arg-type]
    root = [found["root"]] if found["root"] else []
    for row in [*root, *found["copies"]]:
        relation = row["copy"]
        marked = "bold" if row["id"] == found["article_id"] else ""
        table.add_row(
            str(row["id"]),
            row["at"].strftime("%Y-%m-%d %H:%M"),
            Text(row["site_name"] or row["source"]),
            relation["kind"] if relation else "parent",
            f"{relation['share']:.0%}" if relation else "",
            f"{relation['parent_share']:.0%}" if relation else "",
            Text(row["title"]),
            style=marked,
        )
    console.print(table)
    if found["total"] > _MOST:
        click.echo(f"and {found['total'] - _MOST:,} more", err=True)
