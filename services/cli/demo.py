"""`dateline demo`: the pipeline on a small news site of our own."""

from __future__ import annotations

import sys

import click


@click.command()
@click.option("--once", is_flag=True, help="Stop after the table instead of staying up.")
def demo(once: bool) -> None:
    """Run the whole pipeline on a small news site of our own, and show what comes out.

    \b
      dateline demo            on a terminal it stays up until Ctrl-C, to look round
      dateline demo --once     stops after the table
    """
    from services.demo.run import run_demo

    sys.exit(run_demo(once=once or not sys.stdout.isatty()))
