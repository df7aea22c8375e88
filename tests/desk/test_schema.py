"""The API conforms to its OpenAPI description: generated requests cause no server error and no
undocumented response."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from hypothesis import HealthCheck, Phase, given, settings
from psycopg_pool import ConnectionPool

from services.desk.app import build
from services.desk.settings import DeskSettings
from services.local.server import free_port
from services.local.valkey import EmbeddedRedis
from services.runtime.settings import load
from tests.articles import enriched, stored
from tests.conftest import eventually
from tests.thinning import examples

EXAMPLES = 40
ENDLESS = "/events"


@pytest.fixture
def running(pool: ConnectionPool, database_url: str, redis_server: EmbeddedRedis) -> Iterator[str]:
    """A desk on a real port."""
    stored(pool, *(enriched(topics=("medtop:15000000",), countries={"ML": ("about",)}) for _ in range(3)))
    environ = {
        "DATELINE_DATABASE_URL": database_url,
        "DATELINE_REDIS_URL": redis_server.url,
        "DATELINE_DESK_RATE": "100000",
    }
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(build(load(DeskSettings, environ)), port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    eventually("the desk runs", lambda: server.started, within_s=20)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)


def test_generated_requests_find_no_error_and_no_answer_that_is_not_described(running: str) -> None:
    # A second and a half to import: only here, since every process of a run reads every file of tests.
    import schemathesis
    from schemathesis.specs.openapi import checks

    held = [
        schemathesis.checks.not_a_server_error, checks.status_code_conformance,
        checks.content_type_conformance, checks.response_headers_conformance,
        checks.response_schema_conformance,
    ]  # fmt: skip
    description = schemathesis.openapi.from_url(f"{running}/openapi.json")
    tried = []
    for found in description.get_all_operations():
        operation = found.ok()
        if operation.path == ENDLESS:
            continue
        tried.append(operation.label)

        @given(case=operation.as_strategy())
        @settings(
            max_examples=examples(EXAMPLES), deadline=None, derandomize=True, database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        def conforms(case: Any) -> None:
            case.call_and_validate(checks=held, timeout=30)

        conforms()
    assert len(tried) >= 30, tried
