"""Suggestions for mistyped commands and values."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

import click

_NEAR = 0.6


class SuggestingGroup(click.Group):
    """A command group that suggests similar commands for an unknown one; where none is, it names its own,
    unless it is the whole program."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            known = self.list_commands(ctx)
            near = did_you_mean(args[0], known) if args else ""
            if not near and ctx.parent:
                near = f" Its commands: {', '.join(known)}."
            if not near or "did you mean" in error.message.lower():
                raise
            raise click.UsageError(f"{error.message.rstrip('.')}.{near}", ctx) from error


class OneOf(click.Choice[str]):
    """A choice of words that suggests similar ones for an unknown one."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        return super().get_invalid_choice_message(value, ctx) + did_you_mean(str(value), self.choices)


def did_you_mean(written: str, known: Iterable[str]) -> str:
    """` Did you mean A or B?` with the most similar of `known`, or an empty string."""
    by_folded: dict[str, str] = {}
    for name in known:
        by_folded.setdefault(name.casefold(), name)
    near = get_close_matches(written.casefold(), by_folded, n=3, cutoff=_NEAR)
    return f" Did you mean {' or '.join(by_folded[name] for name in near)}?" if near else ""
