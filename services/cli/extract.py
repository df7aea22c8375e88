"""`dateline extract`: HTML to articles, without servers."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import lru_cache
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
@click.option("--url", help="The page's URL, to resolve links, check the canonical URL and find dates in it.")
@click.option(
    "--urls",
    "urls_file",
    type=click.Path(exists=True, dir_okay=False),
    help="A file with one page a line: file name (without suffix), tab, URL.",
)
@click.option(
    "--explain",
    is_flag=True,
    help="Show every block of one page, kept or dropped, and the rule that decided it.",
)
@click.option(
    "--rules",
    "rules_file",
    type=click.Path(exists=True, dir_okay=False),
    help="Site rules in YAML: which elements to keep or drop (docs/extraction.md).",
)
@workers_option
def extract(
    path: str, url: str | None, urls_file: str | None, explain: bool, rules_file: str | None, workers: int
) -> None:
    """Extract articles: reads HTML, prints one JSON object a page.

    PATH is a file, a folder of .html files, or - for standard input. A page without an article gets an
    empty "text" and a "reason". A page that cannot be read gets an "error", and the exit status is 1.

    \b
      dateline extract page.html --url https://example.org/news/1
      dateline extract pages/ --urls pages/urls.tsv > articles.jsonl
      curl -s https://example.org/news/1 | dateline extract - | jq .text
    """
    urls = _read_urls(urls_file)
    if explain:
        _explain(path, url or urls.get(Path(path).stem), rules_file)
        return
    _rules(rules_file)  # a bad rule is reported once, before any work
    if path != "-" and Path(path).is_dir():
        pages = sorted(p for p in Path(path).iterdir() if p.suffix.lower() in _SUFFIXES)
        jobs: list[Page] = [(p.stem, str(p), urls.get(p.stem), rules_file) for p in pages]
    else:
        page_id = "stdin" if path == "-" else Path(path).stem
        jobs = [(page_id, _source(path), url or urls.get(page_id), rules_file)]
    print_all(run_all(extract_page, jobs, workers, label="extracting", name=_page_name))


Page = tuple[str, "bytes | str", "str | None", "str | None"]
"""Id, bytes or path of the page, URL, path of the site rules."""


def _page_name(job: Page) -> dict[str, Any]:
    return {"id": job[0]}


@lru_cache(maxsize=16)
def _rules(rules_file: str | None) -> Any:
    """Site rules of a file, read once a process."""
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
    """Extracts one page; returns the object to print."""
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
    for column in ("verdict", "score", "kind", "links", "where", "text", "for", "against"):
        table.add_column(column, no_wrap=True, overflow="ellipsis")
    for block in explain(body, url, rules=_rules(rules_file)):
        style = "green" if block.verdict == "kept" else "dim"
        table.add_row(
            block.verdict,
            "" if block.score is None else f"{block.score:+.1f}",
            block.kind,
            f"{block.link_density:.2f}",
            Text(block.where),
            Text(block.text),
            Text(", ".join(block.spoke_for)),
            Text(", ".join(block.spoke_against)),
            style=style,
        )
    console.print(table)


def print_all(results: Iterator[dict[str, Any]]) -> None:
    """Prints one JSON object a line; exits with 1 if any of them is an error."""
    bad = 0
    with standard_output() as out:  # UTF-8 regardless of the terminal's encoding
        for result in results:
            line = json_line(result)
            bad += "error" in result
            out.write(line)
    if bad:
        click.echo(f"dateline: {bad:,} failed; their lines have an error", err=True)
        sys.exit(1)
