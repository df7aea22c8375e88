"""The change feed: stored, changed, retagged and deleted articles, in the order of commits.

A trigger writes it (migration 0006), so it covers every writer. It is compacted: each article is in it once,
at its latest change, and a late reader gets the current state, not the history.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from psycopg import Connection
from psycopg.rows import class_row

Kind = Literal["stored", "changed", "retagged", "deleted"]


@dataclass(frozen=True, slots=True)
class ChangeEntry:
    """One entry. `seq` is the cursor after which a reader continues."""

    seq: int
    article_id: int
    kind: Kind
    changed_at: datetime


def after(connection: Connection[Any], cursor: int, *, limit: int) -> list[ChangeEntry]:
    """Up to `limit` entries after `cursor`, in the order of commits."""
    with connection.cursor(row_factory=class_row(ChangeEntry)) as rows:
        return rows.execute(
            "SELECT seq, article_id, kind, changed_at FROM article_changes WHERE seq > %s "
            "ORDER BY seq LIMIT %s",
            (cursor, limit),
        ).fetchall()


def newest(connection: Connection[Any]) -> int:
    """The latest cursor: a reader that starts here gets only later changes."""
    row = connection.execute("SELECT coalesce(max(seq), 0) FROM article_changes").fetchone()
    return int(row[0]) if row else 0
