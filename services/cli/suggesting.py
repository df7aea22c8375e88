"""Suggestions for mistyped commands."""

from __future__ import annotations

from typing import Any

import click

from services.contract.near_names import did_you_mean


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
