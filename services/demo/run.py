"""`make demo`: runs the pipeline on the made-up site, and prints a table of the results."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

import psycopg
from redis import Redis
from rich.console import Console
from rich.table import Table
from rich.text import Text

from services.contract.errors import DatelineError
from services.contract.routes import URL_LIST
from services.demo.pages import faults, no_articles, stories
from services.demo.site import Site, houses
from services.local import stack
from services.runtime import installation
from services.store import search
from services.store import stories as found_stories
from services.store.intake import parse_line
from services.store.ledger import Entry, Refusal, record
from services.store.search_query import Query
from services.store.status import pipeline_state

_DEADLINE_S = 120.0


class _Stopped(BaseException):
    """Raised by a signal that ends the demo."""


def run_demo(*, once: bool) -> int:
    """Runs the demo until Ctrl-C or, with `once`, until the table is printed; returns the exit status."""
    console = Console()

    def stop(number: int, _: FrameType | None) -> None:
        raise _Stopped(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    folder = installation.home("demo")
    if installation.running("demo"):
        console.print(f"another demo is running ({folder}); stop it with Ctrl-C in its terminal")
        return 1
    shown = False
    pipeline: stack.Stack | None = None
    try:
        with Site() as site, houses(site) as others:
            pipeline = stack.Stack(
                folder,
                environ={
                    "DATELINE_ALLOW_HOSTS": _hosts(site.url, *others),
                    "DATELINE_HOST_LIMIT": "100/16",
                    "DATELINE_MAX_ATTEMPTS": "3",
                    "DATELINE_RETRY_BASE_S": "1",
                    "DATELINE_RETRY_CAP_S": "2",
                },
            )
            pipeline.wipe()
            with console.status("starting") as status:
                pipeline.start(status.update)
                count = _feed(pipeline, site.url)
                status.update(f"processing {count} URLs")
                _wait(pipeline)
                _submit(pipeline, others)
                status.update("processing what other houses made of one of the stories")
                _wait(pipeline)
                status.update("looking for copies and stories")
                _wait_for_stories(pipeline)
            _show(console, pipeline, site.url)
            shown = True
            if not once:
                _where(console, pipeline, site.url, others)
                _stay(console, pipeline)
    except _Stopped as stopped:
        console.print("stopping …")
        return 0 if shown else 128 + int(stopped.args[0])
    except DatelineError as error:
        console.print(f"[red]demo:[/] {error}", soft_wrap=True)
        return 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        if pipeline is not None:
            pipeline.stop()
    return 0


def _hosts(*urls: str) -> str:
    """The hosts of these URLs, as a setting."""
    return ",".join(sorted({str(urlsplit(url).hostname) for url in urls}))


def _feed(pipeline: stack.Stack, base: str) -> int:
    """Submits half of the URLs to the ledger and half to the Redis list, among them invalid ones."""
    good = [base + path for path in (*stories(), *no_articles(), *faults())]
    again = [good[0] + "?utm_source=newsletter", base + "/moved"]
    bad = ["file:///etc/passwd", "not a URL", "http://nowhere.invalid/story"]
    lines = [*good, *again, *bad]
    _submit(pipeline, lines[::2])
    with Redis.from_url(pipeline.redis.url) as client:
        client.rpush(URL_LIST, *lines[1::2])
    return len(lines)


def _submit(pipeline: stack.Stack, lines: list[str]) -> None:
    results = [parse_line(line, "demo") for line in lines]
    with psycopg.connect(pipeline.postgres.url) as connection:
        record(
            connection,
            [r for r in results if isinstance(r, Entry)],
            [r for r in results if isinstance(r, Refusal)],
        )


def _wait(pipeline: stack.Stack) -> None:
    """Waits until every submitted URL is stored or has ended with a reason."""
    with (
        Redis.from_url(pipeline.redis.url) as client,
        psycopg.connect(pipeline.postgres.url, autocommit=True) as connection,
    ):

        def late() -> str | None:
            states = pipeline_state(connection)["states"]
            left = states.get("pending", 0) + states.get("in_flight", 0)
            if states and not left and not client.exists(URL_LIST):
                return None
            return f"{left} URLs were not finished"

        _until_nothing_is(late, pipeline)


def _wait_for_stories(pipeline: stack.Stack) -> None:
    """Waits until the stories service has taken in all that is stored."""
    with psycopg.connect(pipeline.postgres.url, autocommit=True) as connection:
        _until_nothing_is(
            lambda: None if _taken_in(connection) else "stories were not found",
            pipeline,
        )


def _until_nothing_is(late: Callable[[], str | None], pipeline: stack.Stack) -> None:
    """Waits until `late` has nothing to say, and restarts what dies meanwhile. Raises DatelineError with what
    it says after _DEADLINE_S."""
    deadline = time.monotonic() + _DEADLINE_S
    while said := late():
        pipeline.watch()
        if time.monotonic() > deadline:
            raise DatelineError(
                "demo_late", f"{said} after {_DEADLINE_S:.0f} s; logs are in {pipeline.folder / 'logs'}"
            )
        time.sleep(0.1)


def _taken_in(connection: psycopg.Connection) -> bool:
    row = connection.execute(
        "SELECT count(*) FROM article_changes WHERE seq > coalesce((SELECT cursor FROM stories_progress), 0)"
    ).fetchone()
    return row is not None and row[0] == 0


def _show_stories(console: Console, connection: psycopg.Connection) -> None:
    """Who printed what, of each story of several houses."""
    for row in found_stories.listed(connection, Query()).rows:
        members, _ = found_stories.articles(connection, row["id"], limit=100)
        table = Table(
            title=f"1 story that {row['sources']} houses printed, {row['articles'] - row['reports']} of them "
            "with another's text",
            title_justify="left",
            box=None,
            pad_edge=False,
        )  # fmt: skip
        for column, ratio in (("house", 3), ("title", 6), ("how", 4)):
            table.add_column(column, ratio=ratio)
        houses_of = {member["id"]: member["site_name"] or member["source"] for member in members}
        for member in members:
            copy = member["copy"]
            how = (
                f"{copy['kind']} copy of {houses_of.get(copy['parent_id'])}'s" if copy else "in its own words"
            )
            first = "the first" if member["score"] is None else how
            table.add_row(*map(Text, (houses_of[member["id"]], member["title"], first)))
        console.print(table, "")


def _show(console: Console, pipeline: stack.Stack, base: str) -> None:
    with psycopg.connect(pipeline.postgres.url) as connection:
        articles = search.find(connection, Query(limit=100))
        state = pipeline_state(connection)
    table = Table(
        title=f"{len(articles)} articles, extracted, tagged and stored",
        title_justify="left",
        box=None,
        pad_edge=False,
    )
    for column, ratio in (("title", 6), ("topics (IPTC)", 4), ("about", 2), ("source", 3)):
        table.add_column(column, ratio=ratio)
    for row in articles:
        topics = ", ".join(row["topics"][:3]) or "(none above the threshold)"
        countries = ", ".join(row["countries"][:3]) or "–"
        table.add_row(*map(Text, (row["title"], topics, countries, row["provider"] or row["source"])))
    console.print(table, "")
    with psycopg.connect(pipeline.postgres.url) as connection:
        _show_stories(console, connection)
    other = Table(
        title="URLs that were not stored, by reason", title_justify="left", box=None, pad_edge=False
    )
    for column in ("state", "reason", "URLs", "example"):
        other.add_column(column, justify="right" if column == "URLs" else "left")
    for row in state["reasons"]:
        other.add_row(row["state"], row["reason"], str(row["urls"]), Text(row["example"].removeprefix(base)))
    console.print(other)


def _where(console: Console, pipeline: stack.Stack, base: str, others: list[str]) -> None:
    """Where to look round, while it stays up."""
    console.print()
    local = Path(".venv/bin/dateline")
    dateline = local if local.exists() else "dateline"
    console.print(f"the desk  {pipeline.desk_url}", soft_wrap=True)
    console.print(f"Flower    {pipeline.flower_url}", soft_wrap=True)
    console.print(f"SQL       psql '{pipeline.postgres.url}'", soft_wrap=True)
    console.print(
        f"search    {dateline} search --topic health   {dateline} search --region Kenya", soft_wrap=True
    )
    console.print(f"stories   {dateline} stories list   {dateline} copies {others[0]}", soft_wrap=True)
    console.print(f"trace     {dateline} trace {base}{next(iter(stories()))}", soft_wrap=True)


def _stay(console: Console, pipeline: stack.Stack) -> None:
    console.print("\nAll services stay up. [bold]Ctrl-C[/] stops them all.")
    while True:
        for name in pipeline.watch():
            console.print(f"{name} exited and was restarted")
        time.sleep(0.3)
