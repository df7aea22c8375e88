"""Reads one article with all its parts, earlier versions, and articles as a stream for exports. Read only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from services.store.collapsing import collapsed
from services.store.relations import COPY, STORY
from services.store.search_query import Query, conditions

_ARTICLE = f"""
    SELECT id, url, canonical_url, source_domain AS source, site_name, provider, agency, dateline, title,
        authors, published_at,
        modified_at, language, text, word_count, image_url, section, keywords, paywalled, version, extractor,
            extractor_version,
        topics_version, regions_version, names_version, fetched_at, stored_at, last_seen_at,
        {STORY}, {COPY},
        (SELECT count(*) FROM article_copies k WHERE k.root_id = coalesce(
            (SELECT root_id FROM article_copies WHERE article_id = a.id), a.id)) AS copies
    FROM articles a WHERE id = %s
"""
_PARTS = {
    "topics": "SELECT code, name, path, score, evidence, provenance, tagger_version FROM article_topics "
    "WHERE article_id = %s ORDER BY score DESC, code",
    "countries": "SELECT code, name, m49, score, focus, roles, mentions, evidence, tagger_version "
    "FROM article_countries "
    "WHERE article_id = %s ORDER BY focus DESC, score DESC, code",
    "places": 'SELECT start, "end", quote, name, geonameid, kind, country, admin1, lat, lon, score, form, '
    "tagger_version FROM article_places "
    "WHERE article_id = %s ORDER BY start",
    "localities": "SELECT name, kind, country, admin1, geonameid, lat, lon, score, mentions, evidence "
    "FROM article_localities "
    "WHERE article_id = %s ORDER BY position",
    "names": "SELECT label, key, name, role, score, mentions, spans, tagger_version FROM article_names "
    "WHERE article_id = %s ORDER BY mentions DESC, spans[1], key",
    "quotes": 'SELECT start, "end", quote, speaker, key, cue, cue_start, cue_end, tagger_version '
    "FROM article_quotes WHERE article_id = %s ORDER BY start",
    "links": "SELECT url, title, kind FROM article_links WHERE article_id = %s ORDER BY position",
    "versions": "SELECT version, title, fetched_at, replaced_at FROM article_versions WHERE article_id = %s "
    "ORDER BY version",
}

EXPORTED = (
    "id", "url", "canonical_url", "source", "site_name", "provider", "agency", "dateline", "title", "authors",
    "published_at", "modified_at", "language", "text", "word_count", "section", "keywords", "stored_at",
    "topics", "topic_names", "countries", "mentioned_countries", "places", "literal_places",
    "people", "organisations", "copy_of", "copy_kind", "copy_share", "story_id",
)  # fmt: skip
"""Columns of an export, in this order."""

_EXPORT = """
    SELECT a.id, a.url, a.canonical_url, a.source_domain AS source, a.site_name, a.provider, a.agency,
        a.dateline, a.title, a.authors,
        a.published_at, a.modified_at, a.language, a.text, a.word_count, a.section, a.keywords, a.stored_at,
        ARRAY(SELECT t.code FROM article_topics t WHERE t.article_id = a.id
            ORDER BY t.score DESC, t.code) AS topics,
        ARRAY(SELECT t.name FROM article_topics t WHERE t.article_id = a.id
            ORDER BY t.score DESC, t.code) AS topic_names,
        ARRAY(SELECT c.code FROM article_countries c WHERE c.article_id = a.id AND c.focus
            ORDER BY c.score DESC, c.code) AS countries,
        ARRAY(SELECT c.code FROM article_countries c WHERE c.article_id = a.id AND 'mentioned' = ANY(c.roles)
            ORDER BY c.code)
            AS mentioned_countries,
        ARRAY(SELECT DISTINCT p.name FROM article_places p WHERE p.article_id = a.id AND p.name IS NOT NULL
            ORDER BY p.name) AS places,
        ARRAY(SELECT DISTINCT p.name FROM article_places p WHERE p.article_id = a.id AND p.name IS NOT NULL
            AND p.form IN ('name', 'dateline') ORDER BY p.name) AS literal_places,
        ARRAY(SELECT n.name FROM article_names n WHERE n.article_id = a.id AND n.label = 'PER'
            ORDER BY n.mentions DESC, n.key) AS people,
        ARRAY(SELECT n.name FROM article_names n WHERE n.article_id = a.id AND n.label = 'ORG'
            ORDER BY n.mentions DESC, n.key) AS organisations,
        k.parent_id AS copy_of, k.kind AS copy_kind, k.share AS copy_share,
        (SELECT m.story_id FROM story_articles m WHERE m.article_id = a.id) AS story_id
    FROM articles a LEFT JOIN article_copies k ON k.article_id = a.id WHERE
"""


def article(connection: Connection[Any], article_id: int) -> dict[str, Any] | None:
    """An article with its tags, links and earlier versions (without
    their texts); None if the id is unknown.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_ARTICLE, (article_id,)).fetchone()
        if row is None:
            return None
        for part, statement in _PARTS.items():
            row[part] = cursor.execute(statement, (article_id,)).fetchall()
        return row


def version(connection: Connection[Any], article_id: int, number: int) -> dict[str, Any] | None:
    """A version of an article with its text, the current one or an earlier one; None if there is none."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT version, title, text FROM article_versions WHERE article_id = %(id)s "
            "AND version = %(version)s "
            "UNION ALL SELECT version, title, text FROM articles WHERE id = %(id)s "
            "AND version = %(version)s LIMIT 1",
            {"id": article_id, "version": number},
        ).fetchone()


def count(connection: Connection[Any], query: Query) -> int:
    """The number of articles that match; `query.limit` is ignored."""
    where, values = conditions(query)
    where = collapsed(where, query.collapse)
    row = connection.execute(f"SELECT count(*) FROM articles a WHERE {where}", values).fetchone()
    return int(row[0]) if row else 0


def stream(connection: Connection[Any], query: Query) -> Iterator[dict[str, Any]]:
    """Streams all matching articles in the order of their ids, in constant memory; `query.limit` is ignored.

    Uses a server-side cursor: needs a connection in a transaction, for this stream alone.
    """
    where, values = conditions(query)
    where = collapsed(where, query.collapse)
    with connection.cursor("dateline_export", row_factory=dict_row) as cursor:
        cursor.itersize = 200
        cursor.execute(f"{_EXPORT} {where} ORDER BY a.id", values)
        yield from cursor
