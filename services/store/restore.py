"""Checks and restores a backup (`services.store.backup`).

Restoring makes the schema that the backup was taken at, loads the rows, and then brings the schema to this
version: a backup of an older version can be restored by a newer one.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection, sql

from services.contract.errors import PermanentError
from services.store.backup import FORMAT, MANIFEST, column_names, connected, kept_tables
from services.store.migrate import current, head, migrate, revisions
from services.store.schema import metadata

_CHUNK = 1024 * 1024
_DAMAGE = (OSError, zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, TypeError, RuntimeError)
"""What reading a file that is no ZIP, or is a damaged or encrypted one, may raise."""
_FILLED_BY_MIGRATIONS = frozenset({"areas"})


def read_manifest(path: Path) -> dict[str, Any]:
    """What a backup holds. Raises PermanentError for a file that is none, is damaged, or is of a newer
    version."""
    try:
        with zipfile.ZipFile(path) as file:
            manifest = json.loads(file.read(MANIFEST))
        _require_shape(manifest)
    except _DAMAGE as error:
        raise PermanentError("bad_backup", f"{path} is no backup of Dateline's: {error}") from error
    if manifest["format"] != FORMAT or manifest["schema"] > head():
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
    if manifest["format"] != FORMAT or manifest["schema"] > head():
        return  # of a newer version, which knows what stands in it
    if manifest["schema"] not in revisions():
        raise ValueError(f"there is no schema {manifest['schema']}")
    if unknown := manifest["tables"].keys() - set(kept_tables()):
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
    with zipfile.ZipFile(path) as file, connected(database_url) as db:
        db.execute("ALTER TABLE articles DISABLE TRIGGER USER")  # the change feed is restored as it was
        for table, told in manifest["tables"].items():
            _load(db, file, table, told)
        db.execute("ALTER TABLE articles ENABLE TRIGGER USER")
        for name, value in manifest["sequences"].items():
            db.execute("SELECT setval(quote_ident(%s)::regclass, %s)", (name, value))


def _require_empty(database_url: str) -> None:
    if current(database_url) is None:
        return
    with connected(database_url) as db:
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
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), column_names(told["columns"])
    )
    digest = hashlib.sha256()
    with file.open(f"tables/{table}") as rows, db.cursor() as cursor:
        with cursor.copy(statement) as copy:
            while block := rows.read(_CHUNK):
                digest.update(block)
                copy.write(block)
        loaded = cursor.rowcount
    if (loaded, digest.hexdigest()) != (told["rows"], told["sha256"]):
        raise zipfile.BadZipFile(f"{table} is not what the manifest says")
