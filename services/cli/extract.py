"""`dateline extract`: HTML to articles, with no servers at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import click

from services.cli.output import console, json_line, standard_output
from services.cli.workers import run_all

_SUFFIXES = {".html", ".htm", ".xhtml"}
workers_option = click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=os.cpu_count() or 1,
    show_default="all cores",
    help="Processes to use.",
)


@click.command()
@click.argument("path", type=click.Path(exists=True, allow_dash=True))
@click.option("--url", help="The URL that the page came from: for links, the canonical URL and dates in it.")
@click.option(
    "--urls",
    "urls_file",
    type=click.Path(exists=True, dir_okay=False),
    help="A table of file name (without suffix), a tab, URL; one page a line.",
)
@click.option(
    "--explain",
    is_flag=True,
    help="Show every block of one page, kept or dropped, and the rule that decided.",
)
@click.option(
    "--rules",
    "rules_file",
    type=click.Path(exists=True, dir_okay=False),
    help="Rules of your own for single sites, in YAML: which elements to keep or to drop (docs/extraction.md).",
)
@workers_option
def extract(
    path: str, url: str | None, urls_file: str | None, explain: bool, rules_file: str | None, workers: int
) -> None:
    """Extract articles: HTML in, one JSON object a page out.

    PATH is a file, a folder of .html files, or - for standard input. A page that holds no article has an
    empty "text" and a "reason"; one that cannot be read has an "error", and the exit status is 1.

    \b
      dateline extract page.html --url https://example.org/news/1
      dateline extract pages/ --urls pages/urls.tsv > articles.jsonl
      curl -s https://example.org/news/1 | dateline extract - | jq .text
    """
    urls = _read_urls(urls_file)
    if explain:
        _explain(path, url or urls.get(Path(path).stem), rules_file)
        return
    _rules(rules_file)  # a bad rule is told once, before any work
    if path != "-" and Path(path).is_dir():
        pages = sorted(p for p in Path(path).iterdir() if p.suffix.lower() in _SUFFIXES)
        jobs: list[Page] = [(p.stem, str(p), urls.get(p.stem), rules_file) for p in pages]
    else:
        page_id = "stdin" if path == "-" else Path(path).stem
        jobs = [(page_id, _source(path), url or urls.get(page_id), rules_file)]
    print_all(run_all(extract_page, jobs, workers, label="extracting", name=_page_name))


Page = tuple[str, "bytes | str", "str | None", "str | None"]
"""Id, bytes or a file's path, URL, a file of rules."""


def _page_name(job: Page) -> dict[str, Any]:
    return {"id": job[0]}


@cache
def _rules(rules_file: str | None) -> Any:
    """A file of rules, read once a process."""
    from services.ingest.extract.rules import SiteRules, load_rules

    return load_rules(Path(rules_file)) if rules_file else SiteRules()


def _source(path: str) -> bytes | str:
    return sys.stdin.buffer.read() if path == "-" else path


def _read_urls(path: str | None) -> dict[str, str]:
    if path is None:
        return {}
    rows = (line.rstrip("\n").split("\t") for line in Path(path).read_text(encoding="utf-8").splitlines())
    return {row[0]: row[1] for row in rows if len(row) > 1 and row[1]}


def extract_page(job: Page) -> dict[str, Any]:
    """One page to what is printed for it."""
    from services.ingest.extract import as_json
    from services.ingest.extract import extract as run

    page_id, source, url, rules_file = job
    body = source if isinstance(source, bytes) else Path(source).read_bytes()
    return {"id": page_id} | as_json(run(body, url, rules=_rules(rules_file)))


def _explain(path: str, url: str | None, rules_file: str | None) -> None:
    from rich.table import Table
    from rich.text import Text

    from services.ingest.extract import explain

    if path != "-" and Path(path).is_dir():
        raise click.UsageError("--explain takes one page")
    body = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    table = Table(box=None, pad_edge=False)
    for column in ("verdict", "kind", "links", "where", "text"):
        table.add_column(column, no_wrap=True, overflow="ellipsis")
    for block in explain(body, url, rules=_rules(rules_file)):
        style = "green" if block.verdict == "kept" else "dim"
        table.add_row(
            block.verdict,
            block.kind,
            f"{block.link_density:.2f}",
            Text(block.where),
            Text(block.text),
            style=style,
        )
    console.print(table)


def print_all(results: Iterator[dict[str, Any]]) -> None:
    """One JSON object a line; exit status 1 where any of them is an error."""
    bad = 0
    with standard_output() as out:  # UTF-8, whatever the terminal's encoding
        for result in results:
            line = json_line(result)
            bad += "error" in result
            out.write(line)
    if bad:
        click.echo(f"dateline: {bad:,} could not be done; their lines carry an error", err=True)
        sys.exit(1)
