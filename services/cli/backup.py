"""`dateline backup`: all that the tables hold as one file."""

from __future__ import annotations

from pathlib import Path

import click

from services.cli.servers import archive_folder, database_url
from services.store import backup as store


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--no-archive", is_flag=True, help="Leave out the list of the archive's files; it reads all of them."
)
def backup(file: Path, no_archive: bool) -> None:
    """Write everything that the tables hold to FILE, as it is at one moment; the pipeline may run meanwhile.

    Raw answers are not in it, but a list of the archive's files with their sizes and hashes is: copy DATELINE_WARC_DIR
    with your file tools, after this. FILE holds the secrets of webhooks: keep it as you keep the database.

    \b
      dateline backup /backups/dateline-$(date +%F).zip
    """
    archive = [] if no_archive else store.archive_manifest(folder) if (folder := archive_folder()) else []
    manifest = store.backup(database_url(), file, archive=archive)
    rows = sum(told["rows"] for told in manifest["tables"].values())
    click.echo(f"{rows:,} rows of {len(manifest['tables'])} tables, schema {manifest['schema']}, in {file}")
    if archive:
        click.echo(f"and the names of {len(archive):,} archive files: copy {folder} beside it")
