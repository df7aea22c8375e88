"""`dateline dead messages`: lists, replays and drops messages in quarantine."""

from __future__ import annotations

import click
from msgspec import DecodeError, Raw, json, structs
from redis.exceptions import RedisError
from rich.table import Table
from rich.text import Text

from services.cli.output import ago, console, plain
from services.cli.servers import broker_url, database, redis_url
from services.cli.suggesting import SuggestingGroup
from services.cli.whoami import who
from services.contract.envelopes import encode
from services.contract.errors import DatelineError, PermanentError
from services.contract.routes import QUEUES, ROUTES
from services.runtime import broker
from services.runtime.broker import is_amqp
from services.runtime.celery_app import make_app
from services.runtime.publish import Publisher
from services.runtime.quarantine import Quarantine, Quarantined
from services.store import audit


@click.group("messages", cls=SuggestingGroup, invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead of a table.")
@click.pass_context
def messages(context: click.Context, as_json: bool) -> None:
    """Messages in quarantine: no worker could decode them. No URL is lost with them: the ledger sends it
    again.

    The newest 1,000 are kept in Redis.

    \b
      dateline dead messages
      dateline dead messages show ID      its raw body
    """
    if context.invoked_subcommand:
        return
    kept = _quarantine().messages()
    if as_json:
        for one in kept:
            click.echo(
                plain(
                    structs.asdict(one)
                    | {"body": one.body.decode("utf-8", "backslashreplace"), "whole": one.whole}
                )
            )
        return
    table = Table(box=None, pad_edge=False)
    for column in ("id", "refused", "queue", "task", "bytes", "reason", "error"):
        table.add_column(column, justify="right" if column == "bytes" else "left", no_wrap=column != "error")
    for one in kept:
        age = f"{ago(one.at)} ago"
        table.add_row(one.id, age, one.queue, one.task or "–", f"{one.size:,}", one.reason, Text(one.error))
    console.print(table if kept else "no messages in quarantine")


@messages.command("show")
@click.argument("message_id")
def messages_show(message_id: str) -> None:
    """Show a message: its reason and its raw body.

    \b
      dateline dead messages show 0199c2f4
    """
    found = next((one for one in _quarantine().messages() if one.id == message_id), None)
    if found is None:
        raise PermanentError(
            "no_message", f"there is no message {message_id}: `dateline dead messages` lists them"
        )
    for key, value in (
        structs.asdict(found) | {"body": found.body.decode("utf-8", "backslashreplace")}
    ).items():
        console.print(Text(f"{key}: {value}"), soft_wrap=True)


@messages.command("replay")
@click.argument("message_ids", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All messages.")
def messages_replay(message_ids: tuple[str, ...], every: bool) -> None:
    """Put messages back on their queues; those refused again return here.

    \b
      dateline dead messages replay --all
    """
    quarantine = _quarantine()
    chosen = _named(message_ids, every)
    kept = [one for one in quarantine.messages() if chosen is None or one.id in chosen]
    sent = [one.id for one in kept if _resent(one)]
    quarantine.drop(set(sent))
    _note("messages_replayed", message_ids, len(sent))
    click.echo(
        f"{len(sent):,} sent again"
        + (f"; {len(kept) - len(sent):,} cannot be" if len(kept) > len(sent) else "")
    )


@messages.command("drop")
@click.argument("message_ids", nargs=-1)
@click.option("--all", "every", is_flag=True, help="All messages.")
def messages_drop(message_ids: tuple[str, ...], every: bool) -> None:
    """Delete messages from quarantine.

    \b
      dateline dead messages drop 0199c2f4
    """
    dropped = _quarantine().drop(_named(message_ids, every))
    _note("messages_dropped", message_ids, dropped)
    click.echo(f"{dropped:,} dropped")


def _note(action: str, message_ids: tuple[str, ...], count: int) -> None:
    """Records it in the audit log. Without a database it says so and goes on: the messages are in Redis."""
    try:
        with database() as connection:
            audit.note(connection, who(), action, messages=count, ids=message_ids)
    except DatelineError as error:
        click.echo(f"not in the audit log: {error}", err=True)


def _named(message_ids: tuple[str, ...], every: bool) -> set[str] | None:
    if not (message_ids or every):
        raise click.UsageError("name the messages by id, or say --all")
    return None if every else set(message_ids)


def _quarantine() -> Quarantine:
    return Quarantine(broker.connect(redis_url()))


def _resent(one: Quarantined) -> bool:
    """Whether a message could be replayed: it was kept whole, and its queue or task is ours."""
    kind = next((kind for kind, route in ROUTES.items() if route.task == one.task), None)
    if not one.whole:
        return False
    if one.task is None and one.queue in QUEUES and not is_amqp(broker_url()):
        try:
            broker.connect(broker_url()).lpush(one.queue, one.body)
        except RedisError as error:
            raise broker.explain(error) from error
        return True
    if kind is None:
        return False
    try:
        arguments = json.decode(one.body, type=tuple[list[Raw], dict[str, Raw], dict[str, Raw]])[0]
    except (DecodeError, ValueError, RecursionError):
        arguments = [encode(kind, [one.body]) if one.reason == "bad_item" else Raw(one.body)]
    if not arguments:
        return False
    Publisher(make_app("cli", broker_url())).send_raw(kind, arguments[0])
    return True
