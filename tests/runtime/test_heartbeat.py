"""A heartbeat file tells a health check whether a worker moves."""

from __future__ import annotations

import os
import re
import threading
import time
from pathlib import Path

import msgspec
import pytest
from redis import Redis

from services.runtime import heartbeat
from services.runtime.heartbeat import Watchdog, check, extend, touch
from services.runtime.worker_states import WORKERS_KEY, WorkerState, report, worker_name, workers


def test_a_fresh_heartbeat_is_healthy(tmp_path: Path) -> None:
    touch(tmp_path / "run" / "beat")
    assert check(tmp_path / "run" / "beat") is None


def test_a_missing_heartbeat_says_that_the_worker_is_not_ready(tmp_path: Path) -> None:
    assert "has not become ready" in (check(tmp_path / "beat") or "")


def test_an_old_heartbeat_says_for_how_long_nothing_moved(tmp_path: Path) -> None:
    touch(tmp_path / "beat")
    hour_ago = time.time() - 3600
    os.utime(tmp_path / "beat", (hour_ago, hour_ago))
    said = re.search(r"no progress for (\d+) s", check(tmp_path / "beat") or "")
    assert said
    assert 3600 <= int(said[1]) <= time.time() - hour_ago + 1


class _Worker:
    """A worker as its watchdog sees it."""

    def __init__(self, path: Path) -> None:
        self.waiting = self.taken = 0
        self.busy = False
        self.said: list[str] = []
        self.ended: list[str] = []
        self.watchdog = Watchdog(
            service="enrich",
            path=path,
            waiting=lambda: self.waiting,
            taken=lambda: self.taken,
            busy=lambda: self.busy,
            say=lambda state: self.said.append(state.state),
            task_limit_s=60,
            end=self.ended.append,
        )


@pytest.fixture
def worker(tmp_path: Path) -> _Worker:
    found = _Worker(tmp_path / "beat")
    found.watchdog.probe()
    (tmp_path / "beat").unlink()
    return found


def _beats(worker: _Worker) -> bool:
    worker.watchdog.probe()
    assert worker.watchdog.path is not None
    return worker.watchdog.path.exists()


def test_an_idle_worker_a_moving_one_and_a_busy_one_beat(worker: _Worker) -> None:
    assert _beats(worker)
    worker.waiting, worker.taken = 7, 3
    assert _beats(worker)
    worker.busy = True
    assert _beats(worker)
    assert worker.said == ["idle", "idle", "working", "working"]


def test_a_worker_that_takes_nothing_while_work_waits_stops_beating_and_in_the_end_ends(
    worker: _Worker,
) -> None:
    worker.waiting = 7
    assert not _beats(worker)
    assert worker.said[-1] == "stuck"
    assert worker.ended == []
    worker.watchdog.since -= heartbeat.STUCK_LIMIT_S + 1
    worker.watchdog.probe()
    assert "7 messages were waiting" in worker.ended[0]


def test_a_worker_that_waits_for_the_database_says_so_and_is_not_ended(
    worker: _Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "_excuse", [])
    worker.waiting = 7
    extend("database_away")
    assert _beats(worker)
    assert worker.said[-1] == "waits: database_away"


def test_a_worker_that_stays_too_large_is_renewed_once_and_not_before_its_time(worker: _Worker) -> None:
    renewed: list[str] = []
    now, size = [1000.0], [100 * 2**20]
    watchdog = worker.watchdog
    watchdog.growth_bytes, watchdog.renew = 50 * 2**20, renewed.append
    watchdog.resident, watchdog.clock = lambda: size[0], lambda: now[0]

    def probes(count: int, mib: int) -> None:
        size[0] = mib * 2**20
        for _ in range(count):
            watchdog.probe()

    probes(1, 100)
    probes(heartbeat.LARGE_PROBES + 1, 151)
    assert renewed == []  # it is young
    now[0] += heartbeat.RENEWED_AFTER_S
    probes(1, 150)
    probes(heartbeat.LARGE_PROBES - 1, 400)
    probes(1, 149)
    probes(heartbeat.LARGE_PROBES - 1, 400)
    assert renewed == []  # never for a minute on end
    probes(3, 160)
    assert renewed == ["160 MiB, 60 more than at its start"]
    assert worker.ended == []


def test_the_resident_size_is_that_of_the_process() -> None:
    before = heartbeat.resident_bytes()
    kept = bytearray(os.urandom(64 * 2**20))
    assert heartbeat.resident_bytes() - before > len(kept) // 2


def test_a_worker_that_its_watchdog_ended_says_so_by_its_status(monkeypatch: pytest.MonkeyPatch) -> None:
    assert heartbeat.exit_status() == 0
    monkeypatch.setattr(heartbeat, "_ended", ["hung"])
    assert heartbeat.exit_status() == 70


def test_a_hanging_task_is_told_with_the_line_that_it_hangs_at(
    worker: _Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heartbeat, "_running", {threading.get_ident(): time.monotonic() - 3600})
    worker.watchdog.probe()
    assert re.match(r"a task has hung for 36\d\d s", worker.ended[0])
    assert "test_heartbeat.py" in worker.ended[0]


def test_states_are_read_back_from_redis_and_old_ones_forgotten(redis: Redis) -> None:
    now = time.time()
    report(redis, WorkerState(service="store", state="idle", at=now, since=now))
    redis.hset(WORKERS_KEY, "x", "not a state")
    old = WorkerState(service="ingest", state="idle", at=now - 7200, since=now)
    redis.hset(WORKERS_KEY, "ingest@gone:1", msgspec.json.encode(old))
    assert list(workers(redis)) == [worker_name("store")]
    assert not redis.hexists(WORKERS_KEY, "ingest@gone:1")
    assert not WorkerState(service="store", state="idle", at=now - 100, since=now).healthy
    assert not WorkerState(service="store", state="stuck", at=now, since=now).healthy
