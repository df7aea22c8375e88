"""Where `dateline up` and `dateline demo` keep their files on this machine, and the addresses they use while
they run."""

from __future__ import annotations

import fcntl
import json
import os
from pathlib import Path
from typing import Any


def home(name: str = "stack") -> Path:
    """The folder of an installation: below DATELINE_HOME, else below ~/.dateline."""
    return Path(os.environ.get("DATELINE_HOME") or Path.home() / ".dateline").expanduser().resolve() / name


def running(name: str = "stack") -> dict[str, Any] | None:
    """The state that a running installation has written, such as `pid` and `database_url`; None if none runs.

    The lock on its folder tells: it is free when none runs.
    """
    folder = home(name)
    try:
        state: dict[str, Any] = json.loads((folder / "stack.json").read_text())
        with (folder / "stack.lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return state
    except (OSError, ValueError):  # not there, or another user's
        pass
    return None
