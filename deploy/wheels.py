"""A wheel with the compiled parts, so that whoever installs it needs no compiler: `python deploy/wheels.py
[--into dist]`.

It is for the Python and the kind of machine that build it; where auditwheel is installed, for any Linux with
as old a C library.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--into", type=Path, default=PROJECT / "dist", help="the folder to put it into (default: dist)"
    )
    sys.stdout.write(f"{built(parser.parse_args().into)}\n")


def built(into: Path) -> Path:
    """Build the wheel; where it is. Ends the process with the reason where it would hold nothing compiled."""
    into.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*command, "--wheel-dir", folder, "."], cwd=PROJECT, check=True)
        (wheel,) = Path(folder).glob("*.whl")
        if missing := _missing(wheel):
            sys.exit(
                f"wheels: {', '.join(missing)} could not be compiled; a C compiler and Python.h "
                f"(python3-dev) are needed"
            )
        auditwheel = shutil.which("auditwheel")
        if auditwheel is None:
            return Path(shutil.move(wheel, into / wheel.name))
        before = set(into.iterdir())
        subprocess.run([auditwheel, "repair", "--wheel-dir", str(into), str(wheel)], check=True)
        (repaired,) = set(into.iterdir()) - before or {
            max(into.glob("*.whl"), key=lambda w: w.stat().st_mtime)
        }
        return repaired


def _missing(wheel: Path) -> list[str]:
    """Sources that should be in the wheel as compiled modules, and are not."""
    with zipfile.ZipFile(wheel) as archive:
        held = {name.partition(".")[0] for name in archive.namelist() if name.endswith(".so")}
    sources = {
        path.relative_to(PROJECT).with_suffix("")
        for kind in ("*.pyx", "*.pxd")
        for path in (PROJECT / "services").rglob(kind)
    }
    return sorted(map(str, {source.as_posix() for source in sources} - held))


if __name__ == "__main__":
    main()
