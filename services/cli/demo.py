"""`dateline demo`: the pipeline on a made-up news site."""

from __future__ import annotations

import sys

import click


@click.command()
@click.option("--once", is_flag=True, help="Stop after the table instead of staying up.")
def demo(once: bool) -> None:
    """Run the whole pipeline on a made-up news site, and show the resulting articles.

    \b
      dateline demo            on a terminal it stays up until Ctrl-C
      dateline demo --once     stops after the table
    """
    from services.demo.run import run_demo

    sys.exit(run_demo(once=once or not sys.stdout.isatty()))
