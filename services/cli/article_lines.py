"""Reads articles from JSON lines for the taggers, and loads the taggers."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from services.cli.output import storable
from services.cli.servers import settings
from services.contract.source_prior import SourcePrior

if TYPE_CHECKING:
    from services.enrich.handler import Story

LINE_CAP_BYTES = 32 * 1024 * 1024  # far longer than any article

Line = tuple[int, bytes, "SourcePrior | None"]
"""Line number, JSON text, and the source prior."""


@cache
def taggers() -> Any:
    """The taggers, loaded once a process, with the user's rules if DATELINE_TOPIC_RULES names any."""
    from services.enrich.handler import Taggers
    from services.enrich.topics.rule_files import load_rules

    rules = settings().topic_rules
    return Taggers(load_rules(Path(rules)) if rules else None)


def read_story(job: Line) -> tuple[Any, Story]:
    """The id and the article of one line, as input of the taggers."""
    from services.enrich.handler import Story
    from services.enrich.topics.publisher import PublisherLabels

    number, _, prior_shares = job
    row = read_object(job)
    if not isinstance(row.get("text"), str):
        raise ValueError(
            f'line {number} has no "text"; write an object such as {{"id": 1, "title": "…", "text": "…"}}'
        )
    keywords, url = row.get("keywords"), _address(row)
    story = Story(
        _word(row, "title") or "",
        storable(row["text"]),
        stated_language=_word(row, "language"),
        dateline=_word(row, "dateline"),
        domain=_word(row, "domain") or _domain(url),
        prior=prior_shares,
        publisher=PublisherLabels(
            section=_word(row, "section"),
            keywords=[storable(word) for word in keywords if isinstance(word, str)]
            if isinstance(keywords, list)
            else (),
            url=url,
        ),
    )
    return storable(row.get("id")), story


def read_object(job: Line) -> dict[str, Any]:
    """The JSON object of a line. Raises ValueError, which names the line, for anything else."""
    number, line, _ = job
    if len(line) > LINE_CAP_BYTES:
        raise ValueError(f"line {number} has more than {LINE_CAP_BYTES:,} bytes; write one article a line")
    try:
        row = json.loads(line.decode("utf-8", "surrogateescape"), parse_int=_number)
    except RecursionError as error:
        raise ValueError(f"line {number} is nested too deeply; write one flat object a line") from error
    except ValueError as error:
        raise ValueError(f"line {number} is not JSON ({error}); write one object a line") from error
    if not isinstance(row, dict):
        raise ValueError(
            f'line {number} is no object; write one such as {{"id": 1, "title": "…", "text": "…"}}'
        )
    return row


def _number(digits: str) -> float:
    return int(digits) if len(digits) < 300 else float(digits)  # int() refuses very long numbers


def _word(row: dict[str, Any], key: str) -> str | None:
    """A text field of the article; fields of another type count as missing."""
    value = row.get(key)
    return storable(value) if isinstance(value, str) and value else None


def line_name(job: Line) -> dict[str, Any]:
    try:
        return {"id": storable(read_object(job).get("id")), "line": job[0]}
    except ValueError:
        return {"id": None, "line": job[0]}


def _address(row: dict[str, Any]) -> str | None:
    """The article's URL if it can be parsed, else None."""
    url = _word(row, "url")
    try:
        return url if url and urlsplit(url) else None
    except ValueError:
        return None


def _domain(url: str | None) -> str | None:
    from services.contract.urls import domain_of

    return (domain_of(url) or None) if url else None
