"""`dateline sources`: feeds, sitemaps and front pages that are polled for URLs."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from services.cli.output import ago, console, plain
from services.cli.servers import database
from services.cli.suggesting import OneOf, SuggestingGroup
from services.cli.whoami import who
from services.contract.errors import DatelineError, PermanentError
from services.contract.messages import SourceDue
from services.store import audit, completeness, source_priors
from services.store import sources as store

KINDS = ("auto", "rss", "atom", "json", "sitemap", "page")


@click.group(cls=SuggestingGroup)
def sources() -> None:
    """Sources that are polled for URLs: RSS, Atom, JSON Feed, sitemaps, front pages.

    \b
      dateline sources test https://example.org/      list its entries without adding it
      dateline sources add https://example.org/feed   poll it, as often as it publishes
      dateline sources list                           show errors and intervals
      dateline sources report                         compare listed URLs with stored articles
    """


@sources.command()
@click.argument("urls", nargs=-1, metavar="URL…")
@click.option(
    "--kind",
    type=OneOf(KINDS),
    default="auto",
    show_default=True,
    help="The kind of source; auto detects it.",
)
@click.option("--title", help="A name for the source.")
@click.option(
    "--opml", "opml", type=click.Path(exists=True, dir_okay=False), help="Add every feed of an OPML file."
)
def add(urls: tuple[str, ...], kind: Any, title: str | None, opml: str | None) -> None:
    """Add sources. They are polled within seconds, and new URLs go through the pipeline.

    \b
      dateline sources add https://example.org/feed --title Example
      dateline sources add --opml feeds.opml
    """
    from services.cli.sources.opml import read_opml

    wanted = [(url, title) for url in urls] + (read_opml(Path(opml)) if opml else [])
    if not wanted:
        raise click.UsageError("name at least one URL, or --opml FILE")
    refused = 0
    with database() as connection:
        for url, name in wanted:
            try:
                source_id, new = store.add(connection, url, kind=kind, title=name)
                if new:
                    audit.note(connection, who(), "source_added", f"source {source_id}", url=url, kind=kind)
                click.echo(f"{'added' if new else 'known'}: {source_id}  {url}")
            except (DatelineError, ValueError) as error:
                click.echo(f"refused: {f'{name}: ' if name else ''}{error}", err=True)
                refused += 1
    if refused:
        sys.exit(1)


@sources.command("priors")
@click.argument("domain", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead of a table.")
def show_priors(domain: str | None, as_json: bool) -> None:
    """Show source priors, learned from stored articles: they tell which Springfield a source means.

    \b
      dateline sources priors example.org
    """
    with database() as connection:
        rows = source_priors.list_priors(connection, domain)
    if as_json:
        for row in rows:
            click.echo(plain(row))
        return
    table = Table(box=None, pad_edge=False)
    for column in ("source", "articles", "countries", "divisions", "learned"):
        table.add_column(column, justify="right" if column == "articles" else "left")
    for row in rows:
        shares = row["prior"] or {}
        countries, divisions = (
            ", ".join(
                f"{name} {share:.0%}"
                for name, share in sorted(shares.get(key, {}).items(), key=lambda x: -x[1])[:4]
            )
            for key in ("countries", "admin1")
        )
        told = (countries, divisions) if row["prior"] else ("too few articles yet", "")
        table.add_row(
            row["source_domain"], f"{row['articles']:,}", *map(Text, told), f"{ago(row['learned_at'])} ago"
        )
    console.print(table if rows else "no source has stored articles yet")


_former = {"callback": show_priors.callback, "params": show_priors.params, "help": show_priors.help}
sources.add_command(click.Command("homes", hidden=True, deprecated="use `sources priors`", **_former))  # type: ignore[arg-type]


@sources.command()
@click.argument("which", metavar="[ID|URL]", required=False)
@click.option(
    "--days",
    type=click.IntRange(1, 365),
    default=7,
    show_default=True,
    help="Number of days, including today (UTC).",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead of a table.")
def report(which: str | None, days: int, as_json: bool) -> None:
    """Completeness: URLs that sources listed by day, compared with stored articles; and silent sources.

    A listed URL is stored, skipped (not an article), failed (see `dateline dead list`) or still waiting.

    \b
      dateline sources report --days 14
      dateline sources report https://example.org/feed
    """
    with database() as connection:
        chosen = store.find(connection, which) if which else None
        rows = completeness.by_day(connection, days=days, source_id=chosen)
        still = [row for row in completeness.silent(connection) if chosen in (None, row["id"])]
    if as_json:
        for row in (*({"kind": "day", **row} for row in rows), *({"kind": "silent", **row} for row in still)):
            click.echo(plain(row))
        return
    table = Table(box=None, pad_edge=False)
    for column in ("day", "source", "listed", "stored", "skipped", "failed", "waiting", "gap"):
        table.add_column(
            column,
            justify="left" if column in ("day", "source", "gap") else "right",
            no_wrap=column != "source",
        )
    for row in rows:
        waiting = row["waiting"] + row["unknown"]
        gap = (
            Text(f"{row['failed'] / row['listed']:.0%} failed: {row['reason']}", "red")
            if row["failed"]
            else Text("")
        )
        table.add_row(
            str(row["day"]), Text(row["title"] or row["url"]),
            *(f"{row[k]:,}" for k in ("listed", "stored", "skipped", "failed")),
            f"{waiting:,}", gap,
        )  # fmt: skip
    console.print(table if rows else f"no source listed anything in {days} days")
    for row in still:
        still_h, habit_h = row["still_s"] / 3600, row["habit_s"] / 3600
        told = f"nothing new for {still_h:.0f} h, its habit allows {habit_h:.0f} h"
        console.print(Text(f"silent: {row['title'] or row['url']}: {told}", "yellow"), soft_wrap=True)


@sources.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line instead of a table.")
@click.option("--opml", "opml", is_flag=True, help="As OPML, for feed readers.")
def list_sources(as_json: bool, opml: bool) -> None:
    """List sources: polling interval and last success; broken ones first, with the reason.

    \b
      dateline sources list
      dateline sources list --opml > feeds.opml
    """
    with database() as connection:
        found = store.listed(connection)
    if opml:
        from services.cli.sources.opml import write_opml

        click.echo(write_opml(found))
        return
    if as_json:
        for row in found:
            click.echo(plain(row))
        return
    table = Table(box=None, pad_edge=False)
    for column in ("id", "kind", "title", "items", "a day", "every", "last answer", "state"):
        table.add_column(column, justify="right" if column in ("id", "items", "a day", "every") else "left")
    for row in found:
        rate = f"{row['items_a_day']:.1f}" if row["items_a_day"] is not None else "–"
        answered = f"{ago(row['last_success_at'])} ago" if row["last_success_at"] else "never"
        table.add_row(
            str(row["id"]), row["kind"], Text(row["title"] or row["url"]), f"{row['items']:,}", rate,
            _every(row["interval_s"]), answered, _state(row),
        )  # fmt: skip
    console.print(table if found else "no sources: `dateline sources add URL` adds one")


def _every(interval_s: float) -> str:
    return f"{interval_s / 3600:.1f} h" if interval_s >= 3600 else f"{interval_s / 60:.0f} min"


def _state(row: dict[str, Any]) -> Text:
    if row["paused"]:
        return Text("paused", style="yellow")
    if row["errors_in_row"]:
        return Text(f"broken {row['errors_in_row']}×: {row['reason']}: {row['detail']}", style="red")
    if row["last_success_at"] is None:
        return Text("not polled yet", style="dim")
    return Text("ok", style="green")


@sources.command()
@click.argument("which", metavar="ID|URL")
def pause(which: str) -> None:
    """Stop polling a source; its history is kept.

    \b
      dateline sources pause 3
    """
    with database() as connection:
        store.pause(connection, found := store.find(connection, which), paused=True)
        audit.note(connection, who(), "source_paused", f"source {found}")
    click.echo(f"paused: {which} (`dateline sources resume {which}` goes on)")


@sources.command()
@click.argument("which", metavar="ID|URL")
def resume(which: str) -> None:
    """Resume polling a source at once, also one in backoff after errors.

    \b
      dateline sources resume https://example.org/feed
    """
    with database() as connection:
        store.pause(connection, found := store.find(connection, which), paused=False)
        audit.note(connection, who(), "source_resumed", f"source {found}")
    click.echo(f"resumed: {which}")


@sources.command()
@click.argument("which", metavar="ID|URL")
def remove(which: str) -> None:
    """Delete a source. Its URLs and articles are kept.

    \b
      dateline sources remove 3
    """
    with database() as connection:
        store.remove(connection, found := store.find(connection, which))
        audit.note(connection, who(), "source_removed", f"source {found}", named=which)
    click.echo(f"removed: {which}")


@sources.command()
@click.argument("url")
@click.option("--kind", type=OneOf(KINDS), default="auto", help="The kind of source; auto detects it.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object an entry instead of a table.")
def test(url: str, kind: Any, as_json: bool) -> None:
    """Poll a source once from this machine, and list its entries. Nothing is stored.

    \b
      dateline sources test https://example.org/
    """
    from services.contract.urls import parse_url
    from services.ingest.app import lone_fetcher
    from services.ingest.sources.poll import Poller

    due = SourceDue(source_id=0, url=parse_url(url).url, kind=kind, dispatched_at=datetime.now(UTC))
    polled = Poller(lone_fetcher()).poll(due)
    if polled.reason:
        raise PermanentError(polled.reason, polled.detail)
    if as_json:
        for entry in polled.entries:
            click.echo(plain(entry))
        return
    moved = f", at {polled.moved_to}" if polled.moved_to else ""
    console.print(
        Text(f"{polled.title or url}: {polled.kind}{moved}, {len(polled.entries)} entries"), soft_wrap=True
    )
    table = Table(box=None, pad_edge=False)
    for column in ("published", "title", "url"):
        table.add_column(column)
    for entry in polled.entries[:50]:
        when = entry.hints.published_at
        table.add_row(
            when.strftime("%Y-%m-%d %H:%M") if when else "–", Text(entry.hints.title or "–"), Text(entry.url)
        )
    console.print(table)
