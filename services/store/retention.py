"""How long history is kept: failures longer than successes, since failures are what people come back for.

The ledger's own rows are never deleted here: a known URL stays known. Letters that nobody replayed stay until
somebody drops them. Articles go only where a command or the settings ask for it (`let_go`).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from psycopg import Connection

from services.store import audit, deletion, desk_sessions
from services.store.database import sql

_ATTEMPTS = sql("attempts_prune")
_LETTERS = sql("dead_letters_prune")


def prune(
    connection: Connection[Any], *, keep_successes: timedelta, keep_failures: timedelta, limit: int = 5_000
) -> dict[str, int]:
    """Deletes up to `limit` expired attempts, dead letters and sessions of the desk each; returns
    the counts."""
    values = {"successes": keep_successes, "failures": keep_failures, "limit": limit}
    return {
        "attempts": connection.execute(_ATTEMPTS, values).rowcount,
        "letters": connection.execute(_LETTERS, values).rowcount,
        "sessions": desk_sessions.prune(connection, limit),
    }


KEEPS = ("tags", "text", "nothing")
"""What may stay of articles: all but their text and raw answer, all but their raw answer, nothing."""
_HAS = {
    "tags": "(text <> '' OR id IN (SELECT article_id FROM submissions WHERE archived IS NOT NULL))",
    "text": "id IN (SELECT article_id FROM submissions WHERE archived IS NOT NULL)",
    "nothing": "true",
}


def candidates(connection: Connection[Any], ids: Sequence[int], keep: str) -> list[int]:
    """The subset of `ids` that has anything to delete."""
    rows = connection.execute(
        f"SELECT id FROM articles WHERE id = ANY(%s) AND {_HAS[keep]} ORDER BY id", (list(ids),)
    )
    return [row[0] for row in rows]


def let_go(connection: Connection[Any], ids: Sequence[int], keep: str, *, who: str) -> dict[str, int]:
    """Let go of articles but for what is to `keep`, in the caller's transaction; returns counts.

    Nothing is barred. Without its text an article keeps its title, dates and tags, not what they quote of it.
    """
    deletion.alone(connection)
    values = (list(ids),)
    connection.execute("SELECT id FROM submissions WHERE article_id = ANY(%s) ORDER BY id FOR UPDATE", values)
    connection.execute("SELECT id FROM articles WHERE id = ANY(%s) ORDER BY url_hash FOR UPDATE", values)
    raw = deletion.remove_raw(connection, "article_id = ANY(%s)", list(ids))
    connection.execute(
        "UPDATE submissions SET archived = NULL, from_archive = false WHERE article_id = ANY(%s) AND "
        "archived IS NOT NULL",
        values,
    )
    if keep == "tags":
        _without_text(connection, values)
    if keep == "nothing":
        connection.execute(
            "UPDATE submissions SET state = 'skipped', reason = 'retention_ended', article_id = NULL, etag = "
            "NULL, "
            "last_modified = NULL, hints = '{}', next_attempt_at = NULL, updated_at = now() WHERE article_id "
            "= ANY(%s)",
            values,
        )
        connection.execute("DELETE FROM articles WHERE id = ANY(%s)", values)
    counts = {"articles": len(ids), "raw": raw}
    audit.note(connection, who, "article_let_go", f"{len(ids)} articles", keep=keep, ids=list(ids), **counts)
    return counts


def _without_text(connection: Connection[Any], values: tuple[list[int]]) -> None:
    connection.execute("DELETE FROM article_versions WHERE article_id = ANY(%s)", values)
    # Of another hash, so that the change feed has it as changed, and a page that is asked for again brings
    # its text back.
    connection.execute(
        "UPDATE articles SET text = '', content_hash = CASE WHEN content_hash LIKE 'let go %%' THEN "
        "content_hash "
        "ELSE 'let go ' || left(content_hash, 150) END WHERE id = ANY(%s)",
        values,
    )
    for kind in ("topics", "countries", "localities"):
        connection.execute(f"UPDATE article_{kind} SET evidence = '[]' WHERE article_id = ANY(%s)", values)
    for kind in ("places", "quotes"):
        connection.execute(f"UPDATE article_{kind} SET quote = '' WHERE article_id = ANY(%s)", values)
