"""`dateline restore`: restores a backup into an empty installation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from services.cli.servers import archive_folder, database, database_url
from services.cli.whoami import who
from services.contract.errors import PermanentError
from services.store import audit, deletion
from services.store import restore as store
from services.store.archive_listing import compare_archive

_BATCH = 500


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--deletions", type=click.File("r"),
    help="Articles to delete again: the output of `dateline articles deleted --json --limit 100000`.",
)  # fmt: skip
@click.option(
    "--check",
    is_flag=True,
    help="Only compare FILE and the archive with the manifest in FILE; exits with 1 if they differ.",
)
def restore(file: Path, deletions: Any, check: bool) -> None:
    """Restore FILE into an empty installation, and migrate its schema to this version.

    A backup does not know what was deleted after it was taken: give the list with --deletions.

    \b
      dateline restore /backups/dateline-2026-03-01.zip
      dateline restore dateline.zip --deletions deleted.jsonl
      dateline restore dateline.zip --check
    """
    if check:
        _check(file)
        return
    barred = [_line(number, line) for number, line in enumerate(deletions or (), 1) if line.strip()]
    manifest = store.restore(database_url(), file)
    rows = sum(told["rows"] for told in manifest["tables"].values())
    with database() as connection:
        audit.note(connection, who(), "restored", str(file), rows=rows, taken_at=manifest["taken_at"])
        for start in range(0, len(barred), _BATCH):
            for reason in {reason for _, reason in barred[start : start + _BATCH]}:
                hashes = [key for key, why in barred[start : start + _BATCH] if why == reason]
                deletion.delete(connection, hashes=hashes, reason=reason, who=who())
    click.echo(f"{rows:,} rows restored, as they were at {manifest['taken_at']}")
    if barred:
        click.echo(
            f"{len(barred):,} deleted URLs deleted again; "
            "`dateline articles erase --sweep` clears the archive"
        )
    if manifest["archive"] and (folder := archive_folder()):
        for line in compare_archive(folder, manifest["archive"]):
            click.echo(f"archive: {line}", err=True)


def _check(file: Path) -> None:
    manifest = store.verify(file)
    rows = sum(table["rows"] for table in manifest["tables"].values())
    click.echo(
        f"{rows:,} rows of {len(manifest['tables'])} tables, schema {manifest['schema']}, taken at "
        f"{manifest['taken_at']}: whole"
    )
    folder = archive_folder()
    if manifest["archive"] and folder is None:
        count = len(manifest["archive"])
        click.echo(f"{count:,} archive files not compared: DATELINE_WARC_DIR has none here", err=True)
    wrong = compare_archive(folder, manifest["archive"]) if folder else []
    for line in wrong:
        click.echo(f"archive: {line}", err=True)
    if wrong:
        raise click.exceptions.Exit(1)


def _line(number: int, line: str) -> tuple[bytes, str]:
    try:
        row = json.loads(line)
        return bytes.fromhex(row["url_hash"]), str(row["reason"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise PermanentError("bad_line", f"line {number} of the deletions is not valid: {error}") from error
