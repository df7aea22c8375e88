"""A supervised process: what counts as died, and what as renewed."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from services.local import supervised
from services.local.supervised import Supervised


@pytest.mark.parametrize(("status", "died"), [(0, False), (70, True)])
def test_a_process_that_ended_by_itself_runs_again_and_only_a_failed_one_counts_as_died(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, *, died: bool
) -> None:
    monkeypatch.setattr(supervised, "_SETTLED_S", 0.0)
    command = [sys.executable, "-c", f"import sys; sys.exit({status})"]
    child = Supervised("ingest", command, dict(os.environ), tmp_path / "log")
    child.run()
    first = child.process
    assert first
    first.wait(timeout=30)
    restarts = []
    deadline = time.monotonic() + 30
    while child.process is first and time.monotonic() < deadline:
        restarts.append(child.restart_if_due())
    assert child.process is not first
    assert restarts[-1] is died
    assert child.failures == (1 if died else 0)
    assert child.process
    child.process.wait(timeout=30)


def test_a_process_that_ends_at_once_is_not_restarted_without_backoff(tmp_path: Path) -> None:
    child = Supervised("ingest", [sys.executable, "-c", ""], dict(os.environ), tmp_path / "log")
    child.run()
    first = child.process
    assert first
    first.wait(timeout=30)
    assert not child.restart_if_due()
    assert child.process is first
    assert child.failures == 1
