"""How the tests are shared out among worker processes (pytest-xdist).

A file is a unit: its tests run in one process, in order, so that what its fixtures start is started once.
Files whose tests share a running pipeline, or the taggers, are one unit. The units that mostly wait go first,
then what takes longest: the others fill the time.
"""

from __future__ import annotations

import os

import pytest
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

_STACK = "the shared stack"
_TAGGERS = "the shared taggers"
_SHARED = {
    "tests/pipeline/test_pipeline.py": _STACK,
    "tests/pipeline/test_outages.py": _STACK,
    "tests/pipeline/test_duplicates.py": _STACK,
    "tests/pipeline/test_events.py": _STACK,
    "tests/pipeline/test_sources.py": _STACK,
    "tests/desk/test_page.py": _STACK,
    "tests/hostile/test_linear_time.py": _TAGGERS,
    "tests/store/test_source_priors.py": _TAGGERS,
}
_FIRST = (
    "tests/pipeline/test_poison.py",
    _STACK,
    "tests/pipeline/test_rabbitmq.py",
    "tests/pipeline/test_chaos.py",
    "tests/demo/test_stack.py",
    _TAGGERS,
)
_MOST_WORKERS = 8


def unit_of(nodeid: str) -> str:
    """The unit of a test: its file, or what several files share."""
    file = nodeid.partition("::")[0]
    return _TAGGERS if file.startswith("tests/enrich/") else _SHARED.get(file, file)


class ByUnit(LoadScopeScheduling):
    """Hands out whole units, in the order in which they are collected."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)

    def remove_node(self, node: WorkerController) -> str | None:
        """The test at which a process ended has failed and is not begun again; the rest of its units is."""
        units = self.assigned_work[node]
        left = [
            (unit, nodeid) for unit, tests in units.items() for nodeid, ended in tests.items() if not ended
        ]
        units.clear()
        for unit, nodeid in left[1:]:
            units.setdefault(unit, {})[nodeid] = False
        super().remove_node(node)
        return left[0][1] if left else None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ByUnit:
    """Called by pytest-xdist."""
    config.option.loadscopereorder = False
    return ByUnit(config, log)  # type: ignore[arg-type]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Called by pytest-xdist for `-n auto`: two processes more than there are cores, since some units mostly
    wait.

    Never more than there are files, where files are named; a single one is run in the process itself (0).
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    named = {argument.partition("::")[0] for argument in config.args}
    files = len(named) if all(name.endswith(".py") for name in named) else _MOST_WORKERS
    return 0 if files == 1 else min(cores + 2, files, _MOST_WORKERS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Units that wait come first, where tests are shared out."""
    if not os.environ.get("PYTEST_XDIST_WORKER"):
        return
    places = {unit: place for place, unit in enumerate(_FIRST)}
    items.sort(key=lambda item: places.get(unit_of(item.nodeid), len(places)))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes that nobody can read, or that hold a time, name no case: every process must give it the same
    name."""
    if isinstance(val, bytes) and not (len(val) <= 40 and val.isascii() and val.decode().isprintable()):
        return argname
    return None
