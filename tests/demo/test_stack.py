"""The embedded stack: up, down, and nothing left behind, whatever ends it."""

from __future__ import annotations

import os
import pty
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from services.local.server import free_port
from services.local.stack import Stack
from tests.conftest import eventually

pytestmark = pytest.mark.pipeline


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home for stacks of the test's own; what they keep elsewhere for root goes with it."""
    yield tmp_path
    for name in ("stack", "demo"):
        Stack(tmp_path / name).wipe()


def _processes(home: Path) -> list[psutil.Process]:
    """Processes that belong to a stack in `home`: by its path in their command line or environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if (
                process.pid != os.getpid()
                and process.status() != psutil.STATUS_ZOMBIE
                and (
                    str(home) in " ".join(process.cmdline())
                    or str(home) in process.environ().get("DATELINE_HEARTBEAT_FILE", "")
                )
            ):
                found.append(process)
        except psutil.Error:
            continue
    return found


def _dateline(home: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "services.cli", *arguments],
        env=os.environ | {"DATELINE_HOME": str(home)} | env,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


def test_the_demo_prints_its_table_and_leaves_nothing(home: Path) -> None:
    done = _dateline(home, "demo", "--once")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "19 articles" in done.stdout
    for word in ("Lisbon dockers", "Portugal", "Reuters", "http_404", "1 story that", "extended copy"):
        assert word in done.stdout
    for address in ("http://127", "postgresql://", "Ctrl-C"):  # of what is stopped by now
        assert address not in done.stdout
    eventually("no process is left", lambda: not _processes(home), within_s=20)


@pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the kernel's parent-death signal is Linux only"
)
def test_a_killed_supervisor_takes_everything_with_it(home: Path) -> None:
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "services.cli", "demo", "--once"],
        env=os.environ | {"DATELINE_HOME": str(home)},
        stdout=subprocess.DEVNULL,
    )
    eventually("workers run", lambda: len(_processes(home)) >= 5, within_s=60)
    supervisor.send_signal(signal.SIGKILL)
    supervisor.wait()
    eventually("no process is left", lambda: not _processes(home), within_s=60)


def test_on_a_terminal_the_demo_stays_up_until_ctrl_c(home: Path) -> None:
    controller, terminal = pty.openpty()
    demo = subprocess.Popen(
        [sys.executable, "-m", "services.cli", "demo"],
        env=os.environ | {"DATELINE_HOME": str(home), "TERM": "dumb", "COLUMNS": "120"},
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    )
    os.close(terminal)
    os.set_blocking(controller, False)
    said = bytearray()

    def read() -> None:
        with suppress(OSError):  # nothing to read now, or the other end is closed
            said.extend(os.read(controller, 65536))

    eventually("the demo stays up", lambda: b"Ctrl-C" in said, within_s=90, between=read)
    found = _dateline(home, "search", "--region", "Kenya", "--json")
    assert "maize" in found.stdout, found.stderr
    demo.send_signal(signal.SIGINT)
    eventually("the demo ends", lambda: demo.poll() is not None, within_s=40, between=read)
    assert demo.returncode == 0
    eventually("no process is left", lambda: not _processes(home), within_s=20)
    os.close(controller)


def test_up_names_what_holds_the_port_that_is_asked_for(home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = _dateline(home, "up", DATELINE_DESK_PORT=str(port))
    assert done.returncode == 2
    assert f"port {port} is held by " in done.stderr
    assert f"(pid {os.getpid()})" in done.stderr
    assert "DATELINE_DESK_PORT" in done.stderr
    eventually("no process is left", lambda: not _processes(home), within_s=20)


def test_a_worker_that_does_not_start_says_why_on_the_terminal(home: Path, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("rules: 5\n")
    done = _dateline(home, "up", DATELINE_TOPIC_RULES=str(rules))
    assert done.returncode == 2
    assert f"{rules}, line 1: the file is a list of rules" in done.stderr
    eventually("no process is left", lambda: not _processes(home), within_s=20)


def test_up_serves_commands_outlives_its_own_death_and_down_leaves_nothing(home: Path) -> None:
    """A stack that dies with all its workers, and one started after it, while settings of another
    installation are exported: nothing old is red, and the other one is not touched."""
    port = free_port()
    first = _dateline(home, "up", "--scale", "ingest=2", DATELINE_DESK_PORT=str(port))
    assert f"http://127.0.0.1:{port}/" in first.stdout, first.stderr
    assert "Flower" in first.stdout
    assert "already up" in _dateline(home, "up").stdout
    assert _dateline(home, "submit", "http://127.0.0.1/x").stdout.startswith("1 new")
    waited = _dateline(home, "status", "--wait", "60")
    assert "address_refused" in waited.stdout, waited.stdout + waited.stderr
    supervisor = psutil.Process(int(first.stdout.partition("(pid ")[2].partition(")")[0]))
    supervisor.suspend()  # it starts none again while they are killed, before they can say good-bye
    workers = [process for process in _processes(home) if "services." in " ".join(process.cmdline())]
    assert sum("services.ingest" in process.cmdline() for process in workers) == 2
    for process in workers:
        process.kill()
    supervisor.kill()
    eventually("all of it is gone", lambda: not _processes(home), within_s=60)
    foreign = "postgresql://dateline:x@127.0.0.1:1/elsewhere"
    again = _dateline(home, "up", DATELINE_DATABASE_URL=foreign, DATELINE_DESK_PORT=str(port))
    try:
        assert again.returncode == 0, again.stderr
        assert "DATELINE_DATABASE_URL, exported here, names another installation" in again.stderr
        said = _dateline(home, "status")
        assert said.returncode == 0, said.stderr
        assert "silent" not in said.stdout
        assert "no healthy" not in said.stdout
        asked = _dateline(home, "search", DATELINE_DATABASE_URL=foreign)
        assert (asked.returncode, "Postgres does not answer" in asked.stderr) == (2, True)
    finally:
        assert _dateline(home, "down").stdout.strip() == "down"
    eventually("no process is left", lambda: not _processes(home), within_s=20)
    assert _dateline(home, "down").stdout.strip() == "not running"
