"""`dateline status` and `trace`: looking at the pipeline and at what became of a URL."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click
import msgspec
from redis.exceptions import RedisError
from rich.table import Table
from rich.text import Text

from services.cli.output import ago, console, plain
from services.cli.servers import broker_url, database, redis_url
from services.contract.errors import BadUrl, DatelineError
from services.contract.urls import parse_url
from services.runtime import broker, heartbeat, stack
from services.runtime.quarantine import Quarantine
from services.runtime.queues import open_queues
from services.store.status import pipeline_state
from services.store.trace import trace_refused, trace_url

_STATES = ("pending", "in_flight", "stored", "skipped", "failed", "refused")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
@click.option(
    "--wait",
    "wait_s",
    type=float,
    metavar="SECONDS",
    help="Wait until nothing is pending or in flight; exit 1 if it takes longer.",
)
def status(as_json: bool, wait_s: float | None) -> None:
    """Queue depths, what became of URLs and why, rates, the oldest item, dead letters."""
    if wait_s is not None:
        _wait_until_done(wait_s)
    with database() as connection:
        state = pipeline_state(connection)
    queues: list[dict[str, Any]] = []
    workers, problem, quarantined = None, None, 0
    try:
        client = broker.connect(redis_url())
        workers, quarantined = heartbeat.workers(client), Quarantine(client).count()
        queues = [asdict(depth) for depth in open_queues(broker_url()).depths()]
    except RedisError as error:
        problem = str(broker.explain(error))
    except DatelineError as error:
        problem = str(error)
    if as_json:
        said = {n: msgspec.to_builtins(w) | {"healthy": w.healthy} for n, w in (workers or {}).items()}
        click.echo(
            plain(
                state
                | {"queues": queues, "workers": said, "broker_problem": problem, "quarantined": quarantined}
            )
        )
        return
    _print_queues(queues, problem)
    if workers is not None:  # None: Redis, which would know, is away
        _print_workers(workers)
    _print_urls(state)
    if quarantined:
        console.print(
            f"[yellow]messages in quarantine: {quarantined:,}[/] (`dateline dead messages` lists them)"
        )
    for name in ("stack", "demo"):
        if found := stack.running(name):
            console.print(
                f"desk: {found.get('desk_url')}   Flower: {found['flower_url']}   logs: {found['logs']}",
                soft_wrap=True,
            )


def _wait_until_done(wait_s: float) -> None:
    deadline = time.monotonic() + wait_s
    while True:
        with database() as connection:
            states = pipeline_state(connection)["states"]
        left = states.get("pending", 0) + states.get("in_flight", 0)
        if not left:
            return
        if time.monotonic() > deadline:
            click.echo(f"dateline: after {wait_s:g} s, {left:,} URLs are still under way", err=True)
            sys.exit(1)
        time.sleep(0.25)


def _print_workers(workers: dict[str, heartbeat.WorkerState]) -> None:
    table = Table(title="Workers", title_justify="left", box=None, pad_edge=False)
    for column in ("worker", "does", "for", "last heard"):
        table.add_column(column, justify="left" if column in ("worker", "does") else "right")
    for name, said in workers.items():
        silent = time.time() - said.at > heartbeat.STALE_AFTER_S
        does = "silent: killed, or cut off from Redis" if silent else said.state
        style = "" if said.healthy else "red"
        table.add_row(name, Text(does, style=style), ago(said.since), f"{ago(said.at)} ago")
    if workers:
        console.print(table, "")
    for service in sorted(
        {"ingest", "enrich", "store", "scheduler"} - {w.service for w in workers.values() if w.healthy}
    ):
        console.print(f"[red]no healthy {service} worker is heard of[/]")


def _print_queues(queues: list[dict[str, Any]], problem: str | None) -> None:
    if problem:
        console.print(f"[red]broker:[/] {problem}", soft_wrap=True)
        return
    table = Table(title="Queues", title_justify="left", box=None, pad_edge=False)
    for column, justify in (("queue", "left"), ("waiting", "right"), ("taken", "right"), ("oldest", "right")):
        table.add_column(column, justify=justify)  # type: ignore[arg-type]
    for queue in queues:
        taken = "–" if queue["unacknowledged"] is None else f"{queue['unacknowledged']:,}"
        table.add_row(queue["queue"], f"{queue['waiting']:,}", taken, ago(queue["oldest"]))
    console.print(table, "")


def _print_urls(state: dict[str, Any]) -> None:
    counts = state["states"]
    table = Table(title="URLs", title_justify="left", box=None, pad_edge=False)
    for name in _STATES:
        table.add_column(name.replace("_", " "), justify="right")
    table.add_row(*(f"{counts.get(name, 0):,}" for name in _STATES))
    console.print(table, "")
    oldest = state["oldest"] or {}
    if oldest.get("due") or oldest.get("in_flight"):
        console.print(
            f"oldest due: {ago(oldest.get('due'))}   oldest in flight: {ago(oldest.get('in_flight'))}\n"
        )
    if state["stages"]:
        stages = Table(title="Stages, over five minutes", title_justify="left", box=None, pad_edge=False)
        for column in ("stage", "step", "a minute", "mean ms"):
            stages.add_column(column, justify="left" if column in ("stage", "step") else "right")
        for row in state["stages"]:
            mean = f"{row['mean_ms']:,.1f}" if row["mean_ms"] is not None else ""
            stages.add_row(row["stage"], row["event"], f"{row['per_minute']:,.1f}", mean)
        console.print(stages, "")
    if state["rates"]:
        rates = Table(title="Attempts that ended", title_justify="left", box=None, pad_edge=False)
        for column in ("outcome", "last minute", "last hour"):
            rates.add_column(column, justify="left" if column == "outcome" else "right")
        for row in state["rates"]:
            rates.add_row(row["outcome"], f"{row['last_minute']:,}", f"{row['last_hour']:,}")
        console.print(rates, "")
    if state["reasons"]:
        reasons = Table(title="Why URLs were not stored", title_justify="left", box=None, pad_edge=False)
        for column in ("state", "reason", "urls", "for example"):
            reasons.add_column(
                column, justify="right" if column == "urls" else "left", overflow="ellipsis", no_wrap=True
            )
        for row in state["reasons"]:
            reasons.add_row(
                row["state"].replace("_", " "), row["reason"], f"{row['urls']:,}", Text(row["example"])
            )
        console.print(reasons, "")
    newest = state["articles"]["newest"]
    stored = f"articles: {state['articles']['articles']:,}" + (
        f", the newest stored {ago(newest)} ago" if newest else ""
    )
    console.print(f"{stored}   dead letters: {state['dead_letters']:,}")


@click.command()
@click.argument("url")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of text.")
def trace(url: str, as_json: bool) -> None:
    """A URL's whole life: when it was submitted, each attempt, why it ended as it did."""
    with database() as connection:
        try:
            found = trace_url(connection, parse_url(url))
        except BadUrl:
            found = None
        found = found or trace_refused(connection, url.strip())
    if found is None:
        click.echo(f"dateline: {url} was never submitted (`dateline submit {url}` does it)", err=True)
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
        f"[{colour}]{found['state'].replace('_', ' ')}[/]{reason}, {found['attempts']} attempts, from {found['origin']}"
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
                f"article {article['id']}: {article['title']} ({article['word_count']} words, version {article['version']})"
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
    except (ValueError, OverflowError):  # a stamp of somebody else's
        return str(moment)[:19]
    return when.strftime("%Y-%m-%d %H:%M:%S")
