"""What embedded servers share: their processes, ports, passwords and programs."""

from __future__ import annotations

import ctypes
import importlib.util
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from services.contract.errors import PermanentError, Unavailable

START_S = 60.0
_STOP_S = 30.0


def free_port(preferred: int = 0) -> int:
    """A free port on loopback: `preferred` if it is free, else any."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise Unavailable("no_port", "no free port on 127.0.0.1")


def server_port(wanted: int) -> int:
    """`wanted` if it is not 0, since others rely on it already, else any free port."""
    found = free_port(wanted)
    if wanted and found != wanted:
        raise Unavailable("no_port", f"port {wanted} on 127.0.0.1, where this server ran before, is taken")
    return found


def dies_with_parent(signum: int) -> Callable[[], None] | None:
    """A `preexec_fn`: the kernel sends the child `signum` when its parent dies, however it dies (Linux
    only)."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def arrange() -> None:
        libc.prctl(1, signum)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:  # the parent died before prctl
            os.kill(os.getpid(), signum)

    return arrange


def wait_for(
    what: str, ready: Callable[[], bool], *, timeout_s: float, alive: Callable[[], bool] = lambda: True
) -> None:
    """Polls until `ready()`. Raises Unavailable at the deadline, or as soon as `alive()` is false."""
    deadline = time.monotonic() + timeout_s
    while not ready():
        if not alive():
            raise Unavailable("start_failed", f"{what} ended while starting")
        if time.monotonic() > deadline:
            raise Unavailable("start_failed", f"{what} was not ready within {timeout_s:.0f} s")
        time.sleep(0.05)


def package_folder(name: str) -> Path:
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise PermanentError(
            "no_embedded",
            f"{name} is not installed: pip install 'dateline[embedded]', or set "
            "DATELINE_DATABASE_URL and DATELINE_REDIS_URL",
        )
    return Path(next(iter(spec.submodule_search_locations)))


class ServerProcess:
    """The process of a server that this process owns."""

    _process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    @property
    def died(self) -> bool:
        """Whether the server has ended without being stopped."""
        return self._process is not None and self._process.poll() is not None


def password_in(path: Path) -> str:
    """A password in a file that only its owner can read; generated at first use."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(json.dumps(secrets.token_hex(16)))
    return str(json.loads(path.read_text()))


def plain_environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}


def end_process(process: subprocess.Popen[bytes] | None, signum: int) -> None:
    if process is None or process.poll() is not None:
        return
    process.send_signal(signum)
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
