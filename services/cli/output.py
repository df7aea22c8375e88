"""What commands print with: the console, JSON, ages."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import click
import msgspec
from rich.console import Console

console = Console()
ID = click.IntRange(0, 2**62)
"""A number that a table may have."""


def plain(value: Any) -> str:
    return json.dumps(msgspec.to_builtins(value), ensure_ascii=False, default=str)


def ago(moment: datetime | float | None) -> str:
    if moment is None:
        return "–"
    when = moment if isinstance(moment, datetime) else datetime.fromtimestamp(moment, UTC)
    seconds = (datetime.now(UTC) - when).total_seconds()
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0, seconds):.0f} s"
