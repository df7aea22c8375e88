"""The state of the pipeline: counts, reasons, rates and sizes. Read only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

_STEPS = ("fetched", "extracted", "tagged", "stored")


def not_stored(
    connection: Connection[Any],
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 20,
) -> list[dict[str, Any]]:
    """Counts of URLs that were not stored, by state and reason, with an example; of
    those settled in a period, if one is given.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT state, reason, count(*) AS urls, min(url) AS example FROM submissions "
            "WHERE reason IS NOT NULL AND state <> 'stored' "
            "AND (%(since)s::timestamptz IS NULL OR updated_at >= %(since)s) "
            "AND (%(until)s::timestamptz IS NULL OR updated_at < %(until)s) "
            "GROUP BY state, reason ORDER BY count(*) DESC, state, reason LIMIT %(limit)s",
            {"since": since, "until": until, "limit": limit},
        ).fetchall()


def outcomes(
    connection: Connection[Any], *, since: datetime | None, until: datetime | None, limit: int = 50
) -> list[dict[str, Any]]:
    """Counts of attempts that ended in a period, by outcome, stage and
    reason; also of URLs that were stored later.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT outcome, stage, reason, count(*) AS attempts FROM submission_attempts "
            "WHERE (%(since)s::timestamptz IS NULL OR ended_at >= %(since)s) "
            "AND (%(until)s::timestamptz IS NULL OR ended_at < %(until)s) "
            "GROUP BY outcome, stage, reason ORDER BY count(*) DESC, outcome, stage, reason LIMIT %(limit)s",
            {"since": since, "until": until, "limit": limit},
        ).fetchall()


def known_reasons(connection: Connection[Any]) -> list[str]:
    """All reasons of attempts so far."""
    rows = connection.execute("SELECT DISTINCT reason FROM outcome_counts WHERE reason <> '' ORDER BY reason")
    return [row[0] for row in rows]


def pipeline_state(
    connection: Connection[Any], *, since: datetime | None = None, until: datetime | None = None
) -> dict[str, Any]:
    """The pipeline's state: counts by state, reasons, oldest URLs, rates by
    outcome and stage, dead letters, articles.

    Rates are of the last minute and hour; `stages` of the last five minutes, with mean durations in
    milliseconds; reasons of the period from `since` to `until`, if one is given.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        states = cursor.execute("SELECT state, count(*) AS urls FROM submissions GROUP BY state").fetchall()
        reasons = not_stored(connection, since=since, until=until)
        oldest = cursor.execute(
            "SELECT min(next_attempt_at) FILTER (WHERE state = 'pending' "
            "AND next_attempt_at <= now()) AS due, "
            "min(dispatched_at) FILTER (WHERE state = 'in_flight') AS in_flight FROM submissions "
            "WHERE state IN ('pending', 'in_flight')"
        ).fetchone()
        rates = cursor.execute(
            "SELECT outcome, count(*) FILTER (WHERE ended_at > now() - interval '1 minute') AS last_minute, "
            "count(*) AS last_hour "
            "FROM submission_attempts WHERE ended_at > now() - interval '1 hour' GROUP BY outcome "
            "ORDER BY outcome"
        ).fetchall()
        stages = cursor.execute(
            # Fallback extraction methods are counted apart: they are slower.
            "SELECT s->>'stage' AS stage, concat(s->>'event', ' (' || "
            "nullif(split_part(s->'detail'->>'method', '/', 1), 'blocks') "
            "|| ')') AS event, count(*) / 5.0 AS per_minute, "
            "avg((s->>'elapsed_ms')::float8) AS mean_ms "
            "FROM submission_attempts, jsonb_array_elements(stamps) AS s "
            "WHERE ended_at > now() - interval '5 minutes' GROUP BY 1, 2 "
            "UNION ALL SELECT 'store', 'stored', count(*) / 5.0, NULL FROM submission_attempts "
            "WHERE outcome = 'stored' AND ended_at > now() - interval '5 minutes' HAVING count(*) > 0"
        ).fetchall()
        dead = cursor.execute(
            "SELECT count(*) AS letters FROM dead_letters WHERE replayed_at IS NULL"
        ).fetchone()
        articles = cursor.execute(
            "SELECT count(*) AS articles, max(stored_at) AS newest FROM articles"
        ).fetchone()
    return {
        "states": {r["state"]: r["urls"] for r in states},
        "reasons": reasons,
        "oldest": oldest,
        "rates": rates,
        "stages": sorted(stages, key=lambda row: _order(row["event"])),
        "dead_letters": dead["letters"] if dead else 0,
        "articles": articles,
    }


def _order(event: str) -> tuple[int, str]:
    step = event.split(" (", maxsplit=1)[0]
    return (_STEPS.index(step) if step in _STEPS else len(_STEPS), event)


def database_bytes(connection: Connection[Any]) -> int:
    """Size of the database on disk, in bytes."""
    row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    return int(row[0]) if row else 0


def outcome_totals(connection: Connection[Any]) -> list[dict[str, Any]]:
    """Monotonic counts of ended attempts by stage, outcome and reason."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT stage, outcome, reason, sum(urls)::bigint AS urls FROM outcome_counts "
            "GROUP BY stage, outcome, reason ORDER BY stage, outcome, reason"
        ).fetchall()
