"""The `dateline` command."""

from __future__ import annotations

import sys

import click

from services import __version__
from services.contract.errors import DatelineError


class _Group(click.Group):
    """Lists commands in the order in which one meets them, and prints our errors as one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except DatelineError as error:
            click.echo(f"dateline: {error}", err=True)
            ctx.exit(2)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="dateline")
def main() -> None:
    """URLs in, clean news articles out, tagged with topics and regions, in Postgres.

    \b
    A first run, with nothing installed but this:
      dateline up                      start PostgreSQL, Redis, the workers and Flower here
      dateline submit https://…        put a URL on the queue
      dateline status                  watch it go through
      dateline search --topic sport    look at what came of it
      dateline down                    stop everything

    Commands find a stack that `dateline up` started by themselves. For servers of your own set
    DATELINE_DATABASE_URL and DATELINE_REDIS_URL.
    """


def _register() -> None:
    from services.cli import (
        archive,
        dead,
        exporting,
        extracting,
        feeding,
        looking,
        retagging,
        running,
        searching,
        sources,
        tagging,
        tokens,
        topics,
        webhooks,
    )

    for command in (
        running.up,
        running.down,
        feeding.submit,
        sources.sources,
        looking.status,
        looking.trace,
        searching.search,
        exporting.export,
        dead.dead,
        archive.replay,
        retagging.retag,
        extracting.extract,
        tagging.tag,
        topics.topics,
        tokens.tokens,
        webhooks.webhooks,
        running.migrate,
        running.demo,
    ):
        main.add_command(command)


_register()

if sys.platform == "win32":  # pragma: no cover
    sys.exit("dateline runs on Linux and macOS; on Windows use it inside WSL or with docker compose")
