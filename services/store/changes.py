"""The change feed: stored, changed, retagged and deleted articles, and what became of stories, in the order
of commits.

Of articles a trigger writes it (migration 0006), so it covers every writer. It is compacted: each article is
in it once, at its latest change, and a late reader gets the current state, not the history. Events of stories
(migration 0015) are a log with numbers of the same sequence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from psycopg import Connection
from psycopg.rows import class_row

Kind = Literal[
    "stored", "changed", "retagged", "deleted", "story_created", "story_grew", "story_merged", "story_split"
]
OF_ARTICLES: tuple[Kind, ...] = ("stored", "changed", "retagged", "deleted")
OF_STORIES: tuple[Kind, ...] = ("story_created", "story_grew", "story_merged", "story_split")


@dataclass(frozen=True, slots=True)
class ChangeEntry:
    """One entry. `seq` is the cursor after which a reader continues. Of an article: `article_id`. Of a story:
    `story_id`, and `other_id`, that it became part of or was part of; `mark`: the number of articles that it
    has grown to; `articles`, `reports`, `sources`: its size at that time."""

    seq: int
    article_id: int | None
    kind: Kind
    changed_at: datetime
    story_id: int | None = None
    other_id: int | None = None
    mark: int = 0
    articles: int = 0
    reports: int = 0
    sources: int = 0


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Entries, the cursor to continue from, and whether there are more."""

    entries: list[ChangeEntry]
    cursor: int
    more: bool


# Both in one statement, so that they are seen at one moment.
_ARTICLES = """
    (SELECT c.seq, c.article_id, c.kind, c.changed_at, NULL::bigint AS story_id, NULL::bigint AS other_id,
        0 AS mark, 0 AS articles, 0 AS reports, 0 AS sources
    FROM article_changes c WHERE c.seq > %(cursor)s AND c.seq <= %(last)s AND c.kind = ANY(%(kinds)s) {shown}
    ORDER BY c.seq LIMIT %(limit)s)
"""
_STORIES = """
    (SELECT seq, NULL::bigint AS article_id, kind, at AS changed_at, story_id, other_id, mark, articles,
        reports, sources
    FROM story_events WHERE seq > %(cursor)s AND seq <= %(last)s AND kind = ANY(%(kinds)s)
    ORDER BY seq LIMIT %(limit)s)
"""
_SHOWN = {
    "": "",
    "copies": "AND NOT EXISTS (SELECT FROM article_copies k WHERE k.article_id = c.article_id)",
    "stories": "AND NOT EXISTS (SELECT FROM story_articles m JOIN stories s ON s.id = m.story_id "
    "WHERE m.article_id = c.article_id AND s.first_article_id <> c.article_id)",
}
_NEWEST = """
    SELECT greatest((SELECT max(seq) FROM article_changes), (SELECT max(seq) FROM story_events), 0)
"""
# What the stories service has not taken in yet may be a copy.
_TAKEN_IN = f"""
    SELECT coalesce((SELECT min(seq) - 1 FROM article_changes
        WHERE seq > coalesce((SELECT cursor FROM stories_progress), 0)), ({_NEWEST}))
"""
_LAST = 2**63 - 1


def after(
    connection: Connection[Any], cursor: int, *, limit: int, kinds: Sequence[Kind] = OF_ARTICLES
) -> list[ChangeEntry]:
    """Up to `limit` entries of these kinds after `cursor`, in the order of commits."""
    return _entries(connection, cursor, _LAST, limit, kinds, "")


def page(
    connection: Connection[Any], cursor: int, *, limit: int, kinds: Sequence[Kind] = OF_ARTICLES,
    collapse: str | None = None,
) -> ChangePage:  # fmt: skip
    """The same, and the cursor to continue from, which passes entries of other kinds.

    `collapse`: without articles that are copies (`copies`), or with the first article of each story only
    (`stories`), as of now. The page then ends before what the stories service has not taken in.
    """
    # Read before the entries: all up to this number are visible to the next statement, later ones perhaps.
    row = connection.execute(_TAKEN_IN if collapse else _NEWEST).fetchone()
    newest = int(row[0]) if row else 0
    last = newest if collapse else _LAST
    entries = _entries(connection, cursor, last, limit + 1, kinds, collapse or "")
    shown = entries[:limit]
    if len(entries) > limit:
        return ChangePage(shown, shown[-1].seq, True)
    return ChangePage(shown, max(cursor, newest, shown[-1].seq if shown else 0), False)


def newest(connection: Connection[Any]) -> int:
    """The latest cursor: a reader that starts here gets only later changes."""
    row = connection.execute(_NEWEST).fetchone()
    return int(row[0]) if row else 0


def _entries(
    connection: Connection[Any], cursor: int, last: int, limit: int, kinds: Sequence[Kind], collapse: str
) -> list[ChangeEntry]:
    parts = []
    if set(kinds) & set(OF_ARTICLES):
        parts.append(_ARTICLES.format(shown=_SHOWN[collapse]))
    if set(kinds) & set(OF_STORIES):
        parts.append(_STORIES)
    if not parts:
        return []
    statement = f"SELECT * FROM ({' UNION ALL '.join(parts)}) e ORDER BY seq LIMIT %(limit)s"
    values = {"cursor": cursor, "last": last, "limit": limit, "kinds": list(kinds)}
    with connection.cursor(row_factory=class_row(ChangeEntry)) as rows:
        return rows.execute(statement, values).fetchall()
