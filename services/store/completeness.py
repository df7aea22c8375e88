"""Completeness of sources: listed items against stored articles by day,
and sources that stopped publishing.
"""

from __future__ import annotations

from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

SILENT_AFTER_ITEMS = 7.0
"""A source is silent after a pause in which so many items were expected at its usual rate. For a Poisson
process the probability of such a pause is exp(-7), about 1 in 1,000.
"""
_LEAST_S = 12 * 3600.0  # longer than a night without news

_BY_DAY = """
    SELECT i.source_id, s.title, s.url, (i.first_seen_at AT TIME ZONE 'UTC')::date AS day, count(*) AS listed,
        count(*) FILTER (WHERE u.state = 'stored') AS stored,
        count(*) FILTER (WHERE u.state = 'skipped') AS skipped,
        count(*) FILTER (WHERE u.state = 'failed') AS failed,
        count(*) FILTER (WHERE u.state IN ('pending', 'in_flight')) AS waiting,
        count(*) FILTER (WHERE u.id IS NULL) AS unknown,
        (array_agg(u.reason ORDER BY u.reason) FILTER (WHERE u.state = 'failed'))[1] AS reason
    FROM source_items i JOIN sources s ON s.id = i.source_id LEFT JOIN submissions u
        ON u.url_hash = i.url_hash
    WHERE i.first_seen_at >= date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' -
        make_interval(days => %(days)s - 1)
        AND (%(source)s::bigint IS NULL OR i.source_id = %(source)s)
    GROUP BY i.source_id, s.title, s.url, day ORDER BY coalesce(s.title, s.url), i.source_id, day DESC
"""

_HABITS = """
    SELECT id, url, title, items_a_day, last_new_at, last_success_at, errors_in_row, reason,
        extract(epoch FROM now() - coalesce(last_new_at, added_at))::float8 AS still_s,
        CASE WHEN items_a_day > 0 THEN greatest(%(least)s, %(items)s * 86400 / items_a_day) END::float8 AS
            habit_s
    FROM sources WHERE NOT paused ORDER BY items_a_day DESC NULLS LAST, id
"""


def by_day(
    connection: Connection[Any], *, days: int = 7, source_id: int | None = None
) -> list[dict[str, Any]]:
    """One row for each source and day (UTC) of the last `days`: `listed`
    counts items that were new on that day.

    `stored`, `skipped` (no article), `failed`, `waiting` and `unknown` (not in the ledger) add up to
    `listed`. `reason` is one reason of the failed ones.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_BY_DAY, {"days": days, "source": source_id}).fetchall()


def habits(connection: Connection[Any]) -> list[dict[str, Any]]:
    """Polled sources: seconds since the last new item (`still_s`), and
    the longest usual pause (`habit_s`).
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_HABITS, {"items": SILENT_AFTER_ITEMS, "least": _LEAST_S}).fetchall()


def silent(connection: Connection[Any]) -> list[dict[str, Any]]:
    """Sources whose current pause is longer than usual."""
    return [
        row for row in habits(connection) if row["habit_s"] is not None and row["still_s"] > row["habit_s"]
    ]
