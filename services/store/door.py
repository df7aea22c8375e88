"""What a door accepts: one line, a URL or a JSON object with a `url` and what is already known of the page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.contract.errors import BadLine, DatelineError
from services.contract.messages import Hints
from services.contract.urls import parse_url
from services.store.ledger import Entry, Refusal

_MAX_LINE_CHARS = 64_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line of input: its number, counted from 1, and the entry or the refusal that it became."""

    number: int
    result: Entry | Refusal


def parse_lines(lines: Iterable[str], origin: str) -> Iterator[Line]:
    """Each line as an entry or a refusal; blank lines and `#` comments are passed over."""
    for number, line in enumerate(lines, 1):
        text = line.strip().lstrip("\ufeff")
        if text and not text.startswith("#"):
            yield Line(number, parse_line(text, origin))


def parse_line(text: str, origin: str) -> Entry | Refusal:
    """One line as an entry or, where it cannot be one, a refusal with its reason."""
    try:
        if len(text) > _MAX_LINE_CHARS:
            raise BadLine("line_too_long", f"a line of {len(text):,} characters; at most {_MAX_LINE_CHARS:,} are read")
        if not text.lstrip().startswith(("{", "[")):
            return Entry(parse_url(text), origin)
        return _from_object(text, origin)
    except DatelineError as error:
        return Refusal(text, error, origin)


def _from_object(text: str, origin: str) -> Entry:
    try:
        row = json.loads(text)
    except ValueError as error:
        raise BadLine("bad_json", f"looks like JSON but is not ({error}); write one object a line") from error
    if not isinstance(row, dict) or not isinstance(row.get("url"), str):
        raise BadLine("no_url", 'a JSON line must be an object with a "url", such as {"url": "https://host/path"}')
    hints = Hints(
        title=_text(row, "title"),
        published_at=_moment(row),
        authors=_texts(row, "authors"),
        section=_text(row, "section"),
        language=_text(row, "language"),
    )
    return Entry(parse_url(row["url"]), _text(row, "origin") or origin, hints)


def _text(row: dict[str, Any], key: str) -> str | None:
    value = row.get(key)
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise BadLine("bad_field", f'"{key}" must be a string, not {json.dumps(value)[:60]}')
    return _storable(value)[:500]


def _texts(row: dict[str, Any], key: str) -> list[str]:
    value = row.get(key) or []
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadLine("bad_field", f'"{key}" must be a string or a list of strings')
    return [_storable(item)[:200] for item in value][:20]


def _storable(text: str) -> str:
    """Text without what Postgres cannot hold: NUL and lone surrogates, which JSON can smuggle in."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


def _moment(row: dict[str, Any]) -> datetime | None:
    value = _text(row, "published_at")
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise BadLine("bad_field", f'"published_at" must be an ISO 8601 time, not {value[:60]!r}') from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
