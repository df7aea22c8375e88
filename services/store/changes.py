"""The change feed: every stored, changed, tagged-again or deleted article, once, in the order of commits.

A trigger keeps it (migration 0006), so that whatever writes an article is in it. An article stands in it once, at its
latest change: a reader that comes late gets each article as it is now, not every step on the way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from psycopg import Connection
from psycopg.rows import class_row

Kind = Literal["stored", "changed", "retagged", "deleted"]


@dataclass(frozen=True, slots=True)
class Change:
    """One entry. `seq` is the cursor behind which a reader goes on."""

    seq: int
    article_id: int
    kind: Kind
    changed_at: datetime


def after(connection: Connection[Any], cursor: int, *, limit: int) -> list[Change]:
    """The next changes after `cursor`, up to `limit`, in the order of their commits."""
    with connection.cursor(row_factory=class_row(Change)) as rows:
        return rows.execute(
            "SELECT seq, article_id, kind, changed_at FROM article_changes WHERE seq > %s ORDER BY seq LIMIT %s",
            (cursor, limit),
        ).fetchall()


def newest(connection: Connection[Any]) -> int:
    """The cursor of somebody who wants only what comes from now on."""
    row = connection.execute("SELECT coalesce(max(seq), 0) FROM article_changes").fetchone()
    return int(row[0]) if row else 0
