"""`dateline dead`: lists, replays and drops dead letters."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click
from psycopg import Connection
from rich.table import Table
from rich.text import Text

from services.cli.choosing import moment_option
from services.cli.dead.messages import messages
from services.cli.output import ID, ago, console, plain
from services.cli.servers import database
from services.cli.suggesting import OneOf, SuggestingGroup
from services.cli.whoami import who
from services.contract.near_names import did_you_mean
from services.store import audit, dead_letters
from services.store.status import known_reasons

_STAGES = ("dispatch", "ingest", "enrich", "store")
F = TypeVar("F", bound=Callable[..., Any])


@click.group(cls=SuggestingGroup)
def dead() -> None:
    """Dead letters: URLs that failed permanently, with reason and error.

    \b
      dateline dead list --since 24h --reason http_404
      dateline dead show 17                             the whole error
      dateline dead replay --reason timeout             submit their URLs again
      dateline dead messages                            messages in quarantine
    """


def _filtered(command: F) -> F:
    """Adds the options that filter dead letters."""
    for option in (
        click.option("--until", callback=moment_option, help="Failed before: likewise."),
        click.option(
            "--since", callback=moment_option, help="Failed since: a date, or an age such as 24h or 7d."
        ),
        click.option("--source", help="Only URLs of this host and its subdomains."),
        click.option("--stage", type=OneOf(_STAGES), help="Only this stage."),
        click.option("--reason", help="Only this reason, such as http_404."),
    ):
        command = option(command)
    return command


dead.add_command(messages)


@dead.command("list")
@_filtered
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead of a table.")
def dead_list(limit: int, as_json: bool, **which: Any) -> None:
    """List dead letters that were not replayed, newest first.

    \b
      dateline dead list --since 24h --until 1h
      dateline dead list --reason http_404 --source example.org --json
    """
    with database() as connection:
        letters = dead_letters.list_letters(connection, dead_letters.LetterFilter(**which), limit=limit)
        if not letters:
            _say_near_reason(connection, which["reason"])
    if as_json:
        for letter in letters:
            click.echo(plain(letter))
        return
    table = Table(box=None, pad_edge=False)
    for column in ("id", "failed", "stage", "reason", "attempts", "url"):
        table.add_column(column, overflow="ellipsis", no_wrap=column != "url")
    for letter in letters:
        table.add_row(
            str(letter["id"]),
            ago(letter["failed_at"]),
            letter["stage"],
            letter["reason"],
            str(letter["attempts"]),
            Text(letter["url"]),
        )
    console.print(table if letters else "no dead letters")


@dead.command("show")
@click.argument("letter_id", type=ID)
def dead_show(letter_id: int) -> None:
    """Show a dead letter: reason, error, payload, traceback.

    \b
      dateline dead show 17
    """
    with database() as connection:
        letter = dead_letters.get_letter(connection, letter_id)
    if letter is None:
        click.echo(f"dateline: there is no dead letter {letter_id}", err=True)
        sys.exit(1)
    for key, value in letter.items():
        if value is not None:
            console.print(
                Text(f"{key}: {plain(value) if isinstance(value, (dict, list)) else value}"), soft_wrap=True
            )


@dead.command("replay")
@click.argument("letter_ids", type=ID, nargs=-1)
@_filtered
@click.option("--all", "every", is_flag=True, help="All letters.")
def dead_replay(letter_ids: tuple[int, ...], every: bool, **which: Any) -> None:
    """Replay the URLs of dead letters; the letters are kept, marked as replayed.

    \b
      dateline dead replay 17 18
      dateline dead replay --reason timeout --since 7d
    """
    chosen = _chosen(letter_ids, every, which)
    with database() as connection:
        count = dead_letters.replay(connection, chosen)
        if not count:
            _say_near_reason(connection, which["reason"])
        audit.note(connection, who(), "letters_replayed", urls=count, **_told(chosen))
    click.echo(f"{count:,} URLs start again")


@dead.command("drop")
@click.argument("letter_ids", type=ID, nargs=-1)
@_filtered
@click.option("--all", "every", is_flag=True, help="All letters.")
def dead_drop(letter_ids: tuple[int, ...], every: bool, **which: Any) -> None:
    """Delete dead letters; their URLs stay in the ledger as failed.

    \b
      dateline dead drop --reason http_410 --until 30d
    """
    chosen = _chosen(letter_ids, every, which)
    with database() as connection:
        count = dead_letters.drop(connection, chosen)
        if not count:
            _say_near_reason(connection, which["reason"])
        audit.note(connection, who(), "letters_dropped", letters=count, **_told(chosen))
    click.echo(f"{count:,} letters deleted")


def _say_near_reason(connection: Connection[Any], reason: str | None) -> None:
    if reason and reason not in (known := known_reasons(connection)):
        click.echo(f"nothing ended with the reason {reason!r} yet.{did_you_mean(reason, known)}", err=True)


def _told(chosen: dead_letters.LetterFilter) -> dict[str, Any]:
    """The filter, as the audit log records it."""
    return {name: value for name, value in chosen.values.items() if value is not None}


def _chosen(letter_ids: tuple[int, ...], every: bool, which: dict[str, Any]) -> dead_letters.LetterFilter:
    if not (letter_ids or every or any(which.values())):
        raise click.UsageError(
            "name the letters by id, by --reason, --stage, --source, --since or --until, or say --all"
        )
    return dead_letters.LetterFilter(ids=letter_ids, **which)
