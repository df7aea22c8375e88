"""Articles in a database as the store writes them, and a service that follows them to the end."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import psycopg
import pytest

from services.stories import reader
from services.stories.follower import Follower, connect
from services.stories.settings import StoriesSettings

BEGIN = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
_TABLES = {
    "copies": "SELECT article_id, root_id, parent_id, kind, share, parent_share, passages, reason, also_id, "
    "score FROM article_copies ORDER BY 1",
    "members": "SELECT article_id, story_id, at, source, score, evidence, version FROM story_articles "
    "ORDER BY 1",
    "stories": "SELECT id, first_article_id, language, articles, reports, sources, first_at, last_at, "
    "merged_into FROM stories ORDER BY 1",
}
_EVENTS = "SELECT kind, story_id, other_id, mark FROM story_events ORDER BY 2, 1, 3, 4"


def settings(url: str, **more: Any) -> StoriesSettings:
    values = {"redis_url": "redis://127.0.0.1:1/0", "own_broker_url": "", "profile": "development"}
    values |= {"log_format": "json", "log_level": "info", "heartbeat_file": "", "database_url": url}
    values |= {"slice_s": 60.0, "window_days": 14.0, "keep_events_days": 90.0}
    return StoriesSettings(**(values | more))


def store(
    connection: psycopg.Connection[Any],
    number: int,
    text: str,
    *,
    minute: float = 0.0,
    title: str = "",
    source: str = "",
    published: datetime | None = None,
    agency: str | None = None,
    language: str = "en",
) -> int:
    """Stores an article, or its new version; returns its id. `minute`: of arrival, after BEGIN."""
    seen = BEGIN + timedelta(minutes=minute)
    url = f"https://{source or f'site{number}.example'}/{number}"
    row = connection.execute(
        """
        INSERT INTO articles AS a (url_hash, url, canonical_url, source_domain, agency, title, published_at,
            language, text, word_count, content_hash, extractor, extractor_version, fetched_at, stored_at)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 'test', '1', %s, %s)
        ON CONFLICT (url_hash) DO UPDATE SET title = excluded.title, text = excluded.text,
            content_hash = excluded.content_hash, version = a.version + 1
        RETURNING id
        """,
        (
            hashlib.sha256(url.encode()).digest(), url, url, source or f"site{number}.example", agency,
            title or f"Article {number}", published or seen, language, text, len(text.split()),
            hashlib.sha256((title + text).encode()).hexdigest(), seen, seen,
        ),
    ).fetchone()  # fmt: skip
    assert row is not None
    connection.commit()
    connection.execute(
        "UPDATE article_changes SET changed_at = %s WHERE article_id = %s", (seen, int(row[0]))
    )
    connection.commit()
    return int(row[0])


def delete(connection: psycopg.Connection[Any], article: int, minute: float = 0.0) -> None:
    connection.execute("DELETE FROM articles WHERE id = %s", (article,))
    connection.commit()
    seen = BEGIN + timedelta(minutes=minute)
    connection.execute("UPDATE article_changes SET changed_at = %s WHERE article_id = %s", (seen, article))
    connection.commit()


@contextmanager
def service(url: str, **more: Any) -> Iterator[tuple[Follower, psycopg.Connection[Any]]]:
    """A service, with the connection that it leads by."""
    with connect(url) as leading:
        yield Follower(settings(url, **more)), leading


def follow(url: str, **more: Any) -> int:
    """Starts a service that takes in all there is; returns how many articles."""
    with service(url, **more) as (follower, leading):
        return follower.follow(leading)


def told(connection: psycopg.Connection[Any], *names: str) -> dict[str, list[tuple[Any, ...]]]:
    """What the tables say."""
    connection.rollback()
    return {name: connection.execute(_TABLES[name]).fetchall() for name in names or _TABLES}


def events(connection: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    connection.rollback()
    return connection.execute(_EVENTS).fetchall()


@pytest.fixture
def ended_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every slice of time is over: nothing is waited for."""
    hours = count(1_000_000)
    monkeypatch.setattr(reader, "horizon", lambda _: next(hours) * 3600.0)
