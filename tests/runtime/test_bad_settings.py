"""A setting that will not do ends a service in one line, which names the variable and what to do, and status
2."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.contract.errors import BadSettings
from services.desk.settings import DeskSettings
from services.enrich.settings import EnrichSettings
from services.ingest.settings import IngestSettings
from services.local.postgres import EmbeddedPostgres
from services.local.server import free_port
from services.local.valkey import EmbeddedRedis
from services.runtime.flower import FlowerSettings
from services.runtime.settings import load
from services.scheduler.settings import SchedulerSettings
from services.store.settings import StoreSettings
from tests.hostile.odd_values import TEXTS, texts
from tests.thinning import examples

_CLASSES = (DeskSettings, EnrichSettings, IngestSettings, FlowerSettings, SchedulerSettings, StoreSettings)
_SOUND = {
    "DATELINE_DATABASE_URL": "postgresql://d:x@127.0.0.1:1/d",
    "DATELINE_REDIS_URL": "redis://:x@127.0.0.1:1/0",
}


@pytest.mark.parametrize("kind", _CLASSES, ids=lambda kind: kind.__name__)
def test_whatever_a_variable_holds_is_taken_or_refused_by_name(kind: type[Any]) -> None:
    names = [field.metadata["variable"] for field in fields(kind)]

    @given(
        name=st.sampled_from(names),
        value=st.one_of(texts, st.sampled_from(TEXTS).map(lambda t: f"{t},{t}"), st.just("redis://[::1")),
    )
    @settings(
        max_examples=examples(400),
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def holds(name: str, value: str) -> None:
        try:
            load(kind, _SOUND | {name: value})
        except BadSettings as error:
            assert name in str(error)
            assert "set it to" in str(error)
            assert str(error).startswith("cannot start: ")

    holds()


@pytest.fixture(scope="module")
def taken() -> Iterator[int]:
    """A port that somebody else has."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


_DESK, _SCHEDULER, _FLOWER = "services.desk", "services.scheduler", "services.runtime.flower"
_BAD = [
    (_DESK, "DATELINE_DESK_PORT", "{taken}"), (_DESK, "DATELINE_TRUSTED_PROXIES", "the proxy"),
    ("services.ingest", "DATELINE_WARC_DIR", "{file}/below"),
    ("services.enrich", "DATELINE_HEARTBEAT_FILE", "{file}/below/it"),
    ("services.store", "DATELINE_VISIBILITY_TIMEOUT_S", "9"),
    (_SCHEDULER, "DATELINE_METRICS_PORT", "{taken}"),
    (_FLOWER, "DATELINE_FLOWER_PORT", "{taken}"),
]  # fmt: skip
_BAD_TOO = [
    (_DESK, "DATELINE_DESK_PORT", "0"), (_DESK, "DATELINE_DESK_ADDRESS", "192.0.2.1"),
    (_DESK, "DATELINE_DESK_ADDRESS", "no address"),
    (_DESK, "DATELINE_DESK_OPEN_TO", "10.0.0.1/8"), (_DESK, "DATELINE_METRICS_PORT", "{taken}"),
    (_DESK, "DATELINE_HEARTBEAT_FILE", "{file}/below/it"), (_DESK, "DATELINE_DESK_QUESTION_S", "²"),
    ("services.ingest", "DATELINE_INGEST_CONCURRENCY", "many"),
    ("services.ingest", "DATELINE_HEARTBEAT_FILE", "{file}/below/it"),
    ("services.enrich", "DATELINE_ENRICH_CONCURRENCY", "-1"),
    ("services.store", "DATELINE_LOG_LEVEL", "loud"),
    (_SCHEDULER, "DATELINE_HOST_LIMIT", "fast"), (_SCHEDULER, "DATELINE_HEARTBEAT_FILE", "{file}/below/it"),
    (_FLOWER, "DATELINE_FLOWER_BASIC_AUTH", "user"), (_FLOWER, "DATELINE_FLOWER_DATABASE", "{file}/below/it"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("service", "variable", "value"),
    [*_BAD, *(pytest.param(*bad, marks=pytest.mark.long) for bad in _BAD_TOO)],
)
def test_a_service_says_what_is_wrong_in_one_line(
    postgres: EmbeddedPostgres,
    redis_server: EmbeddedRedis,
    taken: int,
    tmp_path: Path,
    service: str,
    variable: str,
    value: str,
) -> None:
    file = tmp_path / "file"
    file.touch()
    environ = {
        **os.environ,
        "DATELINE_DATABASE_URL": postgres.url,
        "DATELINE_REDIS_URL": redis_server.url,
        "DATELINE_DESK_PORT": str(free_port(18080)),
        variable: value.format(taken=taken, file=file),
    }
    done = subprocess.run(
        [sys.executable, "-m", service], env=environ, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 2, done.stderr
    assert variable in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    assert done.stderr.startswith(f"dateline {service.rpartition('.')[2]}: ")


def test_a_desk_without_the_address_check_says_so_in_one_line(
    postgres: EmbeddedPostgres, redis_server: EmbeddedRedis
) -> None:
    without = (
        "from requests.adapters import HTTPAdapter; from services.desk import delivery; "
        "delivery.guarded_adapter = lambda *_, **__: HTTPAdapter(); "
        "from services.desk.app import main; main()"
    )
    environ = {**os.environ, "DATELINE_DATABASE_URL": postgres.url, "DATELINE_REDIS_URL": redis_server.url}
    done = subprocess.run(
        [sys.executable, "-c", without], env=environ, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 2, done.stderr
    assert "the address check is not in place" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
