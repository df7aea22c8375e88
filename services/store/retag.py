"""Reads stored articles that were tagged by other versions of the
taggers, in the order of their ids. Read only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row


@dataclass(frozen=True, slots=True, kw_only=True)
class RetagFilter:
    """Selects articles whose tagger versions differ from these, or all of them with `every`."""

    topics_version: str
    regions_version: str
    names_version: str
    since: datetime | None = None
    source: str | None = None
    every: bool = False

    @property
    def values(self) -> dict[str, Any]:
        """The values to bind in WHERE."""
        return {
            "topics": self.topics_version,
            "regions": self.regions_version,
            "names": self.names_version,
            "since": self.since,
            "source": self.source,
            "every": self.every,
        }


_WHERE = """
    (%(every)s OR (a.topics_version, a.regions_version, a.names_version) IS DISTINCT
        FROM (%(topics)s::text, %(regions)s::text, %(names)s::text))
    AND (%(since)s::timestamptz IS NULL OR coalesce(a.published_at, a.fetched_at) >= %(since)s)
    AND (%(source)s::text IS NULL OR a.source_domain = %(source)s)
"""


def count(connection: Connection[Any], choice: RetagFilter) -> int:
    """The number of selected articles."""
    row = connection.execute(f"SELECT count(*) FROM articles a WHERE {_WHERE}", choice.values).fetchone()
    return int(row[0]) if row else 0


def batch(
    connection: Connection[Any], choice: RetagFilter, *, after: int, limit: int
) -> list[dict[str, Any]]:
    """The next `limit` articles after the id `after`, with their current tags and the source prior."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT a.id, a.canonical_url AS url, a.title, a.text, a.language, a.dateline, a.source_domain "
            "AS domain, a.section, a.keywords, "
            "ARRAY(SELECT code FROM article_topics t WHERE t.article_id = a.id ORDER BY code) AS topics, "
            "ARRAY(SELECT key FROM article_names n WHERE n.article_id = a.id ORDER BY key) AS names, "
            "ARRAY(SELECT code FROM article_countries c WHERE c.article_id = a.id AND c.focus "
            "ORDER BY code) AS countries, "
            "(SELECT prior FROM source_priors h WHERE h.source_domain = a.source_domain) AS prior "
            f"FROM articles a WHERE {_WHERE} AND a.id > %(after)s ORDER BY a.id LIMIT %(limit)s",
            choice.values | {"after": after, "limit": limit},
        ).fetchall()
