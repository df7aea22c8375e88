"""All that the tables hold as one file, and back: a ZIP of COPY data and a manifest, taken in one snapshot.

The file names the schema that it was taken at. Restoring makes that schema, loads the rows, and then brings
the schema to this version: a backup of an older version can be restored by a newer one.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Iterable
from datetime import UTC
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection, sql

from services import __version__
from services.contract.errors import PermanentError
from services.store.migrate import current, head, migrate, revisions
from services.store.schema import metadata

_FORMAT = 1
_MANIFEST = "manifest.json"
_CHUNK = 1024 * 1024
_DAMAGE = (OSError, zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, TypeError, RuntimeError)
"""What reading a file that is no ZIP, or is a damaged or encrypted one, may raise."""
_FILLED_BY_MIGRATIONS = frozenset({"areas"})
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
                _connected(database_url) as db,
            ):
                db.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                db.read_only = True
                manifest = _manifest(db, have, archive)
                for table in _kept_tables():
                    manifest["tables"][table] = _dump(db, out, table)
                manifest["sequences"] = _sequences(db)
                out.writestr(_MANIFEST, json.dumps(manifest, indent=1))
            raw.flush()
            os.fsync(raw.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return manifest


def _kept_tables() -> list[str]:
    return [table.name for table in metadata.sorted_tables if table.name not in _LEFT_OUT]


def _connected(database_url: str) -> Connection[Any]:
    return psycopg.connect(database_url, connect_timeout=5, options="-c timezone=UTC -c datestyle=ISO")


def _manifest(db: Connection[Any], schema: str | None, archive: list[dict[str, Any]]) -> dict[str, Any]:
    row = db.execute("SELECT now(), version()").fetchone()
    assert row is not None
    return {
        "format": _FORMAT,
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
    statement = sql.SQL("COPY {} ({}) TO STDOUT").format(sql.Identifier(table), _names(columns))
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


def _names(columns: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _sequences(db: Connection[Any]) -> dict[str, int]:
    """Where sequences stand: the number of what was deleted is not given again."""
    rows = db.execute("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema()")
    return {name: value for name, value in rows if value is not None}


def read_manifest(path: Path) -> dict[str, Any]:
    """What a backup holds. Raises PermanentError for a file that is none, is damaged, or is of a newer
    version."""
    try:
        with zipfile.ZipFile(path) as file:
            manifest = json.loads(file.read(_MANIFEST))
        _require_shape(manifest)
    except _DAMAGE as error:
        raise PermanentError("bad_backup", f"{path} is no backup of Dateline's: {error}") from error
    if manifest["format"] != _FORMAT or manifest["schema"] > head():
        raise PermanentError(
            "newer_backup", f"{path} was taken by Dateline {manifest['dateline']}: restore it with that"
        )
    return dict(manifest)


def _require_shape(manifest: Any) -> None:
    """Raise ValueError unless a manifest is one as `backup` writes it, of tables that there are."""
    shape = {
        "format": int,
        "dateline": str,
        "schema": str,
        "taken_at": str,
        "tables": dict,
        "sequences": dict,
        "archive": list,
    }
    if not isinstance(manifest, dict):
        raise ValueError("its manifest is no object")
    for name, kind in shape.items():
        if not isinstance(manifest.get(name), kind):
            raise ValueError(f"its manifest has no {name}")
    if manifest["format"] != _FORMAT or manifest["schema"] > head():
        return  # of a newer version, which knows what stands in it
    if manifest["schema"] not in revisions():
        raise ValueError(f"there is no schema {manifest['schema']}")
    if unknown := manifest["tables"].keys() - set(_kept_tables()):
        raise ValueError(f"a backup has no table {min(unknown)}")
    for name, told in manifest["tables"].items():
        if not (isinstance(told, dict) and {"rows", "bytes", "sha256", "columns"} <= told.keys()):
            raise ValueError(f"its manifest does not say what {name} holds")
    if not all(isinstance(v, int) for v in manifest["sequences"].values()):
        raise ValueError("its manifest says no numbers for sequences")
    if not all(isinstance(f, dict) and {"file", "bytes", "sha256"} <= f.keys() for f in manifest["archive"]):
        raise ValueError("its manifest does not say what files the archive has")


def verify(path: Path) -> dict[str, Any]:
    """Read a backup whole and compare it with its manifest, which is returned. Raises PermanentError where
    they differ."""
    manifest = read_manifest(path)
    try:
        with zipfile.ZipFile(path) as file:
            for table, told in manifest["tables"].items():
                digest, size = hashlib.sha256(), 0
                with file.open(f"tables/{table}") as rows:
                    while size <= told["bytes"] and (block := rows.read(_CHUNK)):
                        digest.update(block)
                        size += len(block)
                if (size, digest.hexdigest()) != (told["bytes"], told["sha256"]):
                    raise zipfile.BadZipFile(f"{table} is not what the manifest says")
    except _DAMAGE as error:
        raise PermanentError("bad_backup", f"{path} is damaged: {error}") from error
    return manifest


def restore(database_url: str, path: Path) -> dict[str, Any]:
    """Load a backup into an empty installation, all in one transaction; returns its manifest.

    Raises PermanentError where the database holds something already, or the file is damaged: it is read whole
    before anything is changed, and what cannot be loaded leaves the schema as it was.
    """
    manifest = verify(path)
    _require_empty(database_url)
    before = current(database_url)
    try:
        if before != manifest["schema"]:
            migrate(database_url, revision="base")
            migrate(database_url, revision=manifest["schema"])
        _load_all(database_url, path, manifest)
    except (*_DAMAGE, psycopg.DataError, psycopg.IntegrityError, psycopg.ProgrammingError) as error:
        migrate(database_url, revision="base")
        if before is not None:
            migrate(database_url, revision=before)
        raise PermanentError("bad_backup", f"{path} cannot be loaded: {error}") from error
    migrate(database_url)
    return manifest


def _load_all(database_url: str, path: Path, manifest: dict[str, Any]) -> None:
    with zipfile.ZipFile(path) as file, _connected(database_url) as db:
        db.execute("ALTER TABLE articles DISABLE TRIGGER USER")  # the change feed is restored as it was
        for table, told in manifest["tables"].items():
            _load(db, file, table, told)
        db.execute("ALTER TABLE articles ENABLE TRIGGER USER")
        for name, value in manifest["sequences"].items():
            db.execute("SELECT setval(quote_ident(%s)::regclass, %s)", (name, value))


def _require_empty(database_url: str) -> None:
    if current(database_url) is None:
        return
    with _connected(database_url) as db:
        tables = [
            row[0]
            for row in db.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        ]
        for table in {t.name for t in metadata.sorted_tables} & set(tables) - _FILLED_BY_MIGRATIONS:
            row = db.execute(
                sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(table))
            ).fetchone()
            if row and row[0]:
                raise PermanentError(
                    "not_empty", f"the database holds rows in {table}: restore into an empty one"
                )


def _load(db: Connection[Any], file: zipfile.ZipFile, table: str, told: dict[str, Any]) -> None:
    if table in _FILLED_BY_MIGRATIONS:
        db.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), _names(told["columns"]))
    digest = hashlib.sha256()
    with file.open(f"tables/{table}") as rows, db.cursor() as cursor:
        with cursor.copy(statement) as copy:
            while block := rows.read(_CHUNK):
                digest.update(block)
                copy.write(block)
        loaded = cursor.rowcount
    if (loaded, digest.hexdigest()) != (told["rows"], told["sha256"]):
        raise zipfile.BadZipFile(f"{table} is not what the manifest says")


def archive_manifest(folder: Path) -> list[dict[str, Any]]:
    """The archive's files, with how long each is and the SHA-256 of so much of it: one that is written to
    grows."""
    found = []
    for path in sorted(folder.rglob("*.warc*")):
        if path.is_file() and not path.name.startswith("."):
            size = path.stat().st_size
            found.append(
                {"file": str(path.relative_to(folder)), "bytes": size, "sha256": _digest(path, size)}
            )
    return found


def compare_archive(folder: Path, archive: list[dict[str, Any]]) -> list[str]:
    """What of an archive is not as a backup says, one line a file."""
    wrong = []
    for told in archive:
        path = (folder / str(told["file"])).resolve()
        if not path.is_relative_to(folder.resolve()):
            wrong.append(f"{told['file']}: is not within the archive")
        elif not path.is_file():
            wrong.append(f"{told['file']}: is missing")
        elif path.stat().st_size < told["bytes"]:
            wrong.append(f"{told['file']}: is shorter, {path.stat().st_size:,} of {told['bytes']:,} bytes")
        elif _digest(path, told["bytes"]) != told["sha256"]:
            wrong.append(f"{told['file']}: holds something else (were answers removed from it since?)")
    return wrong


def _digest(path: Path, size: int) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while size > 0 and (block := file.read(min(size, _CHUNK))):
            digest.update(block)
            size -= len(block)
    return digest.hexdigest()
