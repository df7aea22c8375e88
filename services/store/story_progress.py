"""How far the stories service is, and requests to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

_MOST = 100_000
"""Changes that are counted; more are as many."""
_READ = """
SELECT coalesce(p.cursor, 0) AS cursor, p.rebuild_since, coalesce(p.rebuild_done, 0) AS rebuild_done,
    coalesce(p.rebuild_total, 0) AS rebuild_total, b.behind, b.oldest,
    (SELECT count(*) FROM stories WHERE articles > 1) AS stories,
    (SELECT count(*) FROM article_copies) AS copies
FROM (SELECT 1) one LEFT JOIN stories_progress p ON true, LATERAL (
    SELECT count(*) AS behind, min(changed_at) AS oldest FROM (
        SELECT changed_at FROM article_changes WHERE seq > coalesce(p.cursor, 0) ORDER BY seq LIMIT %s) c) b
"""


def read(connection: Connection[Any]) -> dict[str, Any]:
    """Counts of stories and copies; how many changes are not taken in yet, and when the oldest of them was;
    and how far a rebuild is."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_READ, (_MOST,)).fetchone()
    assert row is not None
    return row


def lag(connection: Connection[Any]) -> tuple[int, float]:
    """How many changes are not taken in yet, and the age of the oldest in seconds."""
    row = connection.execute(
        "SELECT count(*), coalesce(extract(epoch FROM now() - min(changed_at)), 0)::float8 FROM ("
        "SELECT changed_at FROM article_changes WHERE seq > "
        "(SELECT coalesce(max(cursor), 0) FROM stories_progress) ORDER BY seq LIMIT %s) c",
        (_MOST,),
    ).fetchone()
    assert row is not None
    return int(row[0]), max(0.0, float(row[1]))


def ask_for_rebuild(connection: Connection[Any], since: datetime, method: str) -> None:
    """Asks whoever leads to relate anew what was stored since a moment; of two requests the earlier moment
    counts."""
    connection.execute(
        "INSERT INTO stories_progress AS p (method, cursor, position, next_story, clock, rebuild_since, "
        "rebuild_asked_at) VALUES (%s, 0, 0, 1, 'epoch', %s, now()) ON CONFLICT (id) DO UPDATE SET "
        "rebuild_since = least(p.rebuild_since, excluded.rebuild_since), rebuild_asked_at = now(), "
        "rebuild_done = 0, rebuild_total = 0",
        (method, since),
    )
