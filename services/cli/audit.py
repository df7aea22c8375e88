"""`dateline audit`: the audit log: who deleted or changed what, and when."""

from __future__ import annotations

from datetime import datetime

import click
from rich.table import Table
from rich.text import Text

from services.cli.choosing import moment_option
from services.cli.output import console, plain
from services.cli.servers import database
from services.cli.suggesting import SuggestingGroup
from services.store import audit as entries


@click.group(cls=SuggestingGroup)
def audit() -> None:
    """Who deleted or changed what, and when.

    \b
      dateline audit list --since 7d
    """


@audit.command("list")
@click.option("--since", callback=moment_option, help="Only since: a date, or an age such as 24h or 7d.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead of a table.")
def audit_list(since: datetime | None, limit: int, as_json: bool) -> None:
    """List entries of the audit log, newest first.

    \b
      dateline audit list --since 24h
      dateline audit list --json | jq .who
    """
    with database() as connection:
        found = entries.listed(connection, since=since, limit=limit)
    if as_json:
        for row in found:
            click.echo(plain(row))
        return
    table = Table(box=None, pad_edge=False)
    for column in ("when", "who", "what", "subject", "detail"):
        table.add_column(column)
    for row in found:
        cells = (
            row["at"].strftime("%Y-%m-%d %H:%M:%S"),
            row["who"],
            row["action"],
            row["subject"],
            plain(row["detail"]),
        )
        table.add_row(*map(Text, cells))
    console.print(table if found else "the audit log is empty")
