"""`dateline retag`: tags stored articles again with the current taggers."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

import click
import msgspec
from rich.table import Table
from rich.text import Text

from services.cli.article_lines import taggers
from services.cli.choosing import moment_option, say_near_source
from services.cli.output import console
from services.cli.servers import database
from services.cli.workers import run_together
from services.contract.messages import Tags
from services.contract.source_prior import SourcePrior
from services.store import retag as stored
from services.store.articles import write_tags
from services.store.named import entities

_BATCH = 200


@click.command()
@click.option(
    "--since", callback=moment_option, help="Only articles published since: a date, or an age such as 7d."
)
@click.option("--source", help="Only articles of this domain.")
@click.option("--all", "every", is_flag=True, help="Also articles that the current versions tagged.")
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@click.option(
    "--workers", type=click.IntRange(1, 128), default=max(1, (os.cpu_count() or 2) - 1), show_default=True
)
def retag(since: Any, source: str | None, every: bool, dry_run: bool, workers: int) -> None:
    """Tag stored articles again with the current taggers.

    By default only articles with tags of other tagger versions; so an interrupted run resumes when started
    again.

    \b
      dateline retag --dry-run
      dateline retag --source example.org --since 30d
    """
    choice = stored.RetagFilter(
        topics_version=taggers().topics_version,
        regions_version=taggers().regions.version,
        names_version=taggers().names.version,
        since=since,
        source=source,
        every=every,
    )
    counts: Counter[str] = Counter()
    examples: dict[str, str] = {}
    with database() as connection, database() as writing:
        total = stored.count(connection, choice)
        if not total:
            say_near_source(connection, source)
        results = run_together(
            tag_stored, _jobs(connection, choice), workers, label=f"tagging {total:,}", name=_name
        )
        while batch := list(islice(results, _BATCH)):
            tagged = {}
            for result in batch:
                for what in result["changes"] if "tags" in result else ["not taggable"]:
                    counts[what] += 1
                    examples.setdefault(
                        what, f"{result['url']} {result.get('example', result.get('error', ''))}"
                    )
                if "tags" in result:
                    tagged[result["id"]] = msgspec.convert(result["tags"], Tags)
            if not dry_run:
                with writing.transaction():
                    counts["written"] += write_tags(writing, tagged)
    _show(counts, examples, dry_run)


def _jobs(connection: Any, choice: stored.RetagFilter) -> Iterator[dict[str, Any]]:
    after = 0
    while batch := stored.batch(connection, choice, after=after, limit=_BATCH):
        yield from batch
        after = batch[-1]["id"]


def _name(job: dict[str, Any]) -> dict[str, Any]:
    return {"id": job["id"], "url": job["url"]}


def tag_stored(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Tags stored articles again; returns the new tags and how they differ from the stored ones."""
    from services.enrich.handler import Story
    from services.enrich.topics.publisher import PublisherLabels

    stories = [
        Story(
            row["title"], row["text"], stated_language=row["language"], dateline=row["dateline"],
            domain=row["domain"],
            prior=msgspec.convert(row["prior"], SourcePrior) if row["prior"] else None,
            publisher=PublisherLabels(section=row["section"], keywords=row["keywords"], url=row["url"]),
        )
        for row in rows
    ]  # fmt: skip
    return [_compared(row, tags) for row, tags in zip(rows, taggers().tag_all(stories), strict=True)]


def _compared(row: dict[str, Any], tags: Tags) -> dict[str, Any]:
    topics = sorted(t.code for t in tags.topics)
    countries = sorted(c.code for c in tags.countries if c.focus)
    names = sorted(row["key"] for row in entities(tags.names))
    changes, example = [], ""
    for what, before, after in (
        ("topics", row["topics"], topics),
        ("countries", row["countries"], countries),
        ("names", row["names"], names),
    ):
        if sorted(before) != after:
            changes.append(f"other {what}")
            example = f"{', '.join(before) or 'none'} -> {', '.join(after) or 'none'}"
    return _name(row) | {
        "tags": msgspec.to_builtins(tags),
        "changes": changes or ["the same tags"],
        "example": example,
    }


def _show(counts: Counter[str], examples: dict[str, str], dry_run: bool) -> None:
    table = Table(box=None, pad_edge=False)
    for column in ("what would change" if dry_run else "what changed", "articles", "for example"):
        table.add_column(column, justify="right" if column == "articles" else "left")
    for what, number in counts.most_common():
        table.add_row(what, f"{number:,}", Text(examples.get(what, "")))
    console.print(table if counts else "every article was tagged by the current versions")
