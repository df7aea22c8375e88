"""Whatever any program puts into a queue: it is refused once and kept in quarantine, and the worker that met
it goes on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from redis import Redis

from chaos.poison import KINDS, pour
from services.contract.routes import QUEUES, URL_LIST
from services.demo.pages import stories
from services.demo.site import Site
from services.local.stack import Stack
from services.runtime import quarantine
from tests.conftest import STACK_SETTINGS, eventually
from tests.pipeline.lives import rows, settle, submit

pytestmark = [pytest.mark.pipeline, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    settings = STACK_SETTINGS | {"DATELINE_VISIBILITY_TIMEOUT_S": "15"}
    running = Stack(tmp_path_factory.mktemp("hostile"), environ=settings, flower=False, desk=False)
    running.start()
    yield running
    running.stop()
    running.wipe()


def test_a_message_of_any_kind_is_refused_once_and_the_worker_goes_on(stack: Stack, site: Site) -> None:
    before = _processes(stack)
    with Redis.from_url(stack.redis.url) as client:
        pour(stack.redis.url, stack.postgres.url, f"{site.url}/poisoned-feed")
        urls = [f"{site.url}{path}?behind=them" for path in stories()]
        submit(stack, *urls)
        ends = settle(stack, urls, within_s=120)
        assert {state for state, _ in ends.values()} <= {"stored", "skipped"}
        eventually("queues are empty", lambda: not client.exists(*QUEUES, "unacked"), within_s=60)
        assert len(client.lrange(quarantine.KEY, 0, -1)) >= 0.9 * len(KINDS) * len(QUEUES)
        eventually("lines are recorded", lambda: not client.exists(URL_LIST, f"{URL_LIST}:claimed"))
    assert _processes(stack) == before, "a worker was lost"
    assert {r for (r,) in rows(stack, "SELECT reason FROM submissions WHERE state = 'refused'")} >= {
        "malformed_url",
        "line_too_long",
    }


def test_what_is_in_quarantine_is_kept_with_its_reason(stack: Stack) -> None:
    with Redis.from_url(stack.redis.url) as client:
        kept = quarantine.Quarantine(client).messages()
    assert all(one.reason and one.error for one in kept)
    assert {one.reason for one in kept} >= {"bad_envelope", "bad_message", "bad_item"}
    assert all(len(one.body) <= quarantine.WHOLE_BYTES for one in kept)


def _processes(stack: Stack) -> dict[str, int | None]:
    return {child.name: child.process.pid if child.process else None for child in stack._children.values()}
