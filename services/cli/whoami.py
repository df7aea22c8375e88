"""Who runs a command, as the audit names them."""

from __future__ import annotations

import getpass
import socket


def who() -> str:
    """`cli:user@host`."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError, ImportError):  # a container's user may have no name
        user = "?"
    return f"cli:{user}@{socket.gethostname()}"
