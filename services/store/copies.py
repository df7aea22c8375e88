"""Copies of an article's text: what it is a copy of, and the others of its family. Read only;
`services/stories` writes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

# Passages hold for the versions of both texts that were compared.
_RELATION = """
    k.article_id, k.root_id, k.parent_id, k.also_id, k.kind, k.share, k.parent_share, k.reason, k.score,
    k.version, k.related_at, k.passages,
    coalesce(mine.version = a.version AND theirs.version = p.version, false) AS current
"""
_JOINED = """
    LEFT JOIN articles p ON p.id = k.parent_id
    LEFT JOIN story_articles mine ON mine.article_id = k.article_id
    LEFT JOIN story_articles theirs ON theirs.article_id = k.parent_id
"""
_ARTICLE = """
    a.id, a.title, a.canonical_url AS url, a.source_domain AS source,
    a.site_name, coalesce(a.provider, a.site_name) AS provider, a.agency, a.language, a.published_at,
    a.word_count
"""
_OWN = f"""
    SELECT {_ARTICLE}, {_RELATION}, coalesce(mine.at, a.published_at, a.fetched_at) AS at
    FROM articles a LEFT JOIN article_copies k ON k.article_id = a.id {_JOINED} WHERE a.id = ANY(%(ids)s)
"""
_FAMILY = f"""
    SELECT {_ARTICLE}, {_RELATION}, coalesce(mine.at, a.published_at, a.fetched_at) AS at
    FROM article_copies k JOIN articles a ON a.id = k.article_id {_JOINED}
    WHERE k.root_id = %(root)s ORDER BY at, a.id LIMIT %(limit)s OFFSET %(offset)s
"""
_OF_RELATION = (
    "article_id", "root_id", "parent_id", "also_id", "kind", "share", "parent_share", "reason", "score",
    "version", "related_at", "current",
)  # fmt: skip


def family(
    connection: Connection[Any], article_id: int, *, limit: int, offset: int = 0
) -> dict[str, Any] | None:
    """The family of an article's text: its root, and the copies in the order in which they appeared, each
    with the passages that prove it; None if the id is unknown. `root` is None where it was deleted."""
    found = _members(connection, [article_id])
    if not found:
        return None
    asked = found[0]
    root_id = asked["copy"]["root_id"] if asked["copy"] else article_id
    with connection.cursor(row_factory=dict_row) as cursor:
        values = {"root": root_id, "limit": limit, "offset": offset}
        copies = [_split(row) for row in cursor.execute(_FAMILY, values)]
        counted = cursor.execute(
            "SELECT count(*) AS n FROM article_copies WHERE root_id = %(root)s", values
        ).fetchone()
    roots = [asked] if root_id == article_id else _members(connection, [root_id])
    return {
        "article_id": article_id,
        "root_id": root_id,
        "root": roots[0] if roots else None,
        "article": asked,
        "copies": copies,
        "total": counted["n"] if counted else 0,
    }


def _members(connection: Connection[Any], ids: Sequence[int]) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return [_split(row) for row in cursor.execute(_OWN, {"ids": list(ids)})]


def _split(row: dict[str, Any]) -> dict[str, Any]:
    """An article with its relation as `copy`, of which `passages` are quadruples, or None."""
    relation: dict[str, Any] | None = {name: row.pop(name) for name in _OF_RELATION}
    flat = row.pop("passages")
    if relation is None or relation["article_id"] is None:
        relation = None
    else:
        parts = flat if relation["current"] else []
        relation["passages"] = [
            dict(zip(("start", "end", "parent_start", "parent_end"), parts[n : n + 4], strict=True))
            for n in range(0, len(parts), 4)
        ]
    return row | {"copy": relation}


def article_of(connection: Connection[Any], key: int | bytes) -> int | None:
    """The id of a stored article by its id or the hash of its URL, also of one that led to it; None if there
    is none."""
    if isinstance(key, int):
        statement = "SELECT id FROM articles WHERE id = least(%(key)s, 9223372036854775807)::bigint"
    else:
        statement = (
            "SELECT a.id FROM articles a WHERE a.url_hash = %(key)s UNION ALL "
            "SELECT a.id FROM submissions u JOIN articles a ON a.id = u.article_id "
            "WHERE u.url_hash = %(key)s LIMIT 1"
        )
    row = connection.execute(statement, {"key": key}).fetchone()
    return int(row[0]) if row else None
