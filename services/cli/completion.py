"""`dateline completion`: shell completion of commands, options and values."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from services.cli.suggesting import OneOf

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=OneOf(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script of a shell, to be loaded when it starts.

    \b
      eval "$(dateline completion bash)"                                    in ~/.bashrc
      eval "$(dateline completion zsh)"                                     in ~/.zshrc, after compinit
      dateline completion fish > ~/.config/fish/completions/dateline.fish   once
    """
    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(context.find_root().command, {}, "dateline", "_DATELINE_COMPLETE").source())
