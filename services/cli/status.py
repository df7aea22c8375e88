"""`dateline status`: the state of the pipeline."""

from __future__ import annotations

import sys
import time
from dataclasses import asdict
from datetime import datetime
from typing import Any

import click
import msgspec
from redis.exceptions import RedisError
from rich.table import Table
from rich.text import Text

from services.cli.choosing import moment_option
from services.cli.output import ago, console, plain
from services.cli.servers import broker_url, database, redis_url, settings
from services.contract.errors import DatelineError
from services.runtime import broker, installation, worker_states
from services.runtime.quarantine import Quarantine
from services.runtime.queues import open_queues
from services.store import story_progress
from services.store.status import outcomes, pipeline_state

_AWAY = 2
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
@click.option(
    "--since",
    callback=moment_option,
    help="Why URLs were not stored since: a date, or an age such as 24h or 7d.",
)
@click.option("--until", callback=moment_option, help="Likewise, before.")
def status(as_json: bool, wait_s: float | None, since: datetime | None, until: datetime | None) -> None:
    """Show workers, queue depths, outcomes of URLs with reasons, rates, the oldest item, dead letters.

    Exits with 2 if Postgres or Redis is away.

    \b
      dateline status
      dateline status --since 24h                              why URLs of the last day were not stored
      dateline status --since 2026-03-01 --until 2026-03-02
      dateline status --wait 600 && dateline export -o all.jsonl
    """
    if wait_s is not None:
        _wait_until_done(wait_s)
    with database() as connection:
        state = pipeline_state(connection, since=since, until=until)
        if since or until:
            state["outcomes"] = outcomes(connection, since=since, until=until)
        state["stories"] = story_progress.read(connection)
    queues: list[dict[str, Any]] = []
    workers, problem, quarantined = None, None, 0
    try:
        client = broker.connect(redis_url())
        workers, quarantined = worker_states.workers(client), Quarantine(client).count()
        queues = [asdict(depth) for depth in open_queues(broker_url()).depths()]
    except RedisError as error:
        problem = str(broker.explain(error))
    except DatelineError as error:
        problem = str(error)
    if as_json:
        said = {n: msgspec.to_builtins(w) | {"healthy": w.healthy} for n, w in (workers or {}).items()}
        more = {"queues": queues, "workers": said, "broker_problem": problem, "quarantined": quarantined}
        click.echo(plain(state | more))
        sys.exit(_AWAY if problem else 0)
    _print_queues(queues, problem)
    if workers is not None:  # None: Redis is away
        _print_workers(workers)
    _print_urls(state, _window(since, until))
    if quarantined:
        console.print(
            f"[yellow]messages in quarantine: {quarantined:,}[/] (`dateline dead messages` lists them)"
        )
    for name in () if settings().database_url else ("stack", "demo"):
        if found := installation.running(name):
            console.print(
                f"desk: {found.get('desk_url')}   Flower: {found['flower_url']}   logs: {found['logs']}",
                soft_wrap=True,
            )
    if problem:
        sys.exit(_AWAY)


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


def _print_workers(workers: dict[str, worker_states.WorkerState]) -> None:
    table = Table(title="Workers", title_justify="left", box=None, pad_edge=False)
    for column in ("worker", "does", "for", "last heard"):
        table.add_column(column, justify="left" if column in ("worker", "does") else "right")
    for name, said in workers.items():
        silent = time.time() - said.at > worker_states.STALE_AFTER_S
        does = "silent: killed, or cut off from Redis" if silent else said.state
        style = "" if said.healthy else "red"
        table.add_row(name, Text(does, style=style), ago(said.since), f"{ago(said.at)} ago")
    if workers:
        console.print(table, "")
    for service in sorted(
        {"ingest", "enrich", "store", "scheduler", "stories"}
        - {w.service for w in workers.values() if w.healthy}
    ):
        console.print(f"[red]no healthy {service} worker has reported[/]")


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


def _print_urls(state: dict[str, Any], window: str) -> None:
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
    _print_reasons(state, window)
    newest = state["articles"]["newest"]
    stored = f"articles: {state['articles']['articles']:,}" + (
        f", the newest stored {ago(newest)} ago" if newest else ""
    )
    console.print(f"{stored}   dead letters: {state['dead_letters']:,}")
    _print_stories(state["stories"])


def _print_stories(at: dict[str, Any]) -> None:
    """How far the stories service is behind what is stored."""
    behind = f"{at['behind']:,} changes behind" if at["behind"] else "up to date"
    oldest = f", the oldest from {ago(at['oldest'])} ago" if at["oldest"] else ""
    again = (
        f"   rebuild: {at['rebuild_done']:,} of {at['rebuild_total']:,} articles"
        if at["rebuild_since"]
        else ""
    )
    console.print(
        f"stories: {at['stories']:,} of several articles, {at['copies']:,} copies; {behind}{oldest}{again}"
    )


def _print_reasons(state: dict[str, Any], window: str) -> None:
    if state["reasons"]:
        console.print(f"[italic]Why URLs were not stored{window}[/]", soft_wrap=True)
        table = Table(box=None, pad_edge=False)
        for column in ("state", "reason", "urls", "for example"):
            table.add_column(
                column, justify="right" if column == "urls" else "left", overflow="ellipsis", no_wrap=True
            )
        for row in state["reasons"]:
            table.add_row(
                row["state"].replace("_", " "), row["reason"], f"{row['urls']:,}", Text(row["example"])
            )
        console.print(table, "")
    elif window:
        console.print(f"every URL that came to its end{window} was stored\n")
    if ended := state.get("outcomes"):
        console.print(f"[italic]Attempts that ended{window}[/]", soft_wrap=True)
        table = Table(box=None, pad_edge=False)
        for column in ("outcome", "stage", "reason", "attempts"):
            table.add_column(column, justify="right" if column == "attempts" else "left")
        for row in ended:
            table.add_row(row["outcome"], row["stage"], row["reason"] or "–", f"{row['attempts']:,}")
        console.print(table, "")


def _window(since: datetime | None, until: datetime | None) -> str:
    """` since 2026-03-01 00:00 and before 2026-03-02 00:00 (UTC)`, or nothing without a time range."""
    parts = [
        f"{word} {moment:%Y-%m-%d %H:%M}" for word, moment in (("since", since), ("before", until)) if moment
    ]
    return f" {' and '.join(parts)} (UTC)" if parts else ""
