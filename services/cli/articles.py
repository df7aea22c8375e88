"""`dateline articles`: deleting articles for good, keeping them out, letting them back."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import click
import psycopg
from rich.table import Table
from rich.text import Text

from services.cli.choosing import moment_option
from services.cli.output import ago, console, plain
from services.cli.search import print_articles
from services.cli.servers import database, warc_dir
from services.cli.suggesting import SuggestingGroup
from services.cli.whoami import who
from services.contract.errors import PermanentError
from services.contract.urls import parse_url
from services.store import audit, deletion, retention, search
from services.store.search_query import Query

_BATCH = 500
_SHOWN = 20
_ALL = 2**31


@click.group(cls=SuggestingGroup)
def articles() -> None:
    """Articles that must go: deleted for good, kept out, or let back.

    \b
      dateline articles delete https://site.example/story --reason "request of 3 March"
      dateline articles delete --source site.example --dry-run
      dateline articles allow https://site.example/story
      dateline articles deleted
    """


def _choosing(command: Any) -> Any:
    """The options that choose articles."""
    for option in (
        click.option("--yes", is_flag=True, help="Do not ask."),
        click.option("--dry-run", is_flag=True, help="Only say what would go."),
        click.option(
            "--older-than", "until", callback=moment_option, metavar="AGE",
            help="Only what was published (or else fetched) longer ago, such as 90d.",
        ),
        click.option("--source", help="Only articles of this domain."),
        click.option("--query", "text", help="Only articles that match these words, as `dateline search` finds them."),
    ):  # fmt: skip
        command = option(command)
    return command


@articles.command()
@click.argument("which", metavar="[URL|ID]...", nargs=-1)
@_choosing
@click.option(
    "--reason", default="on request", show_default=True, help="Kept with the tombstone and in the audit."
)
def delete(
    which: tuple[str, ...], text: str | None, source: str | None, until: datetime | None, dry_run: bool, yes: bool,
    reason: str,
) -> None:  # fmt: skip
    """Delete articles with their versions, tags, links and raw answers, and keep their addresses out from now on.

    The change feed and webhooks tell of it. Raw answers are removed from the archive at once where DATELINE_WARC_DIR
    leads to it; else `dateline articles erase` removes them, on a machine that has it.

    \b
      dateline articles delete https://site.example/story --reason "request of 3 March"
      dateline articles delete --source site.example --dry-run
    """
    ids, hashes = _named(which)
    query = _query(text, source, until)
    if bool(which) == (query is not None):
        raise click.UsageError(
            "name articles by URL or id, or choose them by --query, --source and --older-than"
        )
    with database() as connection:
        if query:
            ids = tuple(_ids(connection, query))
        found = deletion.articles_of(connection, ids, hashes)
        if missing := [i for i in ids if i not in set(found)]:
            raise PermanentError("no_article", f"there is no article {missing[0]}")
        _show(connection, found)
        if dry_run or not (found or hashes) or not _agreed(yes, f"delete {len(found):,} articles for good?"):
            return
        total = deletion.Deleted()
        for start in range(0, max(1, len(found)), _BATCH):
            part = found[start : start + _BATCH]
            bars = hashes if not start else ()
            total += deletion.delete(connection, ids=part, hashes=bars, reason=reason, who=who())
            connection.commit()
        click.echo(f"{total.articles:,} articles deleted; {total.addresses:,} addresses are kept out")
        _erase_pending(connection, required=False)


def _named(which: tuple[str, ...]) -> tuple[tuple[int, ...], list[bytes]]:
    ids = tuple(int(one) for one in which if one.isascii() and one.isdecimal() and len(one) < 19)
    return ids, [
        parse_url(one).hash for one in which if not (one.isascii() and one.isdecimal() and len(one) < 19)
    ]


def _query(text: str | None, source: str | None, until: datetime | None) -> Query | None:
    return Query(text=text, source=source, until=until) if text or source or until else None


def _ids(connection: psycopg.Connection[Any], query: Query) -> list[int]:
    return sorted(search.ids_of(connection, query, most=2**31 - 1))


def _show(connection: psycopg.Connection[Any], ids: list[int]) -> None:
    click.echo(f"{len(ids):,} articles" + (f", the first {_SHOWN} of which:" if len(ids) > _SHOWN else ""))
    print_articles(search.summaries(connection, ids[:_SHOWN]))


def _agreed(yes: bool, question: str) -> bool:
    return yes or click.confirm(question)


@articles.command()
@_choosing
@click.option(
    "--keep", type=click.Choice(retention.KEEPS), default="nothing", show_default=True,
    help="What stays. tags: all but the text and raw answer; text: all but the raw answer; nothing: only the ledger's entry.",
)  # fmt: skip
def retain(
    text: str | None, source: str | None, until: datetime | None, dry_run: bool, yes: bool, keep: str
) -> None:
    """Let go of articles that are no longer kept: their text, their raw answers, or all of them.

    The ledger keeps its entry, so that a known URL stays known; nothing is kept out (see `delete`). Try --dry-run first.

    \b
      dateline articles retain --older-than 90d --keep text --dry-run
      dateline articles retain --older-than 365d --source site.example --yes
    """
    query = _query(text, source, until)
    if query is None:
        raise click.UsageError("choose articles by --older-than, --source or --query")
    with database() as connection:
        found = retention.candidates(connection, _ids(connection, query), keep)
        _show(connection, found)
        if (
            dry_run
            or not found
            or not _agreed(yes, f"let go of {len(found):,} articles (what stays: {keep})?")
        ):
            return
        for start in range(0, len(found), _BATCH):
            retention.let_go(connection, found[start : start + _BATCH], keep, who=who())
            connection.commit()
        click.echo(f"{len(found):,} articles let go; what stays: {keep}")
        _erase_pending(connection, required=False)


@articles.command()
@click.argument("url")
def allow(url: str) -> None:
    """Let a deleted address come back: `dateline submit --again URL` then fetches it.

    \b
      dateline articles allow https://site.example/story
    """
    with database() as connection:
        lifted = deletion.allow(connection, parse_url(url).hash, who=who())
    if not lifted:
        raise PermanentError(
            "no_tombstone", f"{url} is not kept out: `dateline articles deleted` shows what is"
        )
    click.echo(f"{lifted} addresses may come again: `dateline submit --again {url}` fetches this one")


@articles.command()
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead of a table.")
def deleted(limit: int, as_json: bool) -> None:
    """List addresses that are kept out, the newest first.

    \b
      dateline articles deleted --json
    """
    with database() as connection:
        found = deletion.listed(connection, limit=limit)
    if as_json:
        for row in found:
            click.echo(plain(row))
        return
    table = Table(box=None, pad_edge=False)
    for column in ("deleted", "by", "reason", "address"):
        table.add_column(column)
    for row in found:
        table.add_row(f"{ago(row['deleted_at'])} ago", *map(Text, (row["deleted_by"], row["reason"], row["url"] or row["url_hash"])))  # fmt: skip
    console.print(table if found else "no address is kept out")


@articles.command()
@click.option(
    "--sweep", is_flag=True, help="Read the whole archive, and remove every answer of a deleted address."
)
def erase(sweep: bool) -> None:
    """Remove raw answers of deleted articles from the archive.

    Only those that deletions left, where they had no archive at hand. With --sweep the files are read whole: an
    address that was fetched several times has earlier answers that no table knows of.

    \b
      dateline articles erase
      docker compose run --rm cli articles erase --sweep     with compose, whose archive is a volume
    """
    with database() as connection:
        _erase_pending(connection, required=True)
        if sweep:
            _sweep(connection)


def _erase_pending(connection: psycopg.Connection[Any], *, required: bool) -> None:
    """Remove what is pending, each noted as it is done; what cannot be removed stays pending, with why."""
    from services.warc.erasure import erase as erase_record

    pending = len(deletion.raw_pending(connection, limit=_ALL))
    folder = _archive(required)
    done, failed = deletion.clear_raw(connection, folder, erase_record, limit=_ALL) if folder else (0, 0)
    if required or pending:
        left = pending - done
        click.echo(f"{done:,} raw answers removed from the archive" + (f", {left:,} pending" if left else ""))
    if failed:
        click.echo("see `error` in the table raw_removals; `dateline articles erase` tries again", err=True)


def _archive(required: bool) -> Path | None:
    """The archive's folder; None where this machine has none and that is no error."""
    try:
        folder = warc_dir()
    except PermanentError:
        if required:
            raise
        return None
    return folder if folder.is_dir() else None


def _sweep(connection: psycopg.Connection[Any]) -> None:
    from services.warc.erasure import sweep as sweep_file
    from services.warc.records import NotWarc

    hashes = deletion.known_hashes(connection)
    removed = 0
    for path in sorted(warc_dir().rglob("*.warc*")) if hashes else ():
        try:
            removed += sweep_file(path, hashes)
        except (OSError, ValueError, NotWarc) as error:
            click.echo(f"{path}: {error}", err=True)
    audit.note(connection, who(), "archive_swept", str(warc_dir()), records=removed, addresses=len(hashes))
    click.echo(f"{removed:,} more answers of deleted addresses removed")
