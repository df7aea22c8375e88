"""The `dateline` command. `dateline NAME` is services/cli/NAME.py, or a folder of that name where it has subcommands."""

from __future__ import annotations

import sys
from importlib import import_module

import click

from services import __version__
from services.contract.errors import DatelineError

# The one place where commands are registered, in the order in which one meets them.
_COMMANDS = (
    "up", "down", "submit", "sources", "status", "trace", "search", "export", "dead", "replay", "retag", "extract",
    "tag", "topics", "tokens", "webhooks", "articles", "audit", "backup", "restore", "migrate", "demo",
)  # fmt: skip


class _Group(click.Group):
    """Knows its commands by name, and prints our errors as one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        # Imported when it is asked for: most need little of what others need.
        command: click.Command = getattr(import_module(f"services.cli.{name}"), name)
        return command

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


if sys.platform == "win32":  # pragma: no cover
    sys.exit("dateline runs on Linux and macOS; on Windows use it inside WSL or with docker compose")
