"""Dead letters: lists, shows, replays and drops URLs that failed permanently."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFilter:
    """Selects dead letters; its parts are combined with AND, and an empty
    filter selects all. `source`: a host.
    """

    ids: tuple[int, ...] = ()
    reason: str | None = None
    stage: str | None = None
    source: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    @property
    def values(self) -> dict[str, Any]:
        """The values to bind in WHERE."""
        return {
            "ids": list(self.ids) or None,
            "reason": self.reason,
            "stage": self.stage,
            "source": self.source,
            "since": self.since,
            "until": self.until,
        }


_WHERE = """
    (%(ids)s::bigint[] IS NULL OR d.id = ANY(%(ids)s))
    AND (%(reason)s::text IS NULL OR d.reason = %(reason)s) AND (%(stage)s::text IS NULL
        OR d.stage = %(stage)s)
    AND (%(since)s::timestamptz IS NULL OR d.failed_at >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR d.failed_at < %(until)s)
    AND (%(source)s::text IS NULL OR EXISTS (
        SELECT FROM submissions s WHERE s.id = d.submission_id AND (s.host = %(source)s
            OR s.host LIKE '%%.' || %(source)s)))
"""


def list_letters(
    connection: Connection[Any], which: LetterFilter = LetterFilter(), *, limit: int = 50
) -> list[dict[str, Any]]:
    """Dead letters that were not replayed, newest first."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT d.id, d.url, d.stage, d.reason, d.error, d.attempts, d.failed_at FROM dead_letters d "
            f"WHERE d.replayed_at IS NULL AND {_WHERE} ORDER BY d.failed_at DESC, d.id DESC LIMIT %(limit)s",
            which.values | {"limit": limit},
        ).fetchall()


def get_letter(connection: Connection[Any], letter_id: int) -> dict[str, Any] | None:
    """A dead letter with its payload and traceback; None if the id is unknown."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute("SELECT * FROM dead_letters WHERE id = %s", (letter_id,)).fetchone()


def replay(connection: Connection[Any], which: LetterFilter = LetterFilter()) -> int:
    """Makes the URLs of dead letters due again, with all attempts; returns the number of URLs.

    The letters are kept as history, marked as replayed.
    """
    return connection.execute(
        f"""
        WITH letters AS (
            UPDATE dead_letters d SET replayed_at = now() WHERE d.replayed_at IS NULL AND {_WHERE}
                RETURNING d.submission_id)
        UPDATE submissions SET state = 'pending', attempts = 0, reason = NULL, detail = NULL,
            next_attempt_at = now(),
            updated_at = now()
        WHERE state = 'failed' AND id IN (SELECT submission_id FROM letters)
        """,
        which.values,
    ).rowcount


def drop(connection: Connection[Any], which: LetterFilter) -> int:
    """Deletes dead letters, and returns their number; the URLs stay in the ledger as failed."""
    return connection.execute(f"DELETE FROM dead_letters d WHERE {_WHERE}", which.values).rowcount
