"""Stories and copies for tests, as rows such as the stories service writes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from services.contract.messages import ArticleEnriched
from tests.articles import enriched

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
TEXT = (
    "Dockworkers at the container terminal voted on Tuesday to end a three-week strike. "
    "Cranes are expected to start moving again on Wednesday morning. "
    "Exporters of cork and tomato paste said that orders had been cancelled."
)


def printed(n: int, **more: Any) -> ArticleEnriched:
    """An article that appeared `n` hours after noon, at a house of its own."""
    parts = {
        "title": f"Strike ends ({n})",
        "text": f"{TEXT} {n}",
        "source_domain": f"house{n}.example",
        "published_at": NOON + timedelta(hours=n),
        "content_hash": f"strike {n}",
        "language": "en",
    }
    return enriched(f"https://house{n}.example/strike", **(parts | more))


def story(
    connection: Connection[Any], story_id: int, ids: Sequence[int], *, copies: int = 0, seq: bool = True
) -> None:
    """A story of these articles, the first of which began it; its counts as they are stored."""
    for n, number in enumerate(ids):
        connection.execute(
            "INSERT INTO story_articles (article_id, story_id, at, source, score, evidence, version) "
            "SELECT id, %s, coalesce(published_at, fetched_at), source_domain, %s, %s, version "
            "FROM articles WHERE id = %s",
            (story_id, None if n == 0 else 0.8, Jsonb({} if n == 0 else {"words": ["strike"]}), number),
        )
    connection.execute(
        "INSERT INTO stories (id, first_article_id, language, articles, reports, sources, first_at, last_at) "
        "SELECT %(id)s, %(first)s, 'en', count(*), count(*) - %(copies)s, count(DISTINCT source), min(at), "
        "max(at) FROM story_articles WHERE story_id = %(id)s",
        {"id": story_id, "first": ids[0], "copies": copies},
    )
    if seq and len(ids) > 1:
        event(connection, story_id, "story_created", articles=len(ids))


def copy(
    connection: Connection[Any], copied: int, parent: int, passages: Sequence[int], *, kind: str = "edited",
    root: int | None = None, share: float = 0.9,
) -> None:  # fmt: skip
    """That an article is a copy of another, with `passages` in quadruples."""
    connection.execute(
        "INSERT INTO article_copies (article_id, root_id, parent_id, kind, share, parent_share, passages, "
        "reason, score, version) VALUES (%s, %s, %s, %s, %s, 0.8, %s, 'earliest seen', 0.99, '1')",
        (copied, root or parent, parent, kind, share, list(passages)),
    )


def event(
    connection: Connection[Any], story_id: int, kind: str, *, other: int | None = None, mark: int = 0,
    articles: int = 2,
) -> None:  # fmt: skip
    """An entry of the feed, with a number of the change feed's sequence."""
    connection.execute(
        "INSERT INTO story_events (seq, kind, story_id, other_id, mark, articles, reports, sources) "
        "VALUES (nextval('article_changes_seq'), %s, %s, %s, %s, %s, 1, 1)",
        (kind, story_id, other, mark, articles),
    )


def taken_in(connection: Connection[Any]) -> None:
    """That the stories service has taken in all that is stored."""
    connection.execute(
        "INSERT INTO stories_progress (method, cursor, position, next_story, clock) "
        "SELECT '1', max(seq), 1, 1, now() FROM article_changes "
        "ON CONFLICT (id) DO UPDATE SET cursor = excluded.cursor"
    )
