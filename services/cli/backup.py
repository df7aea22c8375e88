"""`dateline backup`: all tables in one file."""

from __future__ import annotations

from pathlib import Path

import click

from services.cli.servers import archive_folder, database_url
from services.store import backup as store
from services.store.archive_listing import archive_manifest


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--no-archive",
    is_flag=True,
    help="Leave out the list of the archive's files, for which all of them are read.",
)
def backup(file: Path, no_archive: bool) -> None:
    """Write all tables to FILE, as one consistent snapshot; the pipeline may run meanwhile.

    FILE holds no raw responses, but lists the archive's files with sizes and hashes: copy DATELINE_WARC_DIR
    with other tools, after this. FILE holds the secrets of webhooks: protect it like the database.

    \b
      dateline backup /backups/dateline-$(date +%F).zip
    """
    archive = [] if no_archive else archive_manifest(folder) if (folder := archive_folder()) else []
    manifest = store.backup(database_url(), file, archive=archive)
    rows = sum(told["rows"] for told in manifest["tables"].values())
    click.echo(f"{rows:,} rows of {len(manifest['tables'])} tables, schema {manifest['schema']}, in {file}")
    if archive:
        click.echo(f"and the names of {len(archive):,} archive files: copy {folder} beside it")
