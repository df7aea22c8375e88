"""What the retention rules let go of now: found page by page, so that no statement is long, and checked again
under the lock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from psycopg import Connection

from services.store import audit, deletion, retention
from services.store.retention_rules import Keep, RetentionRules

WHO = "scheduler"
"""Who lets go of what the settings end, in the audit."""
_LOCK_TIMEOUT = "SET LOCAL lock_timeout = '2s'"
_TIME = "coalesce(a.published_at, a.fetched_at)"
_ROW = f"""
    SELECT a.id, {_TIME}, a.source_domain, a.text <> '',
        EXISTS (SELECT FROM submissions s WHERE s.article_id = a.id AND s.archived IS NOT NULL)
    FROM articles a WHERE
"""
_ENDED = "state NOT IN ('pending', 'in_flight')"


class Mark(NamedTuple):
    """Where a walk over articles, the oldest first, goes on."""

    at: datetime
    id: int


class Due(NamedTuple):
    """An article, its source's domain, and what may stay of it."""

    id: int
    source: str
    keep: Keep


def articles(
    connection: Connection[Any],
    rules: RetentionRules,
    now: datetime,
    after: Mark | None = None,
    *,
    limit: int = 1000,
) -> tuple[list[Due], Mark | None]:
    """What is due among the next `limit` articles, and where to go on; None: at the end."""
    if (days := rules.youngest_days) is None:
        return [], None
    where = f"{_TIME} < %(newest)s" + (f" AND ({_TIME}, a.id) > (%(at)s, %(id)s)" if after else "")
    values = {"newest": now - timedelta(days=days), "limit": limit} | (after._asdict() if after else {})
    rows = connection.execute(f"{_ROW} {where} ORDER BY {_TIME}, a.id LIMIT %(limit)s", values).fetchall()
    return _due(rows, rules, now), Mark(rows[-1][1], rows[-1][0]) if len(rows) == limit else None


def _due(rows: Sequence[tuple[Any, ...]], rules: RetentionRules, now: datetime) -> list[Due]:
    found = []
    for number, at, source, has_text, has_raw in rows:
        keep = rules.of(source).keep(now - at, has_text=has_text, has_raw=has_raw)
        if keep is not None:
            found.append(Due(number, source, keep))
    return found


def let_go(
    connection: Connection[Any], rules: RetentionRules, now: datetime, ids: Sequence[int]
) -> dict[str, int]:
    """Let go of those of `ids` that are due, in the caller's transaction; returns how many, by what stays of
    them.

    Waits two seconds at most for those who write. Raises LockNotAvailable after that. Safe to repeat.
    """
    connection.execute(_LOCK_TIMEOUT)
    deletion.alone(connection)
    rows = connection.execute(f"{_ROW} a.id = ANY(%s)", (list(ids),)).fetchall()
    by_keep: dict[Keep, list[int]] = defaultdict(list)
    for due in _due(rows, rules, now):
        by_keep[due.keep].append(due.id)
    for keep, some in by_keep.items():
        retention.let_go(connection, sorted(some), keep, who=WHO)
    return {keep: len(some) for keep, some in by_keep.items()}


def raw_answers(
    connection: Connection[Any], rules: RetentionRules, now: datetime, after: int, *, limit: int = 5000
) -> tuple[list[int], int | None]:
    """Ledger entries with a raw answer, but no article, that are due, among `limit` numbers; and where to go
    on."""
    row = connection.execute("SELECT max(id) FROM submissions").fetchone()
    last = row[0] if row and row[0] is not None else 0
    rows = connection.execute(
        f"SELECT id, host, updated_at FROM submissions WHERE id > %s AND id <= %s AND {_ENDED} "
        "AND archived IS NOT NULL AND article_id IS NULL ORDER BY id",
        (after, after + limit),
    ).fetchall()
    found = [
        number
        for number, host, at in rows
        if (days := rules.of(host).raw_days) is not None and now - at > timedelta(days=days)
    ]
    return found, after + limit if after + limit < last else None


def let_go_raw(connection: Connection[Any], ids: Sequence[int]) -> dict[str, int]:
    """Have raw answers that led to no article removed, in the caller's transaction; returns how many, as
    `raw`."""
    connection.execute(_LOCK_TIMEOUT)
    deletion.alone(connection)
    kept = f"id = ANY(%s) AND archived IS NOT NULL AND article_id IS NULL AND {_ENDED}"
    rows = connection.execute(f"SELECT id FROM submissions WHERE {kept} ORDER BY id FOR UPDATE", (list(ids),))
    locked = [row[0] for row in rows]
    deletion.remove_raw(connection, "id = ANY(%s)", locked)
    connection.execute(
        "UPDATE submissions SET archived = NULL, from_archive = false WHERE id = ANY(%s)", (locked,)
    )
    if locked:
        audit.note(connection, WHO, "raw_let_go", f"{len(locked)} raw answers", submissions=locked)
    return {"raw": len(locked)}


def files_named(
    connection: Connection[Any], files: Sequence[str], after: int, *, limit: int = 5000
) -> tuple[set[str], int | None]:
    """Those of the archive's `files` that ledger entries among `limit` numbers still point to; and where to
    go on."""
    row = connection.execute("SELECT max(id) FROM submissions").fetchone()
    last = row[0] if row and row[0] is not None else 0
    rows = connection.execute(
        "SELECT DISTINCT archived->>'file' FROM submissions WHERE id > %s AND id <= %s AND archived->>'file' "
        "= ANY(%s)",
        (after, after + limit, list(files)),
    )
    return {row[0] for row in rows}, after + limit if after + limit < last else None


def file_dropped(connection: Connection[Any], file: str, size: int) -> None:
    """Note that a file of the archive, in which nothing was kept any more, is gone."""
    connection.execute(
        "UPDATE raw_removals SET removed_at = now(), error = NULL WHERE file = %s AND removed_at IS NULL",
        (file,),
    )
    audit.note(connection, WHO, "archive_file_let_go", file, bytes=size)
