"""`dateline migrate`: migrates the database schema."""

from __future__ import annotations

import click

from services.cli.servers import database_url


@click.command()
@click.option("--revision", default="head", show_default=True, help="The revision to migrate to, up or down.")
def migrate(revision: str) -> None:
    """Migrate the database schema to the version that this code needs. Idempotent, and safe to run
    concurrently.

    \b
      dateline migrate
      DATELINE_DATABASE_URL=postgresql://… dateline migrate     another database
    """
    from services.store.migrate import migrate as move

    before, after = move(database_url(), revision=revision)
    click.echo(
        f"schema {before or 'empty'} -> {after or 'empty'}"
        if before != after
        else f"schema already at {after}"
    )
