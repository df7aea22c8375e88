"""What processes cost: CPU seconds and memory of a process and all below it, read from /proc (Linux)."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """A process and its descendants."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, IndexError, ValueError):
                parent = int(_stat(int(entry.name))[1])
                children.setdefault(parent, []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += children.get(one, [])
    return found


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat behind the name: state, parent, …"""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def cpu_s(pid: int) -> float:
    """CPU seconds of a process and its descendants, those that have ended and been waited for included."""
    ticks = 0
    for one in family(pid):
        with suppress(OSError, IndexError):
            ticks += sum(int(field) for field in _stat(one)[11:15])
    return ticks / _TICKS


def memory_bytes(pid: int) -> int:
    """Proportional set size of a process and its descendants: pages that several share are counted once in
    all."""
    total = 0
    for one in family(pid):
        with suppress(OSError, ValueError, StopIteration):
            lines = Path(f"/proc/{one}/smaps_rollup").read_text().splitlines()
            total += 1024 * int(next(line for line in lines if line.startswith("Pss:")).split()[1])
    return total


class Meter:
    """CPU and peak memory by role, from its making to `stop()`. `pids` is asked again at each look.

    To say what a process holds the kernel goes through all of its pages, and holds up what it does: 85 ms a
    look for eight processes with 900 MB, which is why looks are rare.
    """

    def __init__(self, pids: Callable[[], Mapping[str, int]], *, every_s: float = 5.0) -> None:
        self._pids = pids
        self._every_s = every_s
        self._before = {role: cpu_s(pid) for role, pid in pids().items()}
        self.cpu: dict[str, float] = {}
        self.peak: dict[str, int] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._over.wait(self._every_s):
            self._look()

    def _look(self) -> None:
        for role, pid in self._pids().items():
            self.peak[role] = max(self.peak.get(role, 0), memory_bytes(pid))

    def stop(self) -> None:
        """End the watch and fill `cpu` (seconds since the start) and `peak` (bytes)."""
        self.cpu = {role: cpu_s(pid) - self._before.get(role, 0.0) for role, pid in self._pids().items()}
        self._over.set()
        self._thread.join()
        self._look()
