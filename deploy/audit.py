"""The locked packages, compared with the published vulnerabilities by pip-audit: `make audit`.

pip-audit is no dependency of ours: it is run as it is found here, or by uv or pipx, which fetch it for the
one run. Exit status: 0 nothing is known, 1 something is, 2 nobody can tell, since the database or pip-audit
cannot be had.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
_RUNNERS = (
    ("pip-audit",),
    ("uv", "tool", "run", "--quiet", "pip-audit"),
    ("pipx", "run", "--quiet", "pip-audit"),
)


def runner() -> list[str] | None:
    """The command that runs pip-audit here, if there is one."""
    beside = str(Path(sys.executable).parent)  # make lock puts uv there
    for name, *rest in _RUNNERS:
        if path := shutil.which(name) or shutil.which(name, path=beside):
            return [path, *rest]
    return None


def vulnerable(report: dict[str, Any]) -> list[str]:
    """A line for each known vulnerability, with what mends it."""
    return [
        f"{package['name']} {package['version']}: {found['id']}, "
        + (f"mended in {', '.join(found['fix_versions'])}" if found.get("fix_versions") else "not mended yet")
        for package in report["dependencies"]
        for found in package.get("vulns", [])
    ]


def audit(lock: Path) -> tuple[int, str]:
    """The exit status, and what to say."""
    command = runner()
    if command is None:
        return (
            2,
            "neither pip-audit nor uv nor pipx is here: install one of them (`pip install uv`), and run it "
            "again",
        )
    done = subprocess.run(
        [
            *command,
            "--disable-pip",
            "--require-hashes",
            "--format",
            "json",
            "--progress-spinner",
            "off",
            "-r",
            str(lock),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        report = json.loads(done.stdout)
        found, looked_at = vulnerable(report), len(report["dependencies"])
    except (ValueError, KeyError, TypeError):
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        return 2, (
            f"nothing was compared, so nothing is known: pip-audit or its database of vulnerabilities cannot "
            f"be reached ({said}); "
            "run it again where the internet, or a mirror that uv and pip-audit are told of, can be reached"
        )
    if found:
        return 1, "\n".join(
            [*found, f"{len(found)} known vulnerabilities: raise the packages with `make lock`"]
        )
    return 0, f"{looked_at} packages of {lock.name}: no known vulnerability"


def main() -> None:
    """Say it, and exit with the status."""
    status, said = audit(ROOT / "requirements.lock")
    (sys.stderr if status else sys.stdout).write(f"audit: {said}\n")
    sys.exit(status)


if __name__ == "__main__":
    main()
