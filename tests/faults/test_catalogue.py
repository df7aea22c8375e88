"""Each fault of `make faults` still has its place, and the runner tells what is noticed from what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compiled import changed_since
from tests.conftest import repository
from tests.faults.catalogue import FAULTS, Fault
from tests.faults.run import broken, copied, noticed


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_has_its_place_and_its_tests(fault: Fault) -> None:
    whole = (repository() / fault.path).read_text()
    assert broken(whole, fault) != whole
    assert all((repository() / test).is_file() for test in fault.tests)


def test_the_copy_that_is_broken_runs_what_is_compiled_here(tmp_path: Path) -> None:
    copied(tmp_path)
    assert changed_since(tmp_path) == []
    built = {path.relative_to(repository()) for path in (repository() / "services").rglob("*.so")}
    assert {path.relative_to(tmp_path) for path in (tmp_path / "services").rglob("*.so")} == built


def test_a_fault_that_a_test_sees_is_told_from_one_that_none_does(tmp_path: Path) -> None:
    (tmp_path / "sums.py").write_text("def add(a, b):\n    return a + b\n")
    (tmp_path / "test_sums.py").write_text("import sums\n\ndef test_add(): assert sums.add(2, 2) == 4\n")
    seen = Fault("minus", "sums.py", "a + b", "a - b", ("test_sums.py",))
    unseen = Fault("times", "sums.py", "a + b", "a * b", ("test_sums.py",))
    assert noticed(tmp_path, seen) == (True, "FAILED test_sums.py::test_add - assert 0 == 4")
    assert not noticed(tmp_path, unseen)[0]
    assert (tmp_path / "sums.py").read_text().endswith("return a + b\n")
    with pytest.raises(ValueError, match=r"stands 0 times in sums\.py"):
        broken("", seen)
