"""Leader election by a session-level advisory lock in Postgres, held as long as its connection lives."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

_SCHEDULER_LOCK = 0x0DA7E11F
STORIES_LOCK = 0x0DA7E120


def try_lead(connection: Connection[Any], lock: int = _SCHEDULER_LOCK) -> bool:
    """Tries to become the leader, by default of the schedulers, without waiting; True if `connection` now
    holds the lock."""
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", (lock,)).fetchone()
    return bool(row and row[0])


def keep_leading(connection: Connection[Any]) -> None:
    """Raises psycopg.OperationalError if the connection, and the lock with it, is lost."""
    connection.execute("SELECT 1")
