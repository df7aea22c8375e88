"""`dateline migrate`: the schema of the database."""

from __future__ import annotations

import click

from services.cli.servers import database_url


@click.command()
@click.option(
    "--revision", default="head", show_default=True, help="The schema's revision to go to, up or down."
)
def migrate(revision: str) -> None:
    """Bring the database's schema to the version that this code needs. Safe to run at any time, also twice at once.

    \b
      dateline migrate
      DATELINE_DATABASE_URL=postgresql://… dateline migrate     a database of your own
    """
    from services.store.migrate import migrate as move

    before, after = move(database_url(), revision=revision)
    click.echo(
        f"schema {before or 'empty'} -> {after or 'empty'}"
        if before != after
        else f"schema already at {after}"
    )
