"""A filled database of every earlier schema comes to the newest one with every row and value that it had."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest
from alembic.script import ScriptDirectory

from services.contract.urls import parse_url
from services.store import changes, deletion, search
from services.store.migrate import _config, current, head, migrate
from services.store.search_query import Query
from tests.store.test_migrations import _article, blank_url

__all__ = ["blank_url"]

EARLIER = sorted(
    r.revision for r in ScriptDirectory.from_config(_config()).walk_revisions() if r.revision != head()
)
_FEW = {EARLIER[0], EARLIER[-1], *EARLIER[2::4]}
"""The oldest, the newest and some between them; all with `make test-all`."""
_URL = "https://example.org/a"
_ROWS = {
    "article_versions": "(article_id, version, title, text, content_hash, extractor_version, fetched_at) "
    "VALUES (%(a)s, 1, 't', 'former', 'h0', '1', now())",
    "article_topics": "(article_id, code, name, path, score, tagger_version) "
    "VALUES (%(a)s, 'medtop:1', 'n', '{medtop:1}', 0.5, '1')",
    "article_countries": "(article_id, code, name, m49, score, focus, roles, mentions, tagger_version) "
    "VALUES (%(a)s, 'ML', 'Mali', 466, 0.5, true, '{about}', 1, '1')",
    "article_places": '(article_id, start, "end", quote, lat, lon, score, tagger_version) '
    "VALUES (%(a)s, 0, 1, 'x', 1, 2, 0.5, '1')",
    "article_links": "(article_id, position, url, title, kind) VALUES (%(a)s, 0, 'https://x/1', 'l', 'body')",
    "submissions": "(url, canonical_url, url_hash, host, state, origin, hints, article_id) "
    "VALUES (%(url)s, %(url)s, %(hash)s, 'example.org', 'stored', 'source:1', '{\"title\": "
    '"h"}\', %(a)s)',
    "submission_attempts": "(submission_id, attempt, stage, outcome, detail) "
    "VALUES (1, 1, 'store', 'stored', 'd')",
    "dead_letters": "(submission_id, url, stage, reason, payload, attempts) "
    "VALUES (1, %(url)s, 'ingest', 'http_500', '{\"x\": 1}', 3)",
    "outcome_counts": "(hour, stage, outcome, reason, urls) VALUES (now(), 'store', 'stored', '', 7)",
    "sources": "(url, kind, title, items) VALUES ('https://example.org/feed', 'rss', 'A feed', 3)",
    "source_homes": "(source_domain, home, articles) VALUES ('example.org', '{}', 9)",
    "source_priors": "(source_domain, prior, articles) VALUES ('example.com', '{}', 4)",
    "article_localities": "(article_id, position, name, kind, country, score, mentions, tagger_version) "
    "VALUES (%(a)s, 0, 'Gao', 'city', 'ML', 0.5, 1, '1')",
    "article_names": "(article_id, label, key, name, score, mentions, spans, tagger_version) "
    "VALUES (%(a)s, 'PER', 'ann lee', 'Ann Lee', 0.9, 1, '{0,7}', '1')",
    "article_quotes": '(article_id, start, "end", quote, speaker, key, tagger_version) '
    "VALUES (%(a)s, 0, 1, 'x', 'Ann Lee', 'ann lee', '1')",
    "api_tokens": "(name, token_hash, scopes) VALUES ('t', 'x', '{read}')",
    "desk_sessions": "(session_hash, token_id) SELECT '\\x02', min(id) FROM api_tokens",
    "webhooks": "(name, url, secret, query, cursor) VALUES ('w', 'https://x/', 's', '{}', 1)",
    "source_items": "(source_id, url_hash) VALUES (1, %(hash)s)",
    "article_links_former": "(article_id, position, url, title, kind) VALUES (%(a)s, 9, 'https://x/9', 'l', "
    "'related')",
    "tombstones": "(url_hash, article_id, reason, deleted_by) VALUES ('\\x01', 77, 'asked', 'test')",
    "raw_removals": "(file, \"offset\") VALUES ('a.warc.gz', 5)",
    "article_copies": "(article_id, root_id, parent_id, kind, share, parent_share, passages, reason, score, "
    "version) VALUES (%(a)s, 77, 77, 'cut', 1, 0.5, '{0,1,0,1}', 'earliest seen', 0.9, '1')",
    "stories": "(id, first_article_id, articles, reports, sources, first_at, last_at) "
    "VALUES (1, %(a)s, 1, 1, 1, now(), now())",
    "story_articles": "(article_id, story_id, at, source, evidence, version) "
    "VALUES (%(a)s, 1, now(), 'example.org', '{\"words\": [\"w\"]}', 1)",
    "story_events": "(seq, kind, story_id, articles, reports, sources) "
    "VALUES (9, 'story_created', 1, 2, 2, 1)",
    "story_signatures": "(article_id, position, seen_at, rank, samples) VALUES (%(a)s, 1, now(), 1, '\\x01')",
    "story_vectors": "(article_id, places, vector) VALUES (%(a)s, '{ML}', '\\x02')",
    "story_frequencies": "(position, whole, counts) VALUES (1, true, '\\x03')",
    "stories_progress": "(method, cursor, position, next_story, clock) VALUES ('1', 1, 1, 2, now())",
    "audit": "(who, action, detail) VALUES ('test', 'article_deleted', '{\"ids\": [77]}')",
}
_OF_THEMSELVES = {"alembic_version", "articles", "areas", "article_changes"}
"""Tables that are filled without a row of `_ROWS`: by `_article`, by a migration, by a trigger."""
_BAD = {
    "article_topics": "(article_id, code, name, path, score, tagger_version) VALUES (%(a)s, 'medtop:2', "
    "repeat('n', 9000), '{}', 7, '1'), (%(a)s, '', 'n', '{}', 0.5, '1')",
    "article_countries": "(article_id, code, name, m49, score, focus, roles, mentions, tagger_version) "
    "VALUES (%(a)s, 'XX', 'X', 1, -3, true, '{about,capital}', -1, '1')",
    "article_places": '(article_id, start, "end", quote, lat, lon, score, tagger_version) VALUES (%(a)s, '
    "5, 2, repeat('q', 9000), 200, 10, 'NaN', '1'), (%(a)s, -2, 1, 'x', 1, 2, 0.5, '1')",
    "article_localities": "(article_id, position, name, kind, country, lat, lon, score, mentions, "
    "tagger_version) VALUES (%(a)s, 1, 'n', 'city', 'ML', 91, 0, 2, -1, '1'), (%(a)s, 2, 'n', 'city', "
    "'', 1, 0, 0.5, 1, '1')",
}
"""Rows of before the bounds, and for tags one beside it that names nothing and is dropped."""


def _fill(connection: psycopg.Connection[Any]) -> int:
    """A row or more in every table that there is."""
    article = _article(connection, parse_url(_URL).hash)
    connection.execute(
        "UPDATE articles SET url = %(u)s, canonical_url = %(u)s WHERE id = %(a)s", {"u": _URL, "a": article}
    )
    values = {"a": article, "url": _URL, "hash": parse_url(_URL).hash}
    for table, rows in _ROWS.items():
        if connection.execute("SELECT to_regclass(%s)", (table,)).fetchone() != (None,):
            connection.execute(f"INSERT INTO {table} {rows}", values)
    return article


def _tables(connection: psycopg.Connection[Any]) -> set[str]:
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
    return {row[0] for row in rows}


def _content(connection: psycopg.Connection[Any]) -> dict[str, list[dict[str, Any]]]:
    found = {}
    for table in ("articles", *_ROWS):
        if connection.execute("SELECT to_regclass(%s)", (table,)).fetchone() != (None,):
            rows = connection.execute(f"SELECT to_jsonb(t) FROM {table} t ORDER BY to_jsonb(t)::text")
            found[table] = [row[0] for row in rows]
    return found


def _thinned(revisions: list[str]) -> list[Any]:
    return [pytest.param(r, marks=() if r in _FEW else pytest.mark.long) for r in revisions]


@pytest.mark.parametrize("revision", _thinned(EARLIER))
def test_every_row_of_an_earlier_schema_is_there_afterwards_and_can_be_deleted(
    blank_url: str, revision: str
) -> None:
    migrate(blank_url, revision=revision)
    with psycopg.connect(blank_url, options="-c timezone=UTC") as connection:
        article = _fill(connection)
        connection.commit()
        empty = [
            name
            for name in _tables(connection)
            if connection.execute(f'SELECT FROM "{name}"').fetchone() is None
        ]
        assert empty == [], "a row of each belongs into _ROWS"
        assert _tables(connection) <= _ROWS.keys() | _OF_THEMSELVES
        before = _content(connection)
    assert migrate(blank_url) == (revision, head())
    with psycopg.connect(blank_url, options="-c timezone=UTC") as connection:
        after = _content(connection)
        for table, rows in before.items():
            kept = [{name: row[name] for name in was} for row, was in zip(after[table], rows, strict=True)]
            assert json.dumps(kept) == json.dumps(rows), table
        assert [row["id"] for row in search.find(connection, Query(text="x"))] == [article]
        assert [change.article_id for change in changes.after(connection, 0, limit=10)] == [article]
        done = deletion.delete(connection, hashes=[parse_url(_URL).hash], reason="asked", who="test")
        assert (done.articles, done.submissions) == (1, 1)
        assert not any(rows for table, rows in _content(connection).items() if table.startswith("article"))
    assert current(blank_url) == head()


@pytest.mark.parametrize("revision", _thinned([r for r in EARLIER if r < "0009"]))
def test_rows_out_of_bounds_of_every_schema_before_them_are_mended_and_others_are_not_touched(
    blank_url: str, revision: str
) -> None:
    migrate(blank_url, revision=revision)
    with psycopg.connect(blank_url, options="-c timezone=UTC") as connection:
        fine = _fill(connection)
        before = _content(connection)
        bad = _article(connection, b"bad")
        connection.execute(
            "UPDATE articles SET published_at = '0001-12-31 BC', modified_at = 'infinity', title = "
            "repeat('x', 420000), url = '', "
            "authors = array_fill('a'::text, ARRAY[5000]), word_count = -1, language = repeat('e', 50), "
            "content_hash = '' WHERE id = %s",
            (bad,),
        )
        connection.execute(
            "INSERT INTO submissions (url, canonical_url, url_hash, host, state, origin, attempts, detail, "
            "article_id) "
            "VALUES ('https://x/', 'https://x/', 'bad', 'x', 'stored', 'test', -4, repeat('d', 90000), %s)",
            (bad,),
        )
        there = {table: rows for table, rows in _BAD.items() if table in _tables(connection)}
        for table, rows in there.items():
            connection.execute(f"INSERT INTO {table} {rows}", {"a": bad})
    migrate(blank_url)
    with psycopg.connect(blank_url, options="-c timezone=UTC") as connection:
        after = _content(connection)
        for table, rows in before.items():
            names = rows[0].keys()
            kept = [{name: row[name] for name in names} for row in after[table]]
            assert all(row in kept for row in rows), table
        row = connection.execute(
            "SELECT published_at, modified_at, char_length(title), cardinality(authors), word_count, url, "
            "language, content_hash <> '' "
            "FROM articles WHERE id = %s",
            (bad,),
        ).fetchone()
        assert row == (None, None, 2000, 1000, 0, "-", None, True)
        row = connection.execute(
            "SELECT attempts, char_length(detail) FROM submissions WHERE article_id = %s", (bad,)
        ).fetchone()
        assert row == (0, 20000)
        for table in there:
            mended = connection.execute(f"SELECT score FROM {table} WHERE article_id = %s", (bad,)).fetchall()
            assert len(mended) == 1, f"{table}: what names nothing is dropped, what does is mended"
            assert 0 <= mended[0][0] <= 1
        lax = connection.execute(
            "SELECT conname FROM pg_constraint WHERE contype = 'c' AND NOT convalidated"
        ).fetchall()
        assert lax == [], "the bounds hold for all that is stored"
        assert connection.execute("SELECT id FROM articles ORDER BY id").fetchall() == [(fine,), (bad,)]
