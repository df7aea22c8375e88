"""What an intake accepts: one line, a URL or a JSON object with a `url` and what is already known of the page."""

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
"""Most bytes of a line that need be read: a longer one is refused for its length, whatever its characters."""

_SHOWN_CHARS = 2_000  # of an over-long line, what its refusal keeps
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_LINE_END = re.compile(r"[\r\n]+")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of input: its number, counted from 1, and the entry or the refusal that it became."""

    number: int
    result: Entry | Refusal


def parse_lines(lines: Iterable[str | bytes], origin: str) -> Iterator[Line]:
    """Each line as an entry or a refusal; blank lines and `#` comments are passed over."""
    for number, line in enumerate(lines, 1):
        text = _text_of(line)
        if text and not text.startswith("#"):
            yield Line(number, parse_line(text, origin))


def parse_line(line: str | bytes, origin: str) -> Entry | Refusal:
    """One line as an entry or, where it cannot be one, a refusal with its reason. Nothing is raised.

    Bytes are read as UTF-8; what is none stays in the URL, escaped.
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
    """The same for a line, or for an object that a JSON line would hold."""
    if isinstance(item, str):
        return parse_line(item, origin)
    try:
        text = json.dumps(item)
    except (ValueError, RecursionError):
        error = BadLine("bad_json", "an object that is nested too deeply; write its fields as strings")
        return Refusal(repr(item.get("url"))[:_SHOWN_CHARS], error, _storable(origin))
    return parse_line(text, origin)


def _text_of(line: str | bytes) -> str:
    """A line's text, without byte order mark and white space around; of an over-long one no more than is needed."""
    if isinstance(line, bytes):
        line = line[: LINE_CAP_BYTES + 1].decode("utf-8", "surrogateescape")
    return line.strip().lstrip("\ufeff").strip()


def _integer(digits: str) -> float:
    return int(digits) if len(digits) < 20 else float(digits)  # int() refuses thousands of digits


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
        return "a deeply nested one"


def _texts(row: dict[str, Any], key: str) -> list[str]:
    value = row.get(key) or []
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadLine("bad_field", f'"{key}" must be a string or a list of strings')
    return [_storable(item)[:200] for item in value][:20]


def _storable(text: str) -> str:
    """Text without what Postgres cannot hold: NUL and lone surrogates, which JSON can smuggle in."""
    return _SURROGATE.sub("\ufffd", text.replace("\x00", ""))


def _moment(row: dict[str, Any]) -> datetime | None:
    """The moment that `published_at` states; None where nobody can mean it."""
    value = _text(row, "published_at")
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except (ValueError, OverflowError) as error:
        raise BadLine("bad_field", f'"published_at" must be an ISO 8601 time, not {value[:60]!r}') from error
    return believable(moment, datetime.now(UTC))
