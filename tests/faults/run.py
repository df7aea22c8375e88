"""Breaks a copy of the working tree in one place after another and runs the tests that must notice.

`python -m tests.faults.run [--only WORD] [--dry]`: exit 1 where a fault passes, 2 where tests fail without
one.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.faults.catalogue import FAULTS, Fault

ROOT = Path(__file__).parents[2]
_MARKERS = "not containers and not long"


def broken(text: str, fault: Fault) -> str:
    """The file's text with the fault in it. Raises ValueError where its place is not there exactly once."""
    if text.count(fault.old) != 1:
        raise ValueError(
            f"{fault.name}: {fault.old!r} stands {text.count(fault.old)} times in {fault.path}; "
            "say in tests/faults/catalogue.py what stands there now"
        )
    return text.replace(fault.old, fault.new)


def copied(into: Path) -> None:
    """A copy of what git knows of, changed files too, and of the compiled parts with the note of their
    sources."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split("\0")  # fmt: skip
    compiled = (str(path.relative_to(ROOT)) for path in (ROOT / "services").rglob("*.so"))
    for name in [*filter(None, listed), *compiled, "build/compiled.json"]:
        if (ROOT / name).is_file():
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, into / name)


def tested(tree: Path, tests: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """The tests of `make test` in these files, in that tree, up to the first that fails."""
    environ = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", _MARKERS, *tests],
        cwd=tree, env=environ | {"PYTHONPATH": str(tree)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def noticed(tree: Path, fault: Fault) -> tuple[bool, str]:
    """Whether a test fails with the fault in the tree, and which."""
    path = tree / fault.path
    whole = path.read_text()
    path.write_text(broken(whole, fault))
    try:
        done = tested(tree, fault.tests)
    finally:
        path.write_text(whole)
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    return done.returncode == 1, (failed or done.stdout.splitlines() or [done.stderr[-200:]])[-1][:110]


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="faults whose name holds this")
    parser.add_argument("--dry", action="store_true", help="only the tests without a fault")
    chosen = parser.parse_args()
    faults = [fault for fault in FAULTS if chosen.only in fault.name]
    with tempfile.TemporaryDirectory(prefix="dateline-faults-") as folder:
        tree = Path(folder)
        tree.chmod(0o755)
        copied(tree)
        done = tested(tree, sorted({test for fault in faults for test in fault.tests}))
        if done.returncode:
            print(f"{done.stdout[-3000:]}\nthe tests fail without a fault: nothing would be proved")
            return 2
        passed = 0 if chosen.dry else sum(not _told(tree, fault) for fault in faults)
    print(f"{len(faults)} faults, {passed} of them pass")
    return bool(passed)


def _told(tree: Path, fault: Fault) -> bool:
    started = time.monotonic()
    found, by = noticed(tree, fault)
    print(
        f"{'found ' if found else 'PASSES'} {fault.name} ({time.monotonic() - started:.0f} s): {by}",
        flush=True,
    )
    return found


if __name__ == "__main__":
    sys.exit(main())
