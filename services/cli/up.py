"""`dateline up`: the whole pipeline on this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from secrets import token_hex
from types import FrameType
from typing import Any

import click

from services.cli.servers import settings
from services.contract.errors import BadSettings, DatelineError
from services.contract.near_names import did_you_mean
from services.runtime import installation
from services.runtime.settings import load

_UP_S = 150.0
_MOST_WORKERS = 64
_SERVERS = ("DATELINE_DATABASE_URL", "DATELINE_REDIS_URL")


@click.command()
@click.option("--foreground", is_flag=True, help="Stay in the foreground until Ctrl-C.")
@click.option(
    "--scale",
    "scales",
    multiple=True,
    metavar="SERVICE=N",
    help="Number of workers of a service (ingest, enrich, store, scheduler), as in docker compose. By "
    "default as many as fit the machine.",
)
def up(foreground: bool, scales: tuple[str, ...]) -> None:
    """Start the embedded stack: PostgreSQL, Redis, all workers, the desk, Flower. Needs no Docker.

    Data are kept in ~/.dateline (or DATELINE_HOME) until you delete them. `dateline down` stops the stack.

    \b
      dateline up
      dateline up --scale ingest=4 --scale enrich=2
      DATELINE_DESK_PORT=9000 dateline up     the desk on another port
    """
    scale = _scale(scales)
    if state := installation.running():
        click.echo(
            f"already up (pid {state['pid']}); desk: {state['desk_url']}, Flower: {state['flower_url']}"
        )
        return
    _check_settings()
    if foreground:
        _supervise(scale)
        return
    for line in _of_others():
        click.echo(f"note: {line}", err=True)
    supervisor, state = _start(scales)
    click.echo(
        f"up (pid {supervisor})\n  desk      {state['desk_url']}\n  Flower    {state['flower_url']}\n"
        f"  Postgres  {state['database_url']}\n  Redis     {state['redis_url']}\n  logs      {state['logs']}"
    )
    for line in (*state.get("notes", ()), *_reminders()):
        click.echo(f"note: {line}")
    click.echo("next: dateline submit https://…   then: dateline status")


def _start(scales: tuple[str, ...]) -> tuple[int, dict[str, Any]]:
    """Starts a supervisor in the background; returns its pid and state when everything is ready."""
    folder = installation.home()
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
    while not (state := installation.running()) or state["pid"] != supervisor.pid:
        if supervisor.poll() is not None or time.monotonic() > deadline:
            said = log_path.read_bytes()[start:].decode(errors="replace").strip()
            why = said.rpartition("dateline: ")[2][-2000:]
            raise DatelineError("start_failed", f"the stack did not start: {why}\n(more in {log_path})")
        time.sleep(0.1)
    return supervisor.pid, state


def _environ() -> dict[str, str]:
    """The environment's settings that the stack's processes inherit: all but the servers' URLs, since it
    starts its own servers."""
    return {
        k: v
        for k, v in os.environ.items()
        if k.startswith("DATELINE_") and k not in ("DATELINE_HOME", *_SERVERS)
    }


def _of_others() -> list[str]:
    """Notes on exported settings that belong to another installation."""
    foreign = [name for name in _SERVERS if os.environ.get(name)]
    notes = []
    if foreign:
        notes.append(
            f"{' and '.join(foreign)}, exported here, name{'' if len(foreign) > 1 else 's'} "
            "another installation: "
            "what starts now uses servers of its own, while commands in this shell ask the other one. "
            f"`unset {' '.join(foreign)}` makes them ask this one"
        )
    if os.environ.get("DATELINE_BROKER_URL"):
        notes.append("DATELINE_BROKER_URL is exported, and is this installation's broker")
    return notes


def _reminders() -> list[str]:
    if settings().contact:
        return []
    return ["DATELINE_CONTACT is not set; nothing public is fetched until you set it and start again"]


def _check_settings() -> None:
    """Validates the settings of every service here, so that errors reach the terminal instead of a log.
    Raises BadSettings."""
    from services.desk.settings import DeskSettings
    from services.enrich.settings import EnrichSettings
    from services.ingest.settings import IngestSettings
    from services.runtime.flower import FlowerSettings
    from services.scheduler.settings import SchedulerSettings
    from services.store.settings import StoreSettings

    password = token_hex(16)
    servers = {
        "DATELINE_DATABASE_URL": f"postgresql://dateline:{password}@127.0.0.1/dateline",
        "DATELINE_REDIS_URL": f"redis://:{password}@127.0.0.1/0",
    }
    problems: dict[str, None] = {}
    for cls in (
        IngestSettings,
        EnrichSettings,
        StoreSettings,
        SchedulerSettings,
        DeskSettings,
        FlowerSettings,
    ):
        try:
            load(cls, _environ() | servers)
        except BadSettings as error:
            problems |= dict.fromkeys(str(error).splitlines())
    if problems:
        raise BadSettings("\n".join(problems))


def _scale(scales: tuple[str, ...]) -> dict[str, int]:
    from services.local.stack import WORKERS, fitting

    found = fitting()
    for raw in scales:
        service, _, count = raw.partition("=")
        if service not in WORKERS or not count.isdigit() or not 1 <= int(count) <= _MOST_WORKERS:
            raise click.BadParameter(
                f"{raw!r} is not SERVICE=N, with one of {', '.join(WORKERS)} and 1 to {_MOST_WORKERS}."
                f"{'' if service in WORKERS else did_you_mean(service, WORKERS)}",
                param_hint="--scale",
            )
        found[service] = int(count)
    return found


def _supervise(scale: dict[str, int]) -> None:
    """Runs a stack until a signal; a second signal ends it at once."""
    from services.local.stack import Stack  # not in every image

    stopping = False

    def stop(_: int, __: FrameType | None) -> None:
        nonlocal stopping
        if stopping:
            running.hurry()
        stopping = True

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    running = Stack(installation.home(), environ=_environ(), scale=scale)
    running.start(lambda step: click.echo(f"{step} …"))
    click.echo(f"up; desk: {running.desk_url}, Flower: {running.flower_url}")
    try:
        while not stopping:
            for name in running.watch():
                click.echo(f"{name} had ended and was restarted")
            time.sleep(0.3)
    finally:
        click.echo("stopping …")
        running.stop()
