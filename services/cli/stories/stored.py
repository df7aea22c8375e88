"""`dateline stories list` and `show`: stories of what is stored."""

from __future__ import annotations

import re
from typing import Any

import click
from psycopg import Connection
from rich.table import Table
from rich.text import Text

from services.cli.choosing import query_options, say_near_source
from services.cli.copies import stored_id
from services.cli.output import console, plain
from services.cli.servers import database
from services.cli.suggesting import OneOf
from services.contract.errors import PermanentError
from services.store import search
from services.store import stories as store
from services.store.search_query import Query, conditions

_MOST_BY_ID = 20_000
"""Articles: of so many at most the stories are looked up; of more, stories are looked through in order."""
_CURSOR = re.compile(r"[a-z]+(\.-?\d{1,19}){3}")
_MOST_SHOWN = 1_000


@click.command("list")
@query_options
@click.option(
    "--order", type=OneOf(store.ORDERS), default="size", show_default=True,
    help=f"size: articles; growth: articles of the last {store.GROWTH_H} hours; new: begun last; latest: "
    "with the newest article.",
)  # fmt: skip
@click.option(
    "--least",
    type=click.IntRange(2, 10_000),
    default=store.LEAST,
    show_default=True,
    help="Least articles.",
)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@click.option("--after", metavar="CURSOR", help="Continue after a list: `next` of its last line of --json.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead of a table.")
def list_stories(query: Query, order: str, least: int, limit: int, after: str | None, as_json: bool) -> None:
    """List stories of which an article matches. Takes the options of `dateline search`.

    \b
      dateline stories list --since 24h
      dateline stories list --order growth --region Sahel
      dateline stories list strike --language en --json
    """
    if after is not None and not _CURSOR.fullmatch(after):
        raise click.BadParameter(f"{after!r} is no cursor", param_hint="--after")
    with database() as connection:
        found = _listed(connection, query, order=order, least=least, limit=limit, cursor=after)
        ids = [row["first_article_id"] for row in found.rows if row["first_article_id"]]
        first = {row["id"]: row for row in search.summaries(connection, ids)}
        if not found.rows:
            say_near_source(connection, query.source)
    rows = [row | {"title": first.get(row["first_article_id"], {}).get("title", "")} for row in found.rows]
    if as_json:
        for n, row in enumerate(rows, 1):
            click.echo(plain(row | ({"next": found.next} if n == len(rows) else {})))
        return
    _print(rows)
    if not rows:
        click.echo("no story has such an article", err=True)


def _listed(connection: Connection[Any], query: Query, **how: Any) -> store.StoryPage:
    """Where few articles match, their stories; else stories in order, of which many match."""
    ids = None
    if conditions(query)[0] != "true":
        found = search.ids_of(connection, query, most=_MOST_BY_ID + 1)
        ids = found if len(found) <= _MOST_BY_ID else None
    try:
        return store.listed(connection, query, ids=ids, **how)
    except store.BadCursor as error:
        raise click.BadParameter(f"{how['cursor']!r} {error}", param_hint="--after") from error


def _print(rows: list[dict[str, Any]]) -> None:
    fits = console.is_terminal
    table = Table(box=None, pad_edge=False, row_styles=["", "dim"] if fits else None)
    for column in ("id", "articles", "reports", "sources", "an hour", "first (UTC)", "latest (UTC)", "title"):
        wide: dict[str, Any] = {"ratio": 1} if fits and column == "title" else {"no_wrap": True}
        table.add_column(column, **wide)
    for row in rows:
        table.add_row(
            str(row["id"]), f"{row['articles']:,}", f"{row['reports']:,}", f"{row['sources']:,}",
            f"{row['growth']:g}" if row["growth"] else "–", f"{row['first_at']:%Y-%m-%d %H:%M}",
            f"{row['last_at']:%Y-%m-%d %H:%M}", Text(row["title"]),
        )  # fmt: skip
    if rows:
        console.print(table)


@click.command()
@click.argument("story", metavar="ID|URL")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
def show(story: str, as_json: bool) -> None:
    """Show a story: who printed what, and when. By its id, or by the URL of one of its articles.

    \b
      dateline stories show 4711
      dateline stories show https://example.org/news/1 --json
    """
    with database() as connection:
        found = store.one(connection, _story_id(connection, story))
        if found is None:
            raise PermanentError("no_story", f"there is no story {story}: `dateline stories list` shows them")
        members, _ = store.articles(connection, found["id"], limit=_MOST_SHOWN)
    if as_json:
        click.echo(plain(found | {"members": members}))
        return
    counts = f"{found['articles']:,} articles · {found['reports']:,} reports · {found['sources']:,} sources"
    console.print(Text(f"story {found['id']}: {counts}", style="bold"), soft_wrap=True)
    table = Table(box=None, pad_edge=False)
    for column in ("article", "appeared (UTC)", "source", "how", "title"):
        table.add_column(column, **({"ratio": 1} if column == "title" and console.is_terminal else {}))  # type: ignore[arg-type]
    for row in members:
        table.add_row(
            str(row["id"]), f"{row['at']:%Y-%m-%d %H:%M}", Text(row["site_name"] or row["source"]),
            Text(_how(row)), Text(row["title"]),
        )  # fmt: skip
    console.print(table)
    if found["articles"] > len(members):
        click.echo(f"and {found['articles'] - len(members):,} more", err=True)


def _story_id(connection: Connection[Any], written: str) -> int:
    if written.isascii() and written.isdigit():
        return min(int(written), 2**63 - 1)
    article = stored_id(connection, written)
    row = connection.execute(
        "SELECT story_id FROM story_articles WHERE article_id = %s", (article,)
    ).fetchone()
    if row is None:
        raise PermanentError("no_story", f"article {article} has no story yet: it has not been compared")
    return int(row[0])


def _how(row: dict[str, Any]) -> str:
    if row["copy"]:
        return f"{row['copy']['kind']} copy of {row['copy']['parent_id']}"
    return "began it" if row["score"] is None else f"report, {row['score']:.0%}"
