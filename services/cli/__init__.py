"""The `dateline` command. `dateline NAME` is services/cli/NAME.py, or a folder of that name where it has
subcommands."""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from typing import Any, NoReturn

import click

from services.cli.suggesting import SuggestingGroup

# Commands are registered here only, in the order in which a new user needs them.
_COMMANDS = {
    "Run it here": ("demo", "up", "down"),
    "Feed it": ("submit", "sources"),
    "Watch it": ("status", "trace", "dead"),
    "Ask it": ("search", "stories", "copies", "export", "webhooks", "tokens"),
    "Without servers": ("extract", "tag", "topics"),
    "Look after it": (
        "migrate", "backup", "restore", "replay", "retag", "articles", "retention", "audit", "completion",
    ),
}  # fmt: skip


class _Main(SuggestingGroup):
    """Imports a command on first use, and turns any error into one line and an exit status."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for names in _COMMANDS.values() for name in names]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in self.list_commands(ctx):
            return None
        # Imported on first use: most commands need only a few of the dependencies.
        command: click.Command = getattr(import_module(f"services.cli.{name}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for title, names in _COMMANDS.items():
            commands = [(name, self.get_command(ctx, name)) for name in names]
            with formatter.section(title):
                formatter.write_dl([(name, c.get_short_help_str(100)) for name, c in commands if c])

    def main(self, *arguments: Any, **options: Any) -> Any:
        if not arguments and not options.get("args"):  # started as a process, not by a test
            signal.signal(signal.SIGTERM, _terminate)
        return super().main(*arguments, **options)

    def invoke(self, ctx: click.Context) -> object:
        from services.cli import failures

        try:
            try:
                return super().invoke(ctx)
            finally:
                sys.stdout.flush()  # meets a full disk or a closed pipe here instead of at exit
        except KeyboardInterrupt:
            _end("interrupted", failures.INTERRUPTED)
        except failures.Terminated:
            _end("terminated", failures.TERMINATED)
        except BrokenPipeError:  # the reader has closed the pipe
            _hush()
            sys.exit(failures.CLOSED_PIPE)
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:
            if (line := failures.told(error)) is None:
                raise
            _end(line, 2)


def _terminate(*_: object) -> NoReturn:
    from services.cli.failures import Terminated

    raise Terminated


def _end(line: str, status: int) -> NoReturn:
    click.echo(f"dateline: {line}", err=True)
    try:
        sys.stdout.flush()
    except OSError:
        _hush()
    sys.exit(status)


def _hush() -> None:
    """Redirects standard output to /dev/null: it is closed or full, and the flush at exit would fail."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, sys.stdout.fileno())
    os.close(null)


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from services.runtime.version import described

        click.echo(f"dateline {described()}")
        ctx.exit()


@click.group(cls=_Main, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--version", is_flag=True, expose_value=False, is_eager=True, callback=_version,
    help="Version, commit, and whether the inner loops are compiled.",
)  # fmt: skip
def main() -> None:
    """URLs in, clean news articles out, tagged with topics and regions, in Postgres.

    \b
    A first run, with nothing installed but this:
      dateline up                      start PostgreSQL, Redis, the workers, the desk and Flower here
      dateline submit https://…        put a URL on the queue
      dateline status                  watch its progress
      dateline search --topic sport    find the articles
      dateline down                    stop everything

    Commands use the servers that `dateline up` started. To use other servers, set DATELINE_DATABASE_URL and
    DATELINE_REDIS_URL. With compose, `docker compose run --rm cli COMMAND` has everything.
    """


if sys.platform == "win32":  # pragma: no cover
    sys.exit("dateline runs on Linux and macOS; on Windows use it inside WSL or with docker compose")
