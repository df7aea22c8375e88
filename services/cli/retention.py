"""`dateline retention`: the retention settings, what would be removed now, and what the scheduler removed
last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click
import psycopg
from rich.table import Table
from rich.text import Text

from services.cli.output import ago, console, plain
from services.cli.servers import database, warc_dir
from services.contract.errors import PermanentError
from services.runtime import settings as env
from services.scheduler.retention import old_files
from services.store import audit, retention_due
from services.store.retention_rules import RetentionRules, RetentionSettings

_WHAT = {"nothing": "whole articles", "tags": "texts, with raw answers", "text": "raw answers of articles"}
_SHOWN = 20


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of tables.")
def retention(as_json: bool) -> None:
    """Show the limits of DATELINE_RETENTION, and what is past them now. Changes nothing.

    With this setting the scheduler removes what is past the limits, every six hours, in small batches;
    without it, nothing. Check first, with the scheduler's settings:

    \b
      DATELINE_RETENTION=raw=30d,text=90d,articles=365d dateline retention
      docker compose exec scheduler dateline retention      the settings in use
    """
    rules = env.load(RetentionSettings).rules
    with database() as connection:
        found = _due(connection, rules)
        last = audit.newest(connection, "retention_run")
    told = {"limits": rules.shown(), "due": found, "last_run": last}
    if as_json:
        click.echo(plain(told))
        return
    _print_limits(rules)
    _print_due(found)
    if last:
        limits = "; ".join(f"{source} {limits}" for source, limits in last["detail"]["limits"].items())
        counts = {k: v for k, v in last["detail"].items() if k != "limits"}
        click.echo(f"last run of the scheduler: {ago(last['at'])} ago, by {limits}: removed {plain(counts)}")
    else:
        click.echo("the scheduler has removed nothing yet")


def _due(connection: psycopg.Connection[Any], rules: RetentionRules) -> dict[str, Any]:
    now = datetime.now(UTC)
    by_source: dict[str, Counter[str]] = {}
    for due in _articles(connection, rules, now):
        by_source.setdefault(due.source, Counter())[due.keep] += 1
    files = old_files(_archive(), rules, now)
    return {
        "articles": by_source,
        "raw_without_article": _raw_answers(connection, rules, now),
        "archive_files": len(files),
        "archive_bytes": sum(path.stat().st_size for path in files.values()),
    }


def _articles(
    connection: psycopg.Connection[Any], rules: RetentionRules, now: datetime
) -> Iterator[retention_due.Due]:
    mark: retention_due.Mark | None = None
    while True:
        found, mark = retention_due.articles(connection, rules, now, mark)
        yield from found
        if mark is None:
            return


def _raw_answers(connection: psycopg.Connection[Any], rules: RetentionRules, now: datetime) -> int:
    count, after = 0, 0 if rules.youngest_days is not None else None
    while after is not None:
        found, after = retention_due.raw_answers(connection, rules, now, after)
        count += len(found)
    return count


def _archive() -> Any:
    try:
        return warc_dir()
    except PermanentError:
        return None


def _print_limits(rules: RetentionRules) -> None:
    if rules.youngest_days is None:
        click.echo("DATELINE_RETENTION is not set here: everything is kept")
        return
    table = Table(box=None, pad_edge=False)
    for column in ("source", "raw answers", "texts", "articles"):
        table.add_column(column)
    for source, limits in {"every other": rules.default, **rules.sources}.items():
        days = (limits.raw_days, *(_least(limits.text, limits.articles), limits.articles))
        table.add_row(Text(source), *("forever" if d is None else f"{d} d" for d in days))
    console.print(table)


def _least(*days: int | None) -> int | None:
    return min((d for d in days if d is not None), default=None)


def _print_due(found: dict[str, Any]) -> None:
    by_source: dict[str, Counter[str]] = found["articles"]
    table = Table(box=None, pad_edge=False)
    table.add_column("would go now, by source")
    for what in _WHAT.values():
        table.add_column(what, justify="right")
    most = sorted(by_source.items(), key=lambda item: (-item[1].total(), item[0]))
    for source, counts in most[:_SHOWN]:
        table.add_row(Text(source), *(f"{counts[keep]:,}" for keep in _WHAT))
    total: Counter[str] = sum((counts for _, counts in most), Counter())
    table.add_row(f"all {len(by_source):,} sources", *(f"{total[keep]:,}" for keep in _WHAT))
    console.print(table)
    click.echo(f"and {found['raw_without_article']:,} raw responses without an article")
    click.echo(f"and {found['archive_files']:,} whole files of the archive, {found['archive_bytes']:,} bytes")
