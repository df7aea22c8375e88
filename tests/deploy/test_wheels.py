"""The wheel with the compiled parts: installed where there is no compiler, it runs compiled."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from deploy import wheels
from tests.compiled import need_compiled

SCRIPT = """
import services.ingest.extract as extract
from services.enrich import words
from services.ingest.extract import walk
from services.enrich.regions import reading
from services.enrich.topics import english
assert walk.COMPILED and words.COMPILED and reading._compiled and english._compiled, "it runs in plain Python"
print(extract.__file__)
print(extract.extract("<title>A bridge is built</title><p>The council voted to rebuild the bridge.</p>").title)
"""  # noqa: E501


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_the_wheel_runs_compiled_in_a_clean_environment(tmp_path: Path) -> None:
    need_compiled()
    wheel = wheels.built(tmp_path / "dist")
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    python = str(tmp_path / "venv/bin/python")
    subprocess.run(
        [python, "-I", "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", str(wheel)], check=True
    )
    # What it depends on is taken from the environment of the tests; that one's own install of Dateline is not
    # among it.
    (site,) = (tmp_path / "venv/lib").glob("python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    done = subprocess.run(
        [python, "-I", "-c", SCRIPT], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    where, title = done.stdout.splitlines()
    assert where.startswith(str(tmp_path / "venv"))
    assert title == "A bridge is built"
