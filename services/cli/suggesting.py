"""Suggestions for mistyped commands."""

from __future__ import annotations

import click

from services.contract.near_names import did_you_mean


class SuggestingGroup(click.Group):
    """A command group that suggests similar commands for an unknown one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            near = did_you_mean(args[0], self.list_commands(ctx)) if args else ""
            if not near or "did you mean" in error.message.lower():
                raise
            raise click.UsageError(f"{error.message.rstrip('.')}.{near}", ctx) from error
