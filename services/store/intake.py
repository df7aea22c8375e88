"""Parses submitted lines: a URL, or a JSON object with a `url` and optional metadata of the page."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from services.contract.errors import BadLine, DatelineError
from services.contract.limits import believable
from services.contract.messages import Hints
from services.contract.urls import parse_url
from services.store.ledger import Entry, Refusal

_MAX_LINE_CHARS = 64_000

LINE_CAP_BYTES = 4 * _MAX_LINE_CHARS
"""Most bytes of a line that are read: UTF-8 has at most four bytes a
character, so a longer line is too long.
"""

_SHOWN_CHARS = 2_000  # of an oversized line, kept in its refusal
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_LINE_END = re.compile(r"[\r\n]+")


@dataclass(frozen=True, slots=True)
class ParsedLine:
    """A line of input: its number, counted from 1, and the resulting entry or refusal."""

    number: int
    result: Entry | Refusal


def parse_lines(lines: Iterable[str | bytes], origin: str) -> Iterator[ParsedLine]:
    """Parses each line; skips blank lines and `#` comments."""
    for number, line in enumerate(lines, 1):
        text = _text_of(line)
        if text and not text.startswith("#"):
            yield ParsedLine(number, parse_line(text, origin))


def parse_line(line: str | bytes, origin: str) -> Entry | Refusal:
    """Parses one line to an entry, or to a refusal with its reason. Never raises.

    Bytes are decoded as UTF-8; invalid ones are kept, percent-encoded, in the URL.
    """
    text, origin = _text_of(line), _storable(origin)
    try:
        if len(text) > _MAX_LINE_CHARS:
            raise BadLine(
                "line_too_long", f"a line of {len(text):,} characters; at most {_MAX_LINE_CHARS:,} are read"
            )
        if text.startswith(("{", "[")):
            return _from_object(text, origin)
        if any(part.lstrip().lower().startswith(("http:", "https:")) for part in _LINE_END.split(text)[1:]):
            raise BadLine("several_lines", f"{text[:120]!r} holds several lines; submit one URL an item")
        return Entry(parse_url(text), origin)
    except DatelineError as error:
        return Refusal(text[:_SHOWN_CHARS] if len(text) > _MAX_LINE_CHARS else text, error, origin)


def parse_item(item: str | dict[str, Any], origin: str) -> Entry | Refusal:
    """The same for a line, or for the decoded object of a JSON line."""
    if isinstance(item, str):
        return parse_line(item, origin)
    try:
        text = json.dumps(item)
    except (ValueError, RecursionError):
        error = BadLine("bad_json", "an object that is nested too deeply; write its fields as strings")
        return Refusal(repr(item.get("url"))[:_SHOWN_CHARS], error, _storable(origin))
    return parse_line(text, origin)


def _text_of(line: str | bytes) -> str:
    """Decodes and strips a line, without a byte order mark; an oversized line is truncated."""
    if isinstance(line, bytes):
        line = line[: LINE_CAP_BYTES + 1].decode("utf-8", "surrogateescape")
    return line.strip().lstrip("\ufeff").strip()


def _integer(digits: str) -> float:
    return int(digits) if len(digits) < 20 else float(digits)  # int() raises above 4,300 digits


_JSON = json.JSONDecoder(parse_int=_integer)


def _from_object(text: str, origin: str) -> Entry:
    try:
        row = _JSON.decode(text)
    except RecursionError as error:
        raise BadLine("bad_json", "JSON that is nested too deeply; write one flat object a line") from error
    except ValueError as error:
        raise BadLine("bad_json", f"looks like JSON but is not ({error}); write one object a line") from error
    if not isinstance(row, dict) or not isinstance(row.get("url"), str):
        raise BadLine(
            "no_url", 'a JSON line must be an object with a "url", such as {"url": "https://host/path"}'
        )
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
        raise BadLine("bad_field", f'"{key}" must be a string, not {_shown(value)}')
    return _storable(value).strip()[:500] or None


def _shown(value: Any) -> str:
    try:
        return json.dumps(value)[:60]
    except RecursionError:
        return "a deeply nested value"


def _texts(row: dict[str, Any], key: str) -> list[str]:
    value = row.get(key) or []
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadLine("bad_field", f'"{key}" must be a string or a list of strings')
    return [_storable(item)[:200] for item in value][:20]


def _storable(text: str) -> str:
    """Removes NUL and replaces lone surrogates: JSON allows them as escapes, Postgres `text` does not."""
    return _SURROGATE.sub("\ufffd", text.replace("\x00", ""))


def _moment(row: dict[str, Any]) -> datetime | None:
    """The time in `published_at`; None if it is out of range (see `limits.believable`)."""
    value = _text(row, "published_at")
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except (ValueError, OverflowError) as error:
        raise BadLine("bad_field", f'"published_at" must be an ISO 8601 time, not {value[:60]!r}') from error
    return believable(moment, datetime.now(UTC))
