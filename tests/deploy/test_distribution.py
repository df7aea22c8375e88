"""The tests themselves, shared out among processes: a unit stays together, and a process that ends names its
test."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import repository
from tests.distribution import unit_of

_CONFTEST = """
from tests.distribution import (
    pytest_make_parametrize_id, pytest_xdist_auto_num_workers, pytest_xdist_make_scheduler
)
"""
_SUITE = """
import os, pytest

@pytest.fixture(scope="module")
def started(): return os.getpid()

@pytest.mark.parametrize("body", [bytes([n]) + os.urandom(9) for n in range(6)])
def test_one(started, body): print("process of {file}:", started)
"""


def _run(folder: Path, *arguments: str) -> str:
    environ = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "xdist", "-n", "2", *arguments],
        cwd=folder,
        env=environ | {"PYTHONPATH": str(repository()), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    (tmp_path / "conftest.py").write_text(_CONFTEST)
    for name in ("test_a", "test_b", "test_c"):
        (tmp_path / f"{name}.py").write_text(_SUITE.replace("{file}", name))
    return tmp_path


def test_a_file_runs_in_one_process_whatever_bytes_its_cases_are_named_by(suite: Path) -> None:
    said = _run(suite, "-rP")
    assert "18 passed" in said, said
    for name in ("test_a", "test_b", "test_c"):
        assert len(set(re.findall(rf"process of {name}: (\d+)", said))) == 1
    assert len(set(re.findall(r"process of \w+: (\d+)", said))) == 2


def test_a_process_that_ends_names_the_test_that_it_was_at(suite: Path) -> None:
    (suite / "test_crash.py").write_text("import os\n\ndef test_ends_it(): os._exit(3)\n")
    said = _run(suite)
    assert re.search(r"crashed while running '?test_crash.py::test_ends_it", said), said
    assert "18 passed" in said


def test_a_single_file_is_run_without_other_processes(suite: Path) -> None:
    said = _run(suite, "-n", "auto", "test_a.py::test_one")
    assert "6 passed" in said, said
    assert "workers" not in said


def test_tests_of_the_running_pipeline_are_one_unit() -> None:
    shared = {"tests/pipeline/test_pipeline.py::test_x", "tests/desk/test_page.py::test_y[a::b]"}
    assert len({unit_of(nodeid) for nodeid in shared}) == 1
    assert unit_of("tests/a.py::test_x[b]") == unit_of("tests/a.py::test_y") == "tests/a.py"
