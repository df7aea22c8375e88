"""Tables of copies and stories, which the stories service writes, and of what it goes on from.

No column refers to `articles` by a foreign key: the check of one would lock articles that the store may want.
A trigger deletes an article's rows with it (migration 0015).
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.store.schema.columns import SCORE, chars, check, metadata, moment

_SHARED = text("articles > 1")


def _key(name: str = "article_id") -> Column[int]:
    return Column(name, BigInteger, primary_key=True, autoincrement=False)


article_copies = Table(
    "article_copies",
    metadata,
    _key(),
    Column("root_id", BigInteger, nullable=False),
    Column("parent_id", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("share", Double, nullable=False),
    Column("parent_share", Double, nullable=False),
    Column("passages", ARRAY(Integer), nullable=False),
    Column("reason", Text, nullable=False),
    Column("also_id", BigInteger),
    Column("score", Double, nullable=False),
    Column("version", Text, nullable=False),
    moment("related_at", required=True, now=True),
    Index("article_copies_root_id", "root_id"),
    Index("article_copies_parent_id", "parent_id"),
    Index("article_copies_also_id", "also_id", postgresql_where=text("also_id IS NOT NULL")),
    check(
        "article_copies_bounds",
        "kind IN ('verbatim', 'cut', 'extended', 'edited', 'joined')",
        SCORE,
        "share BETWEEN 0 AND 1 AND parent_share BETWEEN 0 AND 1",
        "cardinality(passages) % 4 = 0",
        "article_id <> root_id AND article_id <> parent_id",
        chars(reason=4000),
    ),
)

stories = Table(
    "stories",
    metadata,
    _key("id"),
    Column("first_article_id", BigInteger, nullable=False),
    Column("language", Text),
    Column("articles", Integer, nullable=False),
    Column("reports", Integer, nullable=False),
    Column("sources", Integer, nullable=False),
    moment("first_at", required=True),
    moment("last_at", required=True),
    Column("merged_into", BigInteger),
    moment("created_at", required=True, now=True),
    moment("updated_at", required=True, now=True),
    Index("stories_by_size", "articles", "id", postgresql_where=_SHARED),
    Index("stories_by_time", "last_at", "id", postgresql_where=_SHARED),
    Index("stories_by_start", "first_at", "id", postgresql_where=_SHARED),
    Index("stories_merged_into", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
    check(
        "stories_bounds",
        "articles >= 0 AND reports BETWEEN 0 AND articles AND sources BETWEEN 0 AND articles",
        "merged_into <> id",
        chars(language=40),
    ),
)

story_articles = Table(
    "story_articles",
    metadata,
    _key(),
    Column("story_id", BigInteger, nullable=False),
    moment("at", required=True),
    Column("source", Text, nullable=False),
    Column("score", Double),
    Column("evidence", JSONB, nullable=False, server_default=text("'{}'")),
    Column("version", Integer, nullable=False),
    moment("joined_at", required=True, now=True),
    Index("story_articles_story_id", "story_id", "at"),
    Index("story_articles_joined_at", "joined_at", postgresql_using="brin"),
    check("story_articles_bounds", SCORE, chars(source=1000)),
)

story_events = Table(
    "story_events",
    metadata,
    _key("seq"),
    Column("kind", Text, nullable=False),
    Column("story_id", BigInteger, nullable=False),
    Column("other_id", BigInteger),
    Column("mark", Integer, nullable=False, server_default=text("0")),
    Column("articles", Integer, nullable=False),
    Column("reports", Integer, nullable=False),
    Column("sources", Integer, nullable=False),
    moment("at", required=True, now=True),
    Index("story_events_once", "story_id", "kind", "mark", text("coalesce(other_id, 0)"), unique=True),
    Index("story_events_at", "at"),
    check("story_events_kind", "kind IN ('story_created', 'story_grew', 'story_merged', 'story_split')"),
)

story_signatures = Table(
    "story_signatures",
    metadata,
    _key(),
    Column("position", BigInteger, nullable=False),
    moment("seen_at", required=True),
    Column("rank", SmallInteger, nullable=False),
    Column("agency", Text),
    Column("provider", Text),
    Column("samples", LargeBinary, nullable=False),
    Index("story_signatures_seen_at", "seen_at"),
)

story_vectors = Table(
    "story_vectors",
    metadata,
    _key(),
    Column("places", ARRAY(Text), nullable=False),
    Column("vector", LargeBinary, nullable=False),
)

story_frequencies = Table(
    "story_frequencies",
    metadata,
    _key("position"),
    Column("whole", Boolean, nullable=False),
    Column("counts", LargeBinary, nullable=False),
)

stories_progress = Table(
    "stories_progress",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False, server_default=text("1")),
    Column("method", Text, nullable=False),
    Column("cursor", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("next_story", BigInteger, nullable=False),
    moment("clock", required=True),
    moment("rebuild_since"),
    moment("rebuild_asked_at"),
    Column("rebuild_done", BigInteger, nullable=False, server_default=text("0")),
    Column("rebuild_total", BigInteger, nullable=False, server_default=text("0")),
    moment("updated_at", required=True, now=True),
    check("stories_progress_once", "id = 1"),
)
