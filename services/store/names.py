"""People and organisations of stored articles: counts, and one name with attention over time and quotations.
Read only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from services.store.search_query import PUBLISHED

MOST_ARTICLES = 2_000
"""The newest articles of a name that its page is made of."""
_MOST_NAMED, _MOST_QUOTED = 20, 50
_COUNTS = """
    SELECT label, key, mode() WITHIN GROUP (ORDER BY name) AS name, count(*) AS articles
    FROM article_names WHERE article_id = ANY(%(ids)s) AND label = %(label)s AND key <> %(key)s
    GROUP BY label, key ORDER BY articles DESC, key LIMIT %(most)s
"""
_NEWEST = f"""
    SELECT a.id FROM articles a JOIN article_names n ON n.article_id = a.id
    WHERE n.label = %(label)s AND n.key = %(key)s ORDER BY {PUBLISHED} DESC, a.id DESC LIMIT %(most)s
"""
_TOLD = """
    SELECT mode() WITHIN GROUP (ORDER BY name) AS name, array_agg(DISTINCT name) AS forms,
        array_agg(DISTINCT role) FILTER (WHERE role IS NOT NULL) AS roles
    FROM article_names WHERE article_id = ANY(%(ids)s) AND label = %(label)s AND key = %(key)s
"""
_DAYS = f"""
    SELECT date_trunc('day', {PUBLISHED}, 'UTC') AS start, count(*) AS articles FROM articles a
    WHERE a.id = ANY(%(ids)s) GROUP BY 1 ORDER BY 1
"""
_QUOTES = f"""
    SELECT q.article_id, a.title, a.source_domain AS source, a.published_at, q.start, q."end", q.quote, q.cue
    FROM article_quotes q JOIN articles a ON a.id = q.article_id
    WHERE q.key = %(key)s ORDER BY {PUBLISHED} DESC, a.id DESC, q.start LIMIT {_MOST_QUOTED}
"""


def most_named(
    connection: Connection[Any], ids: Sequence[int], *, beside: str = ""
) -> dict[str, list[dict[str, Any]]]:
    """By label, the names that most of these articles have, without the key `beside`."""
    values = {"ids": list(ids), "key": beside, "most": _MOST_NAMED}
    with connection.cursor(row_factory=dict_row) as cursor:
        return {
            label: cursor.execute(_COUNTS, values | {"label": label}).fetchall() for label in ("PER", "ORG")
        }


def one(connection: Connection[Any], label: str, key: str) -> dict[str, Any] | None:
    """A name as its newest articles have it; None where no article does."""
    values: dict[str, Any] = {"label": label, "key": key, "most": MOST_ARTICLES}
    ids = [row[0] for row in connection.execute(_NEWEST, values)]
    if not ids:
        return None
    values["ids"] = ids
    with connection.cursor(row_factory=dict_row) as cursor:
        found = cursor.execute(_TOLD, values).fetchone() or {}
        beside = most_named(connection, ids, beside=key)
        return {
            "label": label, "key": key, "articles": len(ids), "name": found["name"],
            "forms": found["forms"][:_MOST_NAMED], "roles": (found["roles"] or [])[:_MOST_NAMED],
            "days": cursor.execute(_DAYS, values).fetchall(),
            "people": beside["PER"], "organisations": beside["ORG"],
            "quotes": cursor.execute(_QUOTES, values).fetchall(),
        }  # fmt: skip
