"""The user who runs a command, as the audit log records it."""

from __future__ import annotations

import getpass
import socket


def who() -> str:
    """`cli:user@host`."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container's user may have no entry in passwd
        user = "?"
    return f"cli:{user}@{socket.gethostname()}"
