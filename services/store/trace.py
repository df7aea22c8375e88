"""The history of one URL, from its submission to its article. Read only."""

from __future__ import annotations

from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from services.contract.urls import Url


def trace_url(connection: Connection[Any], url: Url) -> dict[str, Any] | None:
    """The history of a URL: submission, attempts with their steps, dead
    letters, article; None if it is unknown.
    """
    return _trace(connection, "url_hash = %(key)s", url.hash)


def trace_submission(connection: Connection[Any], submission_id: int) -> dict[str, Any] | None:
    """The same by the id of the submission."""
    return _trace(connection, "id = %(key)s", submission_id)


def trace_refused(connection: Connection[Any], raw: str) -> dict[str, Any] | None:
    """The same for a line that an intake refused, by its text."""
    return _trace(connection, "state = 'refused' AND url = %(key)s", raw)


def _trace(connection: Connection[Any], condition: str, key: Any) -> dict[str, Any] | None:
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(
            "SELECT id, url, canonical_url, state, reason, detail, attempts, next_attempt_at, "
            "submitted_at, updated_at, "
            f"dispatched_at, origin, article_id FROM submissions WHERE {condition}",
            {"key": key},
        ).fetchone()
        if row is None:
            return None
        row["history"] = cursor.execute(
            "SELECT attempt, stage, outcome, reason, detail, ended_at, stamps FROM submission_attempts "
            "WHERE submission_id = %s ORDER BY id",
            (row["id"],),
        ).fetchall()
        row["dead_letters"] = cursor.execute(
            "SELECT id, stage, reason, error, attempts, failed_at, replayed_at FROM dead_letters "
            "WHERE submission_id = %s ORDER BY id",
            (row["id"],),
        ).fetchall()
        row["article"] = cursor.execute(
            "SELECT id, title, canonical_url, source_domain, language, word_count, version, stored_at, "
            "last_seen_at "
            "FROM articles WHERE id = %s",
            (row["article_id"],),
        ).fetchone()
        return row
