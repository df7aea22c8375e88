"""`dateline stories`: articles about one event. Of what is stored, or of a file without servers."""

from __future__ import annotations

from pathlib import Path

import click

from services.cli.stories.of_file import of_file
from services.cli.stories.rebuild import rebuild
from services.cli.stories.stored import list_stories, show
from services.cli.suggesting import SuggestingGroup


class _FileOrCommand(SuggestingGroup):
    """A command by its name; anything else that looks like a file is one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and _is_file(args[0]):
            return of_file.name, of_file, args
        return super().resolve_command(ctx, args)


def _is_file(written: str) -> bool:
    """Whether an argument names a file: one that is there, `-`, or a name with a dot or a slash."""
    return written == "-" or "." in written or "/" in written or Path(written).exists()


@click.group(cls=_FileOrCommand, subcommand_metavar="FILE|- | COMMAND …")
def stories() -> None:
    """Show stories: articles about one event, copies or not. Of stored articles, or of a file.

    \b
      dateline stories list --order growth             what is stored, with the filters of `dateline search`
      dateline stories show 4711                       who printed what, and when
      dateline stories rebuild --since 30d             find them again, after an upgrade or for old articles
      dateline stories articles.jsonl | jq -s 'group_by(.story) | sort_by(-length)[:10]'
      zcat articles.jsonl.gz | dateline stories -

    A file needs no server. It has one article a line: JSON objects with "id", "title", "text", and optionally
    "published_at", "language", "places", "domain", "agency". For each, a line is printed: the "id", the
    "story" (the id of its first article), the "score" of belonging to it (null for a story's first article)
    and the "evidence": words, names, figures and places that the article has in common with it. A line that
    cannot be read gets an "error", and the exit status is 1. A file with the name of a command: ./list
    """


for _command in (list_stories, show, rebuild, of_file):
    stories.add_command(_command)
