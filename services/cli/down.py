"""`dateline down`: stops what `dateline up` started."""

from __future__ import annotations

import os
import signal
import time

import click

from services.contract.errors import DatelineError
from services.runtime import installation

_DOWN_S = 60.0


@click.command()
def down() -> None:
    """Stop the embedded stack: work in hand is finished first, data are kept.

    \b
      dateline down
    """
    state = installation.running()
    if not state:
        click.echo("not running")
        return
    os.kill(int(state["pid"]), signal.SIGTERM)
    deadline = time.monotonic() + _DOWN_S
    while installation.running():
        if time.monotonic() > deadline:
            raise DatelineError(
                "down_failed",
                f"the supervisor (pid {state['pid']}) did not stop within {_DOWN_S:.0f} s; see "
                f"{state['logs']}",
            )
        time.sleep(0.1)
    click.echo("down")
