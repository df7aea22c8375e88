"""`dateline trace`: the receipt of a URL, from submission to result."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from services.cli.output import console, plain
from services.cli.servers import database
from services.contract.errors import BadUrl
from services.contract.urls import parse_url
from services.store.trace import trace_refused, trace_url


@click.command()
@click.argument("url")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
def trace(url: str, as_json: bool) -> None:
    """Show the receipt of a URL: submission, each attempt with its steps, and the result with its reason.

    \b
      dateline trace https://example.org/news/1
      dateline trace https://example.org/news/1 --json | jq '.history[].reason'
    """
    with database() as connection:
        try:
            found = trace_url(connection, parse_url(url))
        except BadUrl:
            found = None
        found = found or trace_refused(connection, url.strip())
    if found is None:
        click.echo(f"dateline: {url} was never submitted (`dateline submit {url}` submits it)", err=True)
        sys.exit(1)
    if as_json:
        click.echo(plain(found))
        return
    _print_trace(found)


def _print_trace(found: dict[str, Any]) -> None:
    colour = {"stored": "green", "failed": "red", "refused": "red", "skipped": "yellow"}.get(
        found["state"], "cyan"
    )
    console.print(Text(found["url"], style="bold"), soft_wrap=True)
    reason = f" ({found['reason']})" if found["reason"] else ""
    console.print(
        f"[{colour}]{found['state'].replace('_', ' ')}[/]{reason}, {found['attempts']} attempts, "
        f"from {found['origin']}"
    )
    if found["detail"]:
        console.print(Text(found["detail"]), soft_wrap=True)
    steps = Table(box=None, pad_edge=False, show_header=False)
    for style in ("dim", None, None):
        steps.add_column(style=style or "")
    steps.add_row(_time(found["submitted_at"]), "submitted", Text(f"as {found['canonical_url']}"))
    for attempt in found["history"]:
        for stamp in attempt["stamps"]:
            detail = ", ".join(f"{k} {v}" for k, v in stamp.get("detail", {}).items())
            steps.add_row(
                _time(stamp["at"]),
                f"{stamp['event']} by {stamp['stage']}",
                Text(f"{stamp.get('elapsed_ms', 0):.0f} ms; {detail}"),
            )
        why = f"{attempt['reason']}: {attempt['detail']}" if attempt["reason"] else ""
        steps.add_row(
            _time(attempt["ended_at"]), f"{attempt['outcome']} (attempt {attempt['attempt']})", Text(why)
        )
    if found["state"] == "pending" and found["next_attempt_at"]:
        steps.add_row(_time(found["next_attempt_at"]), "next attempt", "")
    console.print(steps)
    if found["article"]:
        article = found["article"]
        console.print(
            Text(
                f"article {article['id']}: {article['title']} "
                f"({article['word_count']} words, version {article['version']})"
            ),
            soft_wrap=True,
        )
    for letter in found["dead_letters"]:
        replayed = f", replayed {_time(letter['replayed_at'])}" if letter["replayed_at"] else ""
        console.print(
            Text(f"dead letter {letter['id']} at {letter['stage']}: {letter['reason']}{replayed}"),
            soft_wrap=True,
        )


def _time(moment: Any) -> str:
    try:
        when = moment if isinstance(moment, datetime) else datetime.fromisoformat(str(moment))
        when = when.astimezone(UTC)
    except (ValueError, OverflowError):  # not a stamp of ours
        return str(moment)[:19]
    return when.strftime("%Y-%m-%d %H:%M:%S")
