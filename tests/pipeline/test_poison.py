"""Pages that kill the process which works on them end as dead letters; their neighbours pass."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.demo.pages import render_target, stories
from services.demo.site import Site
from services.local.stack import Stack
from services.store import dead_letters
from tests.conftest import STACK_SETTINGS
from tests.pipeline.lives import rows, settle, submit

pytestmark = [pytest.mark.pipeline, pytest.mark.timeout(400)]


def _poisoned(target: str, base: str) -> str | None:
    """A page, with a marker where its address asks for one: `?poison=ingest-crash`."""
    path, _, kind = target.partition("?poison=")
    found = render_target(path, base)
    return found.replace("the", f"the poison-{kind} ") if found and kind else found


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with Site(render=_poisoned) as running:
        yield running


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    settings = STACK_SETTINGS | {
        "DATELINE_MAX_ATTEMPTS": "3",
        "DATELINE_FETCH_TIMEOUT_S": "2",
        "DATELINE_TASK_LIMIT_S": "8",
        "PYTHONPATH": str(Path(__file__).parent / "poison"),
    }
    running = Stack(tmp_path_factory.mktemp("poisoned"), environ=settings, flower=False, desk=False)
    running.start()
    yield running
    running.stop()
    running.wipe()


_KILLED = {"extraction_killed"}
# Whichever notices first: the next delivery or, on a busy machine, the reconciler.
_LOST = {"worker_lost", "no_progress"}
KINDS = {
    "ingest-crash": _KILLED,
    "ingest-memory": _KILLED,
    "ingest-loop": _KILLED,
    "enrich-crash": _LOST,
    "enrich-memory": _LOST,
    "enrich-loop": _LOST,
}


def test_pages_that_kill_their_workers_end_as_dead_letters_and_their_neighbours_pass(
    stack: Stack, site: Site
) -> None:
    path = next(p for p, s in stories().items() if s.layout == "broadsheet")
    poisons = {f"{site.url}{path}?poison={kind}": reasons for kind, reasons in KINDS.items()}
    neighbours = [f"{site.url}{p}?beside={n}" for n in range(3) for p in stories()]
    submit(stack, *neighbours[:20], *poisons, *neighbours[20:])
    ends = settle(stack, [*poisons, *neighbours], within_s=300)
    assert {ends[url] for url in neighbours} == {("stored", None)}
    for url, reasons in poisons.items():
        state, reason = ends[url]
        assert (state, reason in reasons) == ("failed", True), (url, state, reason)
    # A page that is killed apart as well is given up at once; an article has all its attempts.
    attempts = rows(stack, "SELECT url, attempts FROM submissions WHERE state = 'failed'")
    assert all(times == 3 or ("=ingest" in url and times == 2) for url, times in attempts), attempts
    with stack.connect() as connection:
        letters = {letter["url"]: letter["error"] for letter in dead_letters.list_letters(connection)}
    assert letters.keys() == poisons.keys()
    assert all(letters.values())
