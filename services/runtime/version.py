"""Version, commit, and which parts are compiled."""

from __future__ import annotations

import subprocess
from collections import Counter
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

from services import __file__ as _package
from services import __version__

_SERVICES = Path(_package or "").parent


def described() -> str:
    """`0.9.0 (commit 0123abcd4567; compiled: 14 modules of enrich, 15 of ingest)`."""
    parts = Counter(part.partition(".")[0] for part in compiled_parts())
    counts = ", ".join(f"{count} of {name}" for name, count in sorted(parts.items()))
    state = (
        f"compiled: {counts.replace(' of ', ' modules of ', 1)}"
        if parts
        else "not compiled: plain Python, a quarter slower"
    )
    return f"{__version__} (commit {commit() or 'unknown'}; {state})"


def compiled_parts() -> list[str]:
    """The compiled modules of this installation that the running Python can load."""
    return sorted(
        str(path.relative_to(_SERVICES)).removesuffix(suffix).replace("/", ".")
        for suffix in EXTENSION_SUFFIXES
        for path in _SERVICES.rglob(f"*{suffix}")
        # The suffix .so alone is that of other Python versions too.
        if "." not in path.name.removesuffix(suffix)
    )


def commit() -> str | None:
    """The commit that the image was built from (services/COMMIT), or that of the working copy, with `+` if
    it has changes."""
    try:
        if said := (_SERVICES / "COMMIT").read_text(encoding="ascii").strip():
            return said[:12]
    except (OSError, ValueError):
        pass
    if not (_SERVICES.parent / ".git").exists():
        return None
    number = _git("rev-parse", "--short=12", "HEAD")
    return number and number + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")


def _git(*arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(_SERVICES.parent), *arguments],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
