"""`dateline up`: the whole pipeline on this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from types import FrameType

import click

from services.runtime import stack

_UP_S = 150.0
_MOST_WORKERS = 64


@click.command()
@click.option("--foreground", is_flag=True, help="Stay in the foreground until Ctrl-C.")
@click.option(
    "--scale",
    "scales",
    multiple=True,
    metavar="SERVICE=N",
    help="How many workers of a service to run (ingest, enrich, store, scheduler), as in docker compose. By default what fits the machine.",
)
def up(foreground: bool, scales: tuple[str, ...]) -> None:
    """Start the embedded stack: PostgreSQL, Redis, all workers, the desk, Flower. No Docker, nothing to install.

    Its data stay in ~/.dateline (or DATELINE_HOME) until you delete them. `dateline down` stops it.
    """
    scale = _scale(scales)
    if state := stack.running():
        click.echo(
            f"already up (pid {state['pid']}); desk: {state['desk_url']}, Flower: {state['flower_url']}"
        )
        return
    if foreground:
        _supervise(scale)
        return
    folder = stack.home()
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    log_path = folder / "logs" / "supervisor.log"
    with log_path.open("ab") as log:
        start = log.tell()
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "services.cli", "up", "--foreground", *(f"--scale={s}" for s in scales)],
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    deadline = time.monotonic() + _UP_S
    while not (state := stack.running()):
        if supervisor.poll() is not None or time.monotonic() > deadline:
            said = log_path.read_bytes()[start:].decode(errors="replace").strip()
            click.echo(f"dateline: the stack did not start; the end of {log_path}:\n{said[-2000:]}", err=True)
            sys.exit(1)
        time.sleep(0.1)
    click.echo(
        f"up (pid {supervisor.pid})\n  desk      {state['desk_url']}\n  Flower    {state['flower_url']}\n  Postgres  {state['database_url']}\n  Redis     {state['redis_url']}\n  logs      {state['logs']}"
    )
    if not os.environ.get("DATELINE_CONTACT"):
        click.echo(
            "note: DATELINE_CONTACT is not set; nothing public is fetched until you set it and start again"
        )
    click.echo("next: dateline submit https://…   then: dateline status")


def _scale(scales: tuple[str, ...]) -> dict[str, int]:
    found = stack.fitting()
    for raw in scales:
        service, _, count = raw.partition("=")
        if service not in stack.WORKERS or not count.isdigit() or not 1 <= int(count) <= _MOST_WORKERS:
            raise click.BadParameter(
                f"{raw!r} is not SERVICE=N, with one of {', '.join(stack.WORKERS)} and 1 to {_MOST_WORKERS}",
                param_hint="--scale",
            )
        found[service] = int(count)
    return found


def _supervise(scale: dict[str, int]) -> None:
    """Run a stack until a signal ends it; a second one while it drains ends it at once."""
    stopping = False

    def stop(_: int, __: FrameType | None) -> None:
        nonlocal stopping
        if stopping:
            running.hurry()
        stopping = True

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    running = stack.Stack(
        stack.home(),
        environ={k: v for k, v in os.environ.items() if k.startswith("DATELINE_") and k != "DATELINE_HOME"},
        scale=scale,
    )
    running.start(lambda step: click.echo(f"{step} …"))
    click.echo(f"up; desk: {running.desk_url}, Flower: {running.flower_url}")
    try:
        while not stopping:
            for name in running.watch():
                click.echo(f"{name} had ended and was started again")
            time.sleep(0.3)
    finally:
        click.echo("stopping …")
        running.stop()
