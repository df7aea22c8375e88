"""Reads archived pages and what is stored of them, to compare and replay. Read only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayFilter:
    """Selects archived pages: fetched at or after `since`, of the source domain `source`."""

    since: datetime | None = None
    source: str | None = None


_FROM = """
    FROM submissions s JOIN articles a ON a.id = s.article_id
    WHERE s.archived IS NOT NULL AND s.state = 'stored'
        AND (%(since)s::timestamptz IS NULL OR a.fetched_at >= %(since)s)
        AND (%(source)s::text IS NULL OR a.source_domain = %(source)s)
"""


def count(connection: Connection[Any], choice: ReplayFilter) -> int:
    """The number of selected pages."""
    row = connection.execute(
        f"SELECT count(*) {_FROM}", {"since": choice.since, "source": choice.source}
    ).fetchone()
    return int(row[0]) if row else 0


def batch(
    connection: Connection[Any], choice: ReplayFilter, *, after: int, limit: int
) -> list[dict[str, Any]]:
    """The next `limit` pages after the submission id `after`: position,
    stored metadata and tags, source prior.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT s.id, s.url, s.archived, a.title, a.text, a.authors, a.published_at, a.source_domain AS "
            "domain, "
            "ARRAY(SELECT code FROM article_topics t WHERE t.article_id = a.id) AS topics, "
            "ARRAY(SELECT code FROM article_countries c WHERE c.article_id = a.id) AS countries, "
            "(SELECT prior FROM source_priors h WHERE h.source_domain = a.source_domain) AS prior "
            f"{_FROM} AND s.id > %(after)s ORDER BY s.id LIMIT %(limit)s",
            {"since": choice.since, "source": choice.source, "after": after, "limit": limit},
        ).fetchall()
