"""Output of commands: console, JSON, ages, files written atomically."""

from __future__ import annotations

import io
import json
import os
import re
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import click
import msgspec
from rich.console import Console, ConsoleDimensions

_UNCUT = 1_000_000


class _Console(Console):
    """A console as wide as the terminal. To a pipe or file it is as wide as needed: no cell is cut, and a
    row is one line."""

    def on_broken_pipe(self) -> None:
        """Raises, as for all other output, so that `_Main.invoke` decides."""
        raise BrokenPipeError

    @property
    def size(self) -> ConsoleDimensions:
        return super().size if self.is_terminal else ConsoleDimensions(_UNCUT, 25)

    @size.setter
    def size(self, new: tuple[int, int]) -> None:
        Console.size.fset(self, new)  # type: ignore[attr-defined]


console = _Console()
_SURROGATE = re.compile(r"[\ud800-\udfff]")
ID = click.IntRange(0, 2**62)
"""The type of options that take a row's id."""


def plain(value: Any) -> str:
    return json.dumps(msgspec.to_builtins(value), ensure_ascii=False, default=str)


def storable(value: Any, depth: int = 8) -> Any:
    """A JSON value that can be encoded as UTF-8: lone surrogates become U+FFFD, values nested too deeply
    are left out."""
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
    """One JSON object as a line of UTF-8. An object that cannot be encoded becomes an error with its id."""
    try:
        return msgspec.json.encode(result) + b"\n"
    except (ValueError, TypeError, OverflowError, RecursionError):
        pass  # UnicodeEncodeError is a ValueError
    try:
        return msgspec.json.encode(storable(result)) + b"\n"
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        told = {"id": storable(result.get("id")), "error": f"cannot be written as JSON ({error})"}
        return msgspec.json.encode(told) + b"\n"


@contextmanager
def standard_output() -> Iterator[BinaryIO]:
    """Standard output as a buffered binary stream. With PYTHONUNBUFFERED, as in images, Python's own may
    write part of a block without an error."""
    stream: Any = sys.stdout.buffer
    if not isinstance(stream, io.RawIOBase):
        yield stream
        stream.flush()
        return
    out = io.BufferedWriter(stream)
    try:
        yield out
        out.flush()
    finally:
        out.detach()  # keeps the descriptor open


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Writes a file atomically: it gets its name when it is complete, and is removed otherwise. Pipes are
    written directly."""
    target = path.resolve()
    if target.exists() and not target.is_file():
        with target.open("wb") as out:
            yield out
        return
    partial = target.with_name(f".{target.name[:200]}.{os.getpid()}.part")
    try:
        with partial.open("wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        if target.exists():
            partial.chmod(stat.S_IMODE(target.stat().st_mode))
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def ago(moment: datetime | float | None) -> str:
    if moment is None:
        return "–"
    when = moment if isinstance(moment, datetime) else datetime.fromtimestamp(moment, UTC)
    seconds = (datetime.now(UTC) - when).total_seconds()
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0, seconds):.0f} s"
