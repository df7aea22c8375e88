"""`dateline tag`: topics, regions and names of articles, without servers."""

from __future__ import annotations

import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast

import click
import msgspec
from rich.table import Table
from rich.text import Text

from services.cli.article_lines import LINE_CAP_BYTES, Line, line_name, read_story, taggers
from services.cli.extract import print_all, workers_option
from services.cli.output import console
from services.cli.reading import bounded_lines
from services.cli.workers import run_together
from services.contract.source_prior import Sighting, SourcePrior, learn

if TYPE_CHECKING:
    from services.enrich.handler import Story

_MOST_COUNTRIES = 12  # that are explained, the likeliest first
_SIGHTINGS = 300  # articles that a source's prior is learned from
_LEAVE_OUT = 50  # sources with fewer: each article is tagged with a prior learned without it


@click.command()
@click.argument("source", type=click.File("rb"), default="-", metavar="[FILE|-]")
@click.option(
    "--priors/--no-priors",
    "--homes/--no-homes",  # deprecated name
    "priors",
    default=True,
    help="Learn source priors from the articles in this file.",
)
@click.option(
    "--explain",
    is_flag=True,
    help="Instead of tags, show every toponym with its candidates, every name with its entity, and who is "
    "quoted.",
)
@workers_option
def tag(source: IO[bytes], priors: bool, explain: bool, workers: int) -> None:
    """Tag articles with topics, regions, names and quotations: a JSON object a line, one printed for each.

    Input: "id", "title", "text", and optionally "dateline", "domain", "url", "language", "section",
    "keywords". Output: the "id" with "language", "topics", "countries", "localities", "places", "names" and
    "quotes". Offsets count characters of "text". A line that cannot be tagged gets an "error", and the exit
    status is 1.

    Articles with a "domain" or "url" are read twice, to learn source priors first: the other articles of a
    source tell which Springfield it means.

    \b
      echo '{"id": 1, "title": "Floods in Bavaria", "text": "MUNICH (dpa) - …"}' | dateline tag
      dateline extract pages/ | dateline tag > tags.jsonl
      dateline tag --explain article.json
    """
    import services.enrich.handler  # noqa: F401  where it is missing that is told once, not of each line

    with tempfile.TemporaryFile("w+b") as kept:
        for number, line in enumerate(_read_on(source), 1):
            if text := line.strip().removeprefix(b"\xef\xbb\xbf"):
                kept.write(b"%d\t%s\n" % (number, text))
        prior_shares = _learn_priors(kept, workers) if priors else {}
        jobs = ((number, line, prior_shares.get(number)) for number, line in _lines(kept))
        if explain:
            _explain_all(jobs)
            return
        print_all(run_together(tag_lines, jobs, workers, label="tagging", name=line_name))


def _read_on(source: IO[bytes]) -> Iterator[bytes]:
    try:
        yield from bounded_lines(cast("BinaryIO", source), LINE_CAP_BYTES)
    except OSError as error:
        raise click.ClickException(f"{source.name} cannot be read: {error.strerror or error}") from error


def _lines(kept: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    kept.seek(0)
    for row in kept:
        number, _, line = row.partition(b"\t")
        yield int(number), line


def _learn_priors(kept: IO[bytes], workers: int) -> dict[int, SourcePrior]:
    """The source prior of each line whose source has enough articles, learned from that source's other
    articles."""
    jobs: Iterator[Line] = (
        (number, line, None) for number, line in _lines(kept) if b'"domain"' in line or b'"url"' in line
    )
    seen: defaultdict[str, list[tuple[int, Sighting]]] = defaultdict(list)
    lines: defaultdict[str, list[int]] = defaultdict(list)
    for found in run_together(see_lines, jobs, workers, label="learning source priors", name=line_name):
        if domain := found.get("domain"):
            lines[domain].append(found["line"])
            if len(seen[domain]) < _SIGHTINGS:
                seen[domain].append((found["line"], msgspec.convert(found["sighting"], Sighting)))
    priors: dict[int, SourcePrior] = {}
    for domain, numbers in lines.items():
        alone = len(numbers) <= _LEAVE_OUT
        whole = None if alone else learn(s for _, s in seen[domain])
        for number in numbers:
            prior = learn(s for n, s in seen[domain] if n != number) if alone else whole
            if prior is not None:
                priors[number] = prior
    return priors


def tag_lines(jobs: list[Line]) -> list[dict[str, Any]]:
    """Tags lines; returns the objects to print."""
    read = [read_story(job) for job in jobs]
    tagged = taggers().tag_all([story for _, story in read])
    return [
        {"id": row_id} | msgspec.to_builtins(tags) for (row_id, _), tags in zip(read, tagged, strict=True)
    ]


def see_lines(jobs: list[Line]) -> list[dict[str, Any]]:
    """The places of each line, to learn priors from; an empty object if it names no source or cannot be
    read."""
    found: list[dict[str, Any]] = [{} for _ in jobs]
    seen = {}
    for place, job in enumerate(jobs):
        with suppress(ValueError):
            _, story = read_story(job)
            if story.domain:
                seen[place] = story
    for (place, story), sighting in zip(seen.items(), taggers().sightings(list(seen.values())), strict=True):
        found[place] = {
            "line": jobs[place][0],
            "domain": story.domain,
            "sighting": msgspec.to_builtins(sighting),
        }
    return found


def _explain_all(jobs: Iterable[Line]) -> None:
    bad = 0
    for job in jobs:
        try:
            _explain(job)
        except ValueError as error:
            bad += 1
            click.echo(f"dateline: {error}", err=True)
    if bad:
        sys.exit(1)


def _explain(job: Line) -> None:
    row_id, story = read_story(job)
    console.print(Text.assemble((str(row_id), "bold"), "  ", story.title))
    if job[2]:
        share = ", ".join(
            f"{k} {v:.0%}" for k, v in [*job[2].countries.items()][:3] + [*job[2].admin1.items()][:3]
        )
        console.print(f"  source prior: {share} ({job[2].articles} other articles)", highlight=False)
    table = Table(box=None, pad_edge=False)
    for column in ("at", "name", "a place?", "taken for", "score", "because", "rather than"):
        table.add_column(column, justify="right" if column in ("at", "a place?", "score") else "left")
    for span in taggers().explain(story):
        first, *others = span["candidates"] or [None]
        taken = span["chosen"] if span["kept"] else "–"
        if span["kept"] and first:
            taken = f"{first['name']}, {first['admin1'] or first['country'] or first['kind']}"
        rather = "; ".join(
            f"{o['name']}, {o['admin1'] or o['country'] or o['kind']} {o['score']:.2f}" for o in others[:3]
        )
        table.add_row(
            "title" if span["in_title"] else str(span["start"]), Text(span["text"]),
            f"{span['is_place']:.2f}", Text(taken or "unresolved"),
            f"{first['score']:.2f}" if first else "", Text("; ".join(first["because"]) if first else ""),
            Text(rather),
            style="" if span["kept"] else "dim",
        )  # fmt: skip
    console.print(table, "")
    _explain_countries(story)
    _explain_names(story)


def _explain_countries(story: Story) -> None:
    """The countries that were considered, and what spoke for and against each."""
    table = Table(box=None, pad_edge=False)
    for column in ("country", "score", "about", "named by", "for", "against"):
        table.add_column(column, justify="right" if column == "score" else "left")
    for country in taggers().explain_countries(story)[:_MOST_COUNTRIES]:
        table.add_row(
            Text(country["name"]), f"{country['score']:.2f}", "yes" if country["about"] else "no",
            Text(", ".join(country["named"][:6]) or "–"), Text("; ".join(country["for"][:5])),
            Text("; ".join(country["against"][:5])), style="" if country["about"] else "dim",
        )  # fmt: skip
    console.print(table, "")


def _explain_names(story: Story) -> None:
    found = taggers().explain_names(story)
    table = Table(box=None, pad_edge=False)
    for column in ("at", "name", "label", "score", "entity", "role"):
        table.add_column(column, justify="right" if column in ("at", "score") else "left")
    for name in found.names:
        table.add_row(
            str(name.start),
            Text(name.text),
            name.label,
            f"{name.score:.2f}",
            Text(name.key),
            Text(name.role or ""),
        )
    console.print(table)
    for quote in found.quotes:
        who = (
            f"{quote.speaker} ({quote.cue})"
            if quote.speaker and quote.cue
            else quote.speaker or "nobody named"
        )
        console.print(Text(f"  {quote.start}  “{quote.text[:80]}”  {who}"))
    console.print("")
