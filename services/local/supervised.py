"""A supervised process: its log, its restarts with capped exponential backoff, its end with all it forked."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from services.local.server import dies_with_parent

_YIELDS = {"ingest": 2}
"""Niceness by service. When all cores are busy, ingest fetches no faster than the later stages work: URLs
then wait in the ledger instead of in Redis, and no stage has a backlog to work off alone at the end."""
_SETTLED_S = 10.0
"""A process that ran for longer is restarted at once, without backoff."""


@dataclass(slots=True)
class Supervised:
    """A process that dies with the one that runs it, and when it may be restarted."""

    name: str
    command: list[str]
    environ: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    started_at: float = 0.0
    log_from: int = 0
    not_before: float = 0.0

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self.process.pid if self.process and self.process.poll() is None else None

    def run(self) -> None:
        """Starts the process; its output is appended to the log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.log_from = log.tell()
            self.process = subprocess.Popen(
                self.command, env=self.environ, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=dies_with_parent(signal.SIGTERM),
            )  # fmt: skip
        _lower(self.process.pid, _YIELDS.get(self.name.partition("-")[0], 0))
        self.started_at = time.monotonic()
        self.not_before = 0.0

    def restart_if_due(self) -> bool:
        """Restarts a process that has died, once its backoff is over; whether it did.

        A process that ended with status 0 after a while has renewed itself. It is restarted at once, and does
        not count as one that died.
        """
        if self.process is None or self.pid is not None:
            return False
        now = time.monotonic()
        if self.process.returncode == 0 and now - self.started_at > _SETTLED_S:
            _kill_group(self.process)
            self.run()
            return False
        if not self.not_before and now - self.started_at > _SETTLED_S:
            self.failures = 0
        if self.not_before == 0.0:
            self.failures += 1
            self.not_before = now + min(30.0, 0.5 * 2 ** (self.failures - 1))
        if now < self.not_before:
            return False
        _kill_group(self.process)  # children that a killed parent left
        self.run()
        return True

    def terminate(self) -> None:
        """Asks for a warm shutdown."""
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def end(self, deadline: float) -> None:
        """Waits until the deadline (of the monotonic clock), then kills what is left."""
        if self.process:
            while self.process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.05)
            _kill_group(self.process)

    def last_lines(self, count: int) -> list[str]:
        """The last lines that it wrote since its start."""
        said = self.log.read_bytes()[self.log_from :]
        return said.decode(errors="replace").strip().splitlines()[-count:]


def _lower(pid: int, by: int) -> None:
    """Raises the niceness of a process that leads a session; also that of the session, by which Linux may
    share the cores first."""
    if by:
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, pid, os.getpriority(os.PRIO_PROCESS, pid) + by)
            Path(f"/proc/{pid}/autogroup").write_text(str(by))


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """Kills what is left of a child's session: pool processes whose parent was killed."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        process.wait(5)
