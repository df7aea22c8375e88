"""What a process cost is still known once it has ended."""

from __future__ import annotations

import subprocess
import sys

from bench.pipeline.meter import Meter
from bench.pipeline.peers.runs import failed
from tests.conftest import eventually

_WORKS = "import time\nwhile time.process_time() < 0.3: pass\nraise SystemExit({})"


def _ended(status: int) -> tuple[subprocess.Popen[bytes], Meter]:
    process = subprocess.Popen([sys.executable, "-c", _WORKS.format(status)])
    meter = Meter(lambda: {"peer": process.pid})
    eventually("the process has ended", lambda: _state(process.pid) == "Z")
    return process, meter


def _state(pid: int) -> str:
    with open(f"/proc/{pid}/stat") as stat:  # noqa: PTH123
        return stat.read().rpartition(")")[2].split()[0]


def test_a_process_that_has_ended_well_is_measured_whole() -> None:
    process, meter = _ended(0)
    assert not failed(process.pid)
    meter.stop()
    assert meter.cpu["peer"] > 0.2
    assert process.wait() == 0


def test_one_that_has_failed_is_told_and_measured() -> None:
    process, meter = _ended(3)
    assert failed(process.pid)
    meter.stop()
    assert meter.cpu["peer"] > 0.2
    assert process.wait() == 3


def test_one_that_runs_has_not_failed() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert not failed(process.pid)
        process.communicate(b"\n")
