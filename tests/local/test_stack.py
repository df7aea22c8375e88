"""The embedded stack's own arrangements."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from redis import Redis

from services.local.stack import Stack, fitting
from services.runtime import worker_states
from tests.conftest import STACK_SETTINGS, eventually


def test_what_fits_the_machine_is_at_least_one() -> None:
    assert all(count >= 1 for count in fitting().values())


@pytest.mark.pipeline
@pytest.mark.long  # `tests/demo` starts two of one service
def test_several_workers_of_a_service_run_side_by_side(tmp_path: Path) -> None:
    running = Stack(
        tmp_path, environ=STACK_SETTINGS, flower=False, desk=False, scale={"ingest": 2, "store": 2}
    )
    running.start()
    try:
        pids = {name: running.pid(name) for name in ("ingest", "ingest-2", "store", "store-2", "enrich")}
        assert len(set(pids.values())) == 5
        assert None not in pids.values()
        with Redis.from_url(running.redis.url) as client:
            wanted = {"ingest": 2, "store": 2, "enrich": 1, "scheduler": 1, "stories": 1}
            eventually("all of them are heard of", lambda: _services(client) == wanted)
        yielding = {name: os.getpriority(os.PRIO_PROCESS, pid) for name, pid in pids.items() if pid}
        own = os.getpriority(os.PRIO_PROCESS, 0)
        assert yielding == {
            "ingest": own + 2,
            "ingest-2": own + 2,
            "store": own,
            "store-2": own,
            "enrich": own,
        }
    finally:
        running.hurry()
        running.stop()
        running.wipe()


def _services(client: Redis) -> Counter[str]:
    return Counter(said.service for said in worker_states.workers(client).values())
