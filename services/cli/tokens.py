"""`dateline tokens`: access tokens of the desk's API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import click
from rich.table import Table
from rich.text import Text

from services.cli.output import ID, ago, console, plain
from services.cli.servers import database
from services.cli.suggesting import OneOf, SuggestingGroup
from services.cli.whoami import who
from services.contract.errors import PermanentError
from services.store import audit
from services.store import tokens as store


@click.group(cls=SuggestingGroup)
def tokens() -> None:
    """Access tokens for the desk's API and, outside development, its page.

    \b
      dateline tokens add grafana --scope read
      dateline tokens add newsroom --scope read --scope submit --days 365
      dateline tokens revoke 3
    """


@tokens.command()
@click.argument("name")
@click.option(
    "--scope", "scopes", multiple=True, type=OneOf(store.SCOPES), default=("read",), show_default=True,
    help="read: read everything; submit: submit URLs; admin: replay, webhooks and everything else. "
        "Repeatable.",
)  # fmt: skip
@click.option(
    "--days",
    type=click.IntRange(1, 3650),
    help="Expires after so many days; by default valid until revoked.",
)
def add(name: str, scopes: tuple[str, ...], days: int | None) -> None:
    """Create a token and print it. It cannot be shown again: only its hash is stored.

    \b
      dateline tokens add grafana --scope read
      dateline tokens add newsroom --scope read --scope submit --days 365
    """
    expires_at = datetime.now(UTC) + timedelta(days=days) if days else None
    with database() as connection:
        number, token = store.add(connection, name, scopes, expires_at=expires_at)
        audit.note(
            connection,
            who(),
            "token_created",
            f"token {number}",
            name=name,
            scopes=scopes,
            expires_at=expires_at,
        )
    click.echo(token)
    click.echo(f"token {number} for {name}; save it now, it is not shown again", err=True)


@tokens.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead of a table.")
def list_tokens(as_json: bool) -> None:
    """List tokens: scopes, last use, validity.

    \b
      dateline tokens list
    """
    with database() as connection:
        found = store.listed(connection)
    if as_json:
        for row in found:
            click.echo(plain(row))
        return
    table = Table(box=None, pad_edge=False)
    for column in ("id", "name", "scopes", "made", "last used", "state"):
        table.add_column(column)
    for row in found:
        ended = row["expires_at"] is not None and row["expires_at"] < datetime.now(UTC)
        state = "revoked" if row["revoked_at"] else "ended" if ended else "valid"
        used = f"{ago(row['last_used_at'])} ago" if row["last_used_at"] else "never"
        table.add_row(
            str(row["id"]),
            Text(row["name"]),
            ", ".join(row["scopes"]),
            f"{ago(row['created_at'])} ago",
            used,
            state,
        )
    console.print(table if found else "no tokens: `dateline tokens add NAME` creates one")


@tokens.command()
@click.argument("token_id", metavar="ID", type=ID)
def revoke(token_id: int) -> None:
    """Revoke a token, at once.

    \b
      dateline tokens revoke 3
    """
    with database() as connection:
        if not store.revoke(connection, token_id):
            raise PermanentError(
                "no_token", f"there is no valid token {token_id}: `dateline tokens list` shows them"
            )
        audit.note(connection, who(), "token_revoked", f"token {token_id}")
    click.echo(f"revoked: {token_id}")
