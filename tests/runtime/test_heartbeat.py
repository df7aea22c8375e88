"""A heartbeat file tells a health check whether a worker moves."""

from __future__ import annotations

import os
import time
from pathlib import Path

from services.runtime.heartbeat import check, touch


def test_a_fresh_heartbeat_is_healthy(tmp_path: Path) -> None:
    touch(tmp_path / "run" / "beat")
    assert check(tmp_path / "run" / "beat") is None


def test_a_missing_heartbeat_says_that_the_worker_is_not_ready(tmp_path: Path) -> None:
    assert "has not become ready" in (check(tmp_path / "beat") or "")


def test_an_old_heartbeat_says_for_how_long_nothing_moved(tmp_path: Path) -> None:
    touch(tmp_path / "beat")
    os.utime(tmp_path / "beat", (time.time() - 300,) * 2)
    assert "no progress for 300 s" in (check(tmp_path / "beat") or "")
