"""The audit log: who deleted or changed stored data, when, and how much.

An entry is written in the transaction of its action, so that both are committed or neither.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from services.contract.unsendable import printable

_MAX_CHARS = 500


def note(connection: Connection[Any], who: str, action: str, subject: str = "", **detail: Any) -> None:
    """Writes an entry in the caller's transaction. `who`: `token:NAME` or `cli:user@host`."""
    connection.execute(
        "INSERT INTO audit (who, action, subject, detail) VALUES (%s, %s, %s, %s)",
        (printable(who)[:_MAX_CHARS], action, printable(subject)[:_MAX_CHARS], Jsonb(detail)),
    )


def listed(
    connection: Connection[Any], *, since: datetime | None = None, limit: int = 100
) -> list[dict[str, Any]]:
    """Up to `limit` entries, newest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT id, at, who, action, subject, detail FROM audit "
            "WHERE %(since)s::timestamptz IS NULL OR at >= %(since)s ORDER BY id DESC LIMIT %(limit)s",
            {"since": since, "limit": limit},
        ).fetchall()


def newest(connection: Connection[Any], action: str) -> dict[str, Any] | None:
    """The newest entry of an action, or None."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT at, who, subject, detail FROM audit WHERE action = %s ORDER BY id DESC LIMIT 1", (action,)
        ).fetchone()
