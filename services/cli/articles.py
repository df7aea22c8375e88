"""`dateline articles`: deletes articles for good, blocks their URLs, and unblocks them."""

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
from services.cli.suggesting import OneOf, SuggestingGroup
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
    """Delete articles for good, block their URLs, or unblock them.

    \b
      dateline articles delete https://site.example/story --reason "request of 3 March"
      dateline articles delete --source site.example --dry-run
      dateline articles allow https://site.example/story
      dateline articles deleted
    """


def _choosing(command: Any) -> Any:
    """Adds the options that choose articles."""
    for option in (
        click.option("--yes", is_flag=True, help="Do not ask."),
        click.option("--dry-run", is_flag=True, help="Only show what would be deleted."),
        click.option(
            "--older-than", "until", callback=moment_option, metavar="AGE",
            help="Only articles published (or else fetched) longer ago, such as 90d.",
        ),
        click.option("--source", help="Only articles of this domain."),
        click.option(
            "--query", "text", help="Only articles that match this full-text query, as in `dateline search`."
        ),
    ):  # fmt: skip
        command = option(command)
    return command


@articles.command()
@click.argument("which", metavar="[URL|ID]...", nargs=-1)
@_choosing
@click.option(
    "--reason",
    default="on request",
    show_default=True,
    help="Recorded with the tombstone and in the audit log.",
)
def delete(
    which: tuple[str, ...], text: str | None, source: str | None, until: datetime | None, dry_run: bool,
    yes: bool, reason: str,
) -> None:  # fmt: skip
    """Delete articles with their versions, tags, links and raw responses, and block their URLs.

    The change feed and webhooks report it. Raw responses are erased from the archive at once if this machine
    has it (DATELINE_WARC_DIR); else `dateline articles erase` erases them, on a machine that has it.

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
        click.echo(f"{total.articles:,} articles deleted; {total.addresses:,} URLs are blocked")
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
    "--keep", type=OneOf(retention.KEEPS), default="nothing", show_default=True,
    help="What to keep. tags: all but text and raw response; text: all but the raw response; nothing: only "
        "the ledger's entry.",
)  # fmt: skip
def retain(
    text: str | None, source: str | None, until: datetime | None, dry_run: bool, yes: bool, keep: str
) -> None:
    """Remove articles past their retention: their text, their raw responses, or all of them.

    The ledger keeps its entries, so known URLs stay known; no URL is blocked (unlike `delete`). Try --dry-run
    first.

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
        if dry_run or not found or not _agreed(yes, f"remove {len(found):,} articles (keep: {keep})?"):
            return
        for start in range(0, len(found), _BATCH):
            retention.let_go(connection, found[start : start + _BATCH], keep, who=who())
            connection.commit()
        click.echo(f"{len(found):,} articles removed; kept: {keep}")
        _erase_pending(connection, required=False)


@articles.command()
@click.argument("url")
def allow(url: str) -> None:
    """Unblock a deleted URL; `dateline submit --again URL` then fetches it.

    \b
      dateline articles allow https://site.example/story
    """
    with database() as connection:
        lifted = deletion.allow(connection, parse_url(url).hash, who=who())
    if not lifted:
        raise PermanentError(
            "no_tombstone", f"{url} is not blocked: `dateline articles deleted` lists what is"
        )
    click.echo(f"{lifted} URLs unblocked: `dateline submit --again {url}` fetches this one")


@articles.command()
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead of a table.")
def deleted(limit: int, as_json: bool) -> None:
    """List blocked URLs, newest first.

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
        table.add_row(
            f"{ago(row['deleted_at'])} ago",
            *map(Text, (row["deleted_by"], row["reason"], row["url"] or row["url_hash"])),
        )
    console.print(table if found else "no URL is blocked")


@articles.command()
@click.option(
    "--sweep", is_flag=True, help="Read the whole archive, and erase every response of a deleted URL."
)
def erase(sweep: bool) -> None:
    """Erase raw responses of deleted articles from the archive.

    Only those that are pending since a deletion on a machine without the archive. With --sweep all files are
    read: a URL that was fetched several times has earlier responses that no table records.

    \b
      dateline articles erase
      docker compose run --rm cli articles erase --sweep     with compose, whose archive is a volume
    """
    with database() as connection:
        _erase_pending(connection, required=True)
        if sweep:
            _sweep(connection)


def _erase_pending(connection: psycopg.Connection[Any], *, required: bool) -> None:
    """Erases pending records from the archive, each committed at once. A record that cannot be erased
    stays pending, with its error."""
    from services.warc.erasure import erase as erase_record

    pending = len(deletion.raw_pending(connection, limit=_ALL))
    folder = _archive(required)
    done, failed = deletion.clear_raw(connection, folder, erase_record, limit=_ALL) if folder else (0, 0)
    if required or pending:
        left = pending - done
        click.echo(
            f"{done:,} raw responses erased from the archive" + (f", {left:,} pending" if left else "")
        )
    if failed:
        click.echo("see `error` in the table raw_removals; `dateline articles erase` tries again", err=True)


def _archive(required: bool) -> Path | None:
    """The archive's folder; None if this machine has none and that is not an error."""
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
    click.echo(f"{removed:,} more responses of deleted URLs erased")
