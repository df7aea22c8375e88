"""Writes all that the tables hold into one file: a ZIP of COPY data and a manifest, taken in one snapshot.

The manifest names the schema that it was taken at; `services.store.restore` reads it.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Iterable
from datetime import UTC
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection, sql

from services import __version__
from services.contract.errors import PermanentError
from services.store.migrate import current, head
from services.store.schema import metadata

FORMAT = 1
MANIFEST = "manifest.json"
_LEFT_OUT = frozenset({"desk_sessions"})
"""Tables that no backup contains: restoring one must not revive sessions that have ended since."""


def backup(database_url: str, path: Path, *, archive: list[dict[str, Any]]) -> dict[str, Any]:
    """Write everything that the tables hold to `path`; returns the manifest. `archive` goes into it as it is.

    The file appears whole or not at all, and can be read by its owner only: it holds the secrets of webhooks.
    """
    if (have := current(database_url)) != head():
        raise PermanentError(
            "other_schema", f"the schema is at {have}, this version knows {head()}: run `dateline migrate`"
        )
    partial = path.with_name(f".{path.name}.part")
    try:
        with os.fdopen(os.open(partial, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as raw:
            with (
                zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as out,
                connected(database_url) as db,
            ):
                db.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                db.read_only = True
                manifest = _manifest(db, have, archive)
                for table in kept_tables():
                    manifest["tables"][table] = _dump(db, out, table)
                manifest["sequences"] = _sequences(db)
                out.writestr(MANIFEST, json.dumps(manifest, indent=1))
            raw.flush()
            os.fsync(raw.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return manifest


def kept_tables() -> list[str]:
    return [table.name for table in metadata.sorted_tables if table.name not in _LEFT_OUT]


def connected(database_url: str) -> Connection[Any]:
    return psycopg.connect(database_url, connect_timeout=5, options="-c timezone=UTC -c datestyle=ISO")


def _manifest(db: Connection[Any], schema: str | None, archive: list[dict[str, Any]]) -> dict[str, Any]:
    row = db.execute("SELECT now(), version()").fetchone()
    assert row is not None
    return {
        "format": FORMAT,
        "dateline": __version__,
        "schema": schema,
        "taken_at": row[0].astimezone(UTC).isoformat(),
        "postgres": row[1],
        "tables": {},
        "archive": archive,
    }


def _dump(db: Connection[Any], out: zipfile.ZipFile, table: str) -> dict[str, Any]:
    columns = _columns(db, table)
    digest, size = hashlib.sha256(), 0
    statement = sql.SQL("COPY {} ({}) TO STDOUT").format(sql.Identifier(table), column_names(columns))
    with out.open(f"tables/{table}", "w", force_zip64=True) as file, db.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for block in copy:
                digest.update(block)
                size += len(block)
                file.write(block)
        rows = cursor.rowcount
    return {"rows": rows, "bytes": size, "sha256": digest.hexdigest(), "columns": columns}


def _columns(db: Connection[Any], table: str) -> list[str]:
    """Columns that hold something of their own; generated ones are made anew."""
    rows = db.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
        "AND attgenerated = '' ORDER BY attnum",
        (table,),
    )
    return [row[0] for row in rows]


def column_names(columns: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _sequences(db: Connection[Any]) -> dict[str, int]:
    """Where sequences stand: the number of what was deleted is not given again."""
    rows = db.execute("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema()")
    return {name: value for name, value in rows if value is not None}
