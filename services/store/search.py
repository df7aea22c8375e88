"""Full-text and faceted search of stored articles. Read only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from services.store.collapsing import collapsed
from services.store.relations import COPY, STORY
from services.store.search_query import PUBLISHED, Query, conditions

_SUMMARY = f"""
    a.id, a.title, a.canonical_url AS url, a.source_domain AS source, coalesce(a.provider,
        a.site_name) AS provider, a.language,
    a.published_at, a.stored_at, a.word_count, left(a.text, 240) AS opening,
    (SELECT coalesce(array_agg(t.name ORDER BY t.score DESC), '{{}}') FROM article_topics t
        WHERE t.article_id = a.id) AS topics,
    (SELECT coalesce(array_agg(c.name ORDER BY c.score DESC), '{{}}') FROM article_countries c
        WHERE c.article_id = a.id AND c.focus) AS countries,
    {STORY}, {COPY}
"""

RANKED = 2_000
"""Only so many of the newest matches of a text are ranked: a common word matches a third of all articles."""


def find(connection: Connection[Any], query: Query) -> list[dict[str, Any]]:
    """Finds articles: by rank (ts_rank) among the newest `RANKED` matches
    or, without a text, the newest first.
    """
    statement, values = _statement(query)
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, values, prepare=False).fetchall()


def explain(connection: Connection[Any], query: Query) -> list[str]:
    """The lines of EXPLAIN ANALYZE of a search."""
    statement, values = _statement(query)
    rows = connection.execute(f"EXPLAIN (ANALYZE, COSTS OFF) {statement}", values, prepare=False)
    return [row[0] for row in rows]


def _statement(query: Query) -> tuple[str, dict[str, Any]]:
    where, values = conditions(query)
    where = collapsed(where, query.collapse)
    found = f"SELECT a.id FROM articles a WHERE {where} ORDER BY {PUBLISHED} DESC, a.id DESC LIMIT %(limit)s"
    order = f"{PUBLISHED} DESC, a.id DESC"
    if query.text:
        asked = "websearch_to_tsquery('english', %(text)s) || websearch_to_tsquery('simple', %(text)s)"
        matches = f"SELECT a.id FROM articles a WHERE {where} ORDER BY a.id DESC LIMIT %(ranked)s"
        order = f"ts_rank(a.search, {asked}) DESC, {order}"
        found = f"SELECT a.id FROM articles a WHERE a.id IN ({matches}) ORDER BY {order} LIMIT %(limit)s"
    # Summaries are expensive: they are built only for the rows that are returned.
    statement = f"SELECT {_SUMMARY} FROM articles a WHERE a.id IN ({found}) ORDER BY {order}"
    return statement, values | {"limit": query.limit, "ranked": max(RANKED, query.limit)}


def summaries(connection: Connection[Any], ids: Sequence[int]) -> list[dict[str, Any]]:
    """Rows as of `find` for these articles, in the order of `ids`; unknown ids are skipped."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            f"SELECT {_SUMMARY} FROM articles a WHERE a.id = ANY(%s)", (list(ids),)
        ).fetchall()
    by_id = {row["id"]: row for row in rows}
    return [by_id[i] for i in ids if i in by_id]


def matching(connection: Connection[Any], query: Query, ids: Sequence[int]) -> set[int]:
    """The subset of `ids` that matches the query."""
    where, values = conditions(query)
    rows = connection.execute(
        f"SELECT a.id FROM articles a WHERE a.id = ANY(%(ids)s) AND {where}", values | {"ids": list(ids)}
    )
    return {row[0] for row in rows}


def ids_of(connection: Connection[Any], query: Query, *, most: int) -> list[int]:
    """Ids of up to `most` matching articles, the highest first."""
    where, values = conditions(query)
    statement = f"SELECT a.id FROM articles a WHERE {where} ORDER BY a.id DESC LIMIT %(most)s"
    # Not prepared: a generic plan expects every word to be rare, and is ten times slower for a common one.
    return [row[0] for row in connection.execute(statement, values | {"most": most}, prepare=False)]


def area_names(connection: Connection[Any]) -> list[tuple[str, int]]:
    """The areas that a query may name: name and UN M49 code (0 if it has none)."""
    return [(row[0], row[1]) for row in connection.execute("SELECT name, m49 FROM areas ORDER BY name")]


def own_topics(connection: Connection[Any]) -> list[tuple[str, list[str]]]:
    """Topics of user-defined rules that articles have: name and path of codes."""
    rows = connection.execute(
        "SELECT DISTINCT ON (code) name, path FROM article_topics WHERE code >= 'rule:' AND code < 'rule;' "
        "ORDER BY code"
    )
    return [(row[0], row[1]) for row in rows]


def known_sources(connection: Connection[Any]) -> list[str]:
    """All domains of articles, by a loose index scan: one probe for each
    domain, however many articles it has.
    """
    rows = connection.execute(
        "WITH RECURSIVE domains AS (SELECT min(source_domain) AS domain FROM articles UNION ALL "
        "SELECT (SELECT min(source_domain) FROM articles WHERE source_domain > domain) FROM domains "
        "WHERE domain IS NOT NULL) "
        "SELECT domain FROM domains WHERE domain IS NOT NULL"
    )
    return [row[0] for row in rows]
