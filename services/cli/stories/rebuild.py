"""`dateline stories rebuild`: stored articles related anew."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import click
from psycopg import Connection

from services.cli.choosing import moment_option
from services.cli.output import console
from services.cli.servers import database, database_url, redis_url

_PACE_S = 0.5
Told = Callable[[int, int], None]


@click.command()
@click.option(
    "--since",
    callback=moment_option,
    required=True,
    help="Articles stored since: a date, or an age such as 30d.",
)
def rebuild(since: datetime) -> None:
    """Relate stored articles anew: copies and stories, as the service would in a quiet run.

    The service does it where one runs, and takes in meanwhile stored articles afterwards; without one this
    command does. What comes out the same is not touched, and stories keep their ids. Cut off, it has changed
    nothing, or goes on with the next start of the service.

    \b
      dateline stories rebuild --since 30d
    """
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("relating"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with database() as connection, Progress(*columns, console=console) as progress:
        task = progress.add_task("relating", total=None)

        def told(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total or None)

        changed = run(connection, since, told)
    if changed is not None:
        console.print(
            ", ".join(f"{name.replace('_', ' ')} {n:,}" for name, n in changed.items()) + " changed"
        )


def run(connection: Connection[Any], since: datetime, told: Told) -> dict[str, int] | None:
    """Has the service rebuild, or does it where none leads; returns what changed where it is known."""
    from services.store import story_progress
    from services.store.leadership import STORIES_LOCK, try_lead
    from services.stories import follower, rebuild
    from services.stories.window import METHOD

    connection.autocommit = True
    story_progress.ask_for_rebuild(connection, since, METHOD)
    while (at := story_progress.read(connection))["rebuild_since"] is not None:
        told(at["rebuild_done"], at["rebuild_total"])
        with follower.connect(database_url()) as leading:
            if try_lead(leading, STORIES_LOCK):
                return rebuild.run(leading, _settings(), at["rebuild_since"], told=told)
        time.sleep(_PACE_S)
    told(at["rebuild_total"], at["rebuild_total"])
    return None


def _settings() -> Any:
    """The service's settings, with the servers of this command."""
    import os

    from services.runtime.settings import load
    from services.stories.settings import StoriesSettings

    servers = {"DATELINE_DATABASE_URL": database_url(), "DATELINE_REDIS_URL": redis_url()}
    return load(StoriesSettings, dict(os.environ) | servers)
