"""`dateline replay`: extracts and tags archived pages again, without fetching."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec
import psycopg
from rich.table import Table
from rich.text import Text

from services.cli.choosing import moment_option, say_near_source
from services.cli.output import console
from services.cli.servers import database, warc_dir
from services.cli.workers import run_together
from services.contract.errors import PermanentError
from services.contract.messages import Archived, Tags
from services.contract.source_prior import SourcePrior
from services.runtime.installation import home
from services.store import ledger
from services.store import replay as stored

if TYPE_CHECKING:
    from services.ingest.extract import Extraction

_BATCH = 500
_SAVE_EVERY = 50
SAME, UNREADABLE = "nothing: the same as stored", "nothing: not readable"


@dataclass(slots=True)
class _Found:
    """The comparison so far; saved in a file, so that an interrupted run resumes."""

    versions: str
    after: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    changed: list[int] = field(default_factory=list)
    examples: dict[str, str] = field(default_factory=dict)

    def take(self, result: dict[str, Any]) -> None:
        """Counts one page."""
        what = result.get("what", UNREADABLE)
        self.counts[what] += 1
        if what not in (SAME, UNREADABLE):
            self.changed.append(result["id"])
        if what != SAME:
            self.examples.setdefault(what, f"{result['url']} {result.get('error', '')}".strip())
        self.after = result["id"]

    def save(self, path: Path) -> None:
        """Saves the comparison."""
        path.parent.mkdir(parents=True, exist_ok=True)
        rest = {name: getattr(self, name) for name in ("versions", "after", "counts", "changed", "examples")}
        partial = path.with_suffix(".part")
        partial.write_text(json.dumps(rest))
        partial.replace(path)

    @classmethod
    def load(cls, path: Path, versions: str) -> _Found:
        """The comparison of an earlier run with the same versions of all parts; else an empty one."""
        try:
            rest = json.loads(path.read_text())
        except (FileNotFoundError, ValueError):
            return cls(versions)
        if rest["versions"] != versions:
            return cls(versions)
        return cls(versions, rest["after"], Counter(rest["counts"]), rest["changed"], rest["examples"])


@click.command()
@click.option(
    "--since", callback=moment_option, help="Only pages fetched since: a date, or an age such as 24h or 7d."
)
@click.option("--source", help="Only pages of this domain.")
@click.option("--dry-run", is_flag=True, help="Only show the summary.")
@click.option("--yes", is_flag=True, help="Write changes without asking.")
@click.option(
    "--workers", type=click.IntRange(1, 128), default=max(1, (os.cpu_count() or 2) - 1), show_default=True
)
@click.option("--restart", is_flag=True, help="Discard the results of an interrupted run.")
def replay(since: Any, source: str | None, dry_run: bool, yes: bool, workers: int, restart: bool) -> None:
    """Extract and tag archived pages again with the current version, without fetching. Shows the changes
    before writing.

    Changed articles go through the pipeline and become new versions. An interrupted run resumes.

    \b
      dateline replay --since 7d --dry-run            what would change
      dateline replay --source example.org --yes
      docker compose run --rm cli replay --dry-run     with compose, whose archive is a volume
    """
    folder = str(warc_dir())
    if not Path(folder).is_dir():
        raise PermanentError(
            "no_archive", f"{folder} is not a folder here: set DATELINE_WARC_DIR to the archive's"
        )
    choice = stored.ReplayFilter(since=since, source=source)
    state = home("replay") / f"{hashlib.sha256(repr((folder, choice)).encode()).hexdigest()[:12]}.json"
    if restart:
        state.unlink(missing_ok=True)
    found = _Found.load(state, _versions())
    if found.after:
        click.echo(f"resuming after {sum(found.counts.values()):,} pages of an interrupted run", err=True)
    with database() as connection:
        _compare_all(connection, choice, folder, found, state, workers)
        if not found.counts:
            say_near_source(connection, source)
        _show(found)
        state.unlink(missing_ok=True)
        if dry_run or not found.changed:
            return
        if not yes and not click.confirm(f"write {len(found.changed):,} pages?"):
            return
        written = 0
        for start in range(0, len(found.changed), _BATCH):
            with connection.transaction():
                written += ledger.replay(connection, found.changed[start : start + _BATCH])
    click.echo(f"{written:,} pages go through the pipeline again (`dateline status` shows them)")


def _compare_all(
    connection: psycopg.Connection[Any],
    choice: stored.ReplayFilter,
    folder: str,
    found: _Found,
    state: Path,
    workers: int,
) -> None:
    def jobs() -> Iterator[Any]:
        after = found.after
        while batch := stored.batch(connection, choice, after=after, limit=_BATCH):
            yield from ((folder, row) for row in batch)
            after = batch[-1]["id"]

    for number, result in enumerate(run_together(compare, jobs(), workers, label="comparing", name=_name), 1):
        found.take(result)
        if number % _SAVE_EVERY == 0:
            found.save(state)


def _name(job: Any) -> dict[str, Any]:
    return {"id": job[1]["id"], "url": job[1]["url"]}


def compare(jobs: list[Any]) -> list[dict[str, Any]]:
    """Compares archived pages with the articles stored from them."""
    from services.cli.article_lines import taggers
    from services.enrich.handler import Story
    from services.enrich.topics.publisher import PublisherLabels
    from services.ingest.archive import Archive
    from services.ingest.extract import extract
    from services.ingest.extract.charset import decode_page

    results: list[dict[str, Any]] = []
    read: list[tuple[int, Extraction]] = []
    stories = []
    for place, job in enumerate(jobs):
        folder, row = job
        page = Archive(Path(folder)).read(Archived(**row["archived"]))
        result = extract(decode_page(page.body, page.charset), page.url, now=page.fetched_at)
        results.append(_name(job))
        if result.reason:
            results[place]["what"] = f"no article now: {result.reason}"
            continue
        read.append((place, result))
        stories.append(
            Story(
                result.title or row["title"],
                result.text,
                stated_language=result.language,
                dateline=result.dateline,
                domain=row["domain"],
                prior=msgspec.convert(row["prior"], SourcePrior) if row["prior"] else None,
                publisher=PublisherLabels(
                    section=result.section, keywords=result.keywords, url=result.canonical_url or page.url
                ),
            )
        )
    for (place, result), tags in zip(read, taggers().tag_all(stories), strict=True):
        results[place]["what"] = _difference(jobs[place][1], result, tags)
    return results


def _difference(row: dict[str, Any], result: Extraction, tags: Tags) -> str:
    differences = {
        "text": result.text != row["text"],
        "title": bool(result.title) and result.title != row["title"],
        "authors": bool(result.authors) and result.authors != row["authors"],
        "date": bool(result.published_at) and result.published_at != row["published_at"],
        "topics": sorted(t.code for t in tags.topics) != sorted(row["topics"]),
        "countries": sorted(c.code for c in tags.countries) != sorted(row["countries"]),
    }
    changed = [what for what, differs in differences.items() if differs]
    return f"another {', '.join(changed)}" if changed else SAME


def _versions() -> str:
    from services.cli.article_lines import taggers
    from services.ingest.extract import VERSION

    return f"{VERSION} {taggers().topics_version} {taggers().regions.version}"


def _show(found: _Found) -> None:
    table = Table(box=None, pad_edge=False)
    for column in ("what would happen", "pages", "for example"):
        table.add_column(column, justify="right" if column == "pages" else "left")
    for what, count in found.counts.most_common():
        table.add_row(what, f"{count:,}", Text(found.examples.get(what, "")))
    console.print(
        table if found.counts else "no archived page fits: was DATELINE_WARC_DIR set when they were fetched?"
    )
