"""Dead letters: listing, showing and replaying them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row


def list_letters(
    connection: Connection[Any], *, reason: str | None = None, stage: str | None = None, limit: int = 50
) -> list[dict[str, Any]]:
    """Letters that were not replayed, the newest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT id, url, stage, reason, error, attempts, failed_at FROM dead_letters WHERE replayed_at IS NULL "
            "AND (%(reason)s::text IS NULL OR reason = %(reason)s) AND (%(stage)s::text IS NULL OR stage = %(stage)s) "
            "ORDER BY failed_at DESC, id DESC LIMIT %(limit)s",
            {"reason": reason, "stage": stage, "limit": limit},
        ).fetchall()


def get_letter(connection: Connection[Any], letter_id: int) -> dict[str, Any] | None:
    """One letter with its payload and traceback."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute("SELECT * FROM dead_letters WHERE id = %s", (letter_id,)).fetchone()


def replay(connection: Connection[Any], *, ids: Sequence[int] = (), reason: str | None = None) -> int:
    """Make the URLs of letters due again, with fresh attempts; without `ids` and `reason`, of all letters.

    The letters stay, marked as replayed: history is kept. Returns how many URLs start again.
    """
    return connection.execute(
        """
        WITH letters AS (
            UPDATE dead_letters SET replayed_at = now()
            WHERE replayed_at IS NULL AND (%(ids)s::bigint[] IS NULL OR id = ANY(%(ids)s))
                AND (%(reason)s::text IS NULL OR reason = %(reason)s)
            RETURNING submission_id)
        UPDATE submissions SET state = 'pending', attempts = 0, reason = NULL, detail = NULL, next_attempt_at = now(),
            updated_at = now()
        WHERE state = 'failed' AND id IN (SELECT submission_id FROM letters)
        """,
        {"ids": list(ids) or None, "reason": reason},
    ).rowcount
