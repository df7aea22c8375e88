"""Finds the process that listens on a port of this machine."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from pathlib import Path

_LISTENS = "0A"
_PROC = Path("/proc")


def holder(port: int) -> str:
    """`python3 (pid 4711)`, or `another program` if that cannot be found out, as for another user's
    process."""
    return (_by_proc(port) if _PROC.joinpath("net/tcp").exists() else _by_lsof(port)) or "another program"


def _by_proc(port: int) -> str | None:
    sockets = {f"socket:[{inode}]" for inode in _inodes(port)}
    for process in _PROC.glob("[0-9]*"):
        with suppress(OSError):
            for handle in (process / "fd").iterdir():
                with suppress(OSError):
                    if str(handle.readlink()) in sockets:
                        return f"{(process / 'comm').read_text().strip()} (pid {process.name})"
    return None


def _inodes(port: int) -> set[str]:
    """Inodes of the sockets that listen on the port, from the kernel's tables."""
    found = set()
    for name in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in (_PROC / "net" / name).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == _LISTENS and int(fields[1].rpartition(":")[2], 16) == port:
                    found.add(fields[9])
    return found


def _by_lsof(port: int) -> str | None:
    try:
        done = subprocess.run(
            ["lsof", "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-Fpc"], capture_output=True, text=True,
            timeout=10, check=False
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    said = {line[:1]: line[1:] for line in done.stdout.splitlines()}
    return f"{said['c']} (pid {said['p']})" if {"c", "p"} <= said.keys() else None
