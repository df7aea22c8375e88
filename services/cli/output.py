"""What commands print with: the console, JSON, ages."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import click
import msgspec
from rich.console import Console

console = Console()
_SURROGATE = re.compile(r"[\ud800-\udfff]")
ID = click.IntRange(0, 2**62)
"""A number that a table may have."""


def plain(value: Any) -> str:
    return json.dumps(msgspec.to_builtins(value), ensure_ascii=False, default=str)


def storable(value: Any, depth: int = 8) -> Any:
    """A value of JSON that can be written as UTF-8: lone surrogates are U+FFFD, what is nested deeper is left out."""
    if isinstance(value, str):
        return value if value.isascii() else _SURROGATE.sub("\ufffd", value)
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return float(value) if abs(value) < 10**300 else None
    if isinstance(value, list | tuple):
        return [storable(item, depth - 1) for item in value] if depth else None
    if isinstance(value, dict):
        return {storable(str(k)): storable(v, depth - 1) for k, v in value.items()} if depth else None
    return value


def json_line(result: dict[str, Any]) -> bytes:
    """One JSON object as a line of UTF-8; one that cannot be written is an error with its id."""
    try:
        return msgspec.json.encode(result) + b"\n"
    except (ValueError, TypeError, OverflowError, RecursionError):
        pass  # UnicodeEncodeError is a ValueError
    try:
        return msgspec.json.encode(storable(result)) + b"\n"
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        told = {"id": storable(result.get("id")), "error": f"cannot be written as JSON ({error})"}
        return msgspec.json.encode(told) + b"\n"


def ago(moment: datetime | float | None) -> str:
    if moment is None:
        return "–"
    when = moment if isinstance(moment, datetime) else datetime.fromtimestamp(moment, UTC)
    seconds = (datetime.now(UTC) - when).total_seconds()
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0, seconds):.0f} s"
