"""How long history is kept: failures longer than successes, since failures are what people come back for.

Articles and the ledger's own rows are never deleted here: a known URL stays known. Letters that nobody
replayed stay until somebody drops them.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from psycopg import Connection

from services.store.database import sql

_ATTEMPTS = sql("attempts_prune")
_LETTERS = sql("dead_letters_prune")


def prune(
    connection: Connection[Any], *, keep_successes: timedelta, keep_failures: timedelta, limit: int = 5_000
) -> dict[str, int]:
    """Delete up to `limit` attempts and letters that are older than they need be; returns how many of each."""
    values = {"successes": keep_successes, "failures": keep_failures, "limit": limit}
    return {
        "attempts": connection.execute(_ATTEMPTS, values).rowcount,
        "letters": connection.execute(_LETTERS, values).rowcount,
    }
