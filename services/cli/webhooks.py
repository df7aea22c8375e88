"""`dateline webhooks`: saved searches whose new articles are sent to a receiver."""

from __future__ import annotations

import click
from rich.table import Table
from rich.text import Text

from services.cli.choosing import collapse_option, query_options
from services.cli.output import ID, ago, console, plain
from services.cli.servers import database
from services.cli.suggesting import OneOf, SuggestingGroup
from services.cli.whoami import who
from services.contract.errors import PermanentError
from services.contract.urls import parse_url
from services.store import audit, changes
from services.store import webhooks as store
from services.store.search_query import Query


@click.group(cls=SuggestingGroup)
def webhooks() -> None:
    """Webhooks send every new article that a search finds to a receiver.

    \b
      dateline webhooks add floods https://hooks.example.org/x flood --region Sahel
      dateline webhooks list                 with errors
      dateline webhooks resume 2             after it was paused
    """


@webhooks.command()
@click.argument("name")
@click.argument("url")
@query_options
@collapse_option
@click.option(
    "--kind", "kinds", type=OneOf((*changes.OF_ARTICLES, *changes.OF_STORIES)), multiple=True,
    help="Tell of these changes, those of stories too; repeat for several.  [default: those of articles]",
)  # fmt: skip
def add(name: str, url: str, query: Query, kinds: tuple[changes.Kind, ...]) -> None:
    """Send to URL every new article that the search finds. Takes the options of `dateline search`.

    Prints the secret that signs deliveries (docs/desk.md says how to verify them).

    \b
      dateline webhooks add floods https://hooks.example.org/x flood --region Sahel
      dateline webhooks add stories https://hooks.example.org/y --kind story_created --kind story_grew
      dateline webhooks add texts https://hooks.example.org/z --collapse copies
    """
    with database() as connection:
        number, secret = store.add(connection, name, parse_url(url).url, query, kinds)
        audit.note(connection, who(), "webhook_added", f"webhook {number}", name=name, url=parse_url(url).url)
    click.echo(secret)
    click.echo(f"webhook {number}; save the secret now, it is not shown again", err=True)


@webhooks.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead of a table.")
def list_webhooks(as_json: bool) -> None:
    """List webhooks, their last delivery and errors.

    \b
      dateline webhooks list
    """
    with database() as connection:
        found = store.listed(connection)
    if as_json:
        for row in found:
            click.echo(plain(row))
        return
    table = Table(box=None, pad_edge=False)
    for column in ("id", "name", "receiver", "told", "last", "state"):
        table.add_column(column)
    for row in found:
        failing = f"failed {row['failures']}×: {row['last_error']}" if row["failures"] else "ok"
        state = (
            Text(f"paused, {failing}", "red")
            if row["paused"]
            else Text(failing, "yellow" if row["failures"] else "green")
        )
        last = f"{ago(row['last_delivered_at'])} ago" if row["last_delivered_at"] else "never"
        table.add_row(
            str(row["id"]), Text(row["name"]), Text(row["url"]), f"{row['delivered']:,}", last, state
        )
    console.print(table if found else "no webhooks: `dateline webhooks add NAME URL` adds one")


@webhooks.command()
@click.argument("webhook_id", metavar="ID", type=ID)
def resume(webhook_id: int) -> None:
    """Resume a paused webhook, at once and where it stopped.

    \b
      dateline webhooks resume 2
    """
    with database() as connection:
        if not store.resume(connection, webhook_id):
            raise _none(webhook_id)
        audit.note(connection, who(), "webhook_resumed", f"webhook {webhook_id}")
    click.echo(f"resumed: {webhook_id}")


@webhooks.command()
@click.argument("webhook_id", metavar="ID", type=ID)
def remove(webhook_id: int) -> None:
    """Delete a webhook.

    \b
      dateline webhooks remove 2
    """
    with database() as connection:
        if not store.remove(connection, webhook_id):
            raise _none(webhook_id)
        audit.note(connection, who(), "webhook_removed", f"webhook {webhook_id}")
    click.echo(f"removed: {webhook_id}")


def _none(webhook_id: int) -> PermanentError:
    return PermanentError(
        "no_webhook", f"there is no webhook {webhook_id}: `dateline webhooks list` shows them"
    )
