"""Encodes articles as JSON lines, CSV or Parquet, in batches and in constant memory."""

from __future__ import annotations

import csv
import importlib.util
import io
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import msgspec

from services.contract.errors import PermanentError
from services.store.article_reader import EXPORTED

FORMATS = ("jsonl", "csv", "parquet")
MEDIA_TYPES = {
    "jsonl": "application/x-ndjson",
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
}
_BATCH = 500
_LISTS = frozenset(
    {
        "authors",
        "keywords",
        "topics",
        "topic_names",
        "countries",
        "mentioned_countries",
        "places",
        "literal_places",
        "people",
        "organisations",
    }
)
_TIMES = frozenset({"published_at", "modified_at", "stored_at"})
_NUMBERS = frozenset({"id", "word_count", "copy_of", "story_id"})
_SHARES = frozenset({"copy_share"})
# CSV injection: a spreadsheet runs a cell that begins so as a formula; an apostrophe makes it text (OWASP).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def has_parquet() -> bool:
    """Whether pyarrow is installed."""
    return importlib.util.find_spec("pyarrow") is not None


def encoded(rows: Iterable[dict[str, Any]], kind: str) -> Iterator[bytes]:
    """Yields blocks of bytes of a file of format `kind`. Raises
    PermanentError for Parquet without pyarrow.
    """
    if kind == "parquet":
        return _parquet(rows)
    return _csv(rows) if kind == "csv" else _jsonl(rows)


def _batches(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    walk = iter(rows)
    while batch := list(islice(walk, _BATCH)):
        yield batch


def _jsonl(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    for batch in _batches(rows):
        yield b"".join(msgspec.json.encode(row) + b"\n" for row in batch)


def _csv(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(EXPORTED)
    for batch in _batches(rows):
        writer.writerows([_cell(row[name]) for name in EXPORTED] for row in batch)
        yield out.getvalue().encode()
        out.seek(0)
        out.truncate()
    yield out.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        value = "; ".join(value)
    if isinstance(value, str) and value.startswith(_FORMULA):
        return "'" + value
    return value.isoformat() if hasattr(value, "isoformat") else value


class _Blocks(io.RawIOBase):
    """A file object that collects what is written; `taken` returns and clears it."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(self._parts[-1])

    def taken(self) -> bytes:
        joined = b"".join(self._parts)
        self._parts.clear()
        return joined


def _parquet(rows: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    if not has_parquet():
        raise PermanentError(
            "no_parquet", "Parquet needs pyarrow: pip install 'dateline[desk]', or choose jsonl or csv"
        )
    import pyarrow
    from pyarrow import parquet

    schema = pyarrow.schema([(name, _type(pyarrow, name)) for name in EXPORTED])
    blocks = _Blocks()
    with parquet.ParquetWriter(blocks, schema, compression="zstd") as writer:
        for batch in _batches(rows):
            writer.write_table(pyarrow.Table.from_pylist(batch, schema=schema))
            yield blocks.taken()
    yield blocks.taken()


def _type(pyarrow: Any, name: str) -> Any:
    if name in _LISTS:
        return pyarrow.list_(pyarrow.string())
    if name in _TIMES:
        return pyarrow.timestamp("us", tz="UTC")
    if name in _SHARES:
        return pyarrow.float64()
    return pyarrow.int64() if name in _NUMBERS else pyarrow.string()
