"""Stories, and the story of an article. Read only; `services/stories` writes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from services.store.search_query import Query, conditions

ORDERS = ("size", "growth", "new", "latest")
"""By number of articles; by articles of the last GROWTH_H hours; by when the first article appeared; by when
the last one did."""
GROWTH_H = 6
"""Hours over which growth is measured."""
LEAST = 2
"""Articles; fewer are no story that is listed."""
_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_MOST_PLACES, _MOST_EVENTS, _MOST_MEMBERS = 60, 50, 5_000
_GROWN = f"""
    SELECT count(*) FROM story_articles g
    WHERE g.story_id = s.id AND g.at > %(now)s - interval '{GROWTH_H} hours' AND g.at <= %(now)s
"""
_FIRST = """
    coalesce((SELECT a.id FROM articles a WHERE a.id = s.first_article_id),
        (SELECT m.article_id FROM story_articles m WHERE m.story_id = s.id
            ORDER BY m.at, m.article_id LIMIT 1))
"""
_TOLD = f"""
    s.id, {_FIRST} AS first_article_id, s.language, s.articles, s.reports, s.sources, s.first_at, s.last_at,
    s.created_at, s.updated_at, s.merged_into, ({_GROWN}) AS lately
"""
_KEYS = {"size": "s.articles", "new": "s.first_at", "latest": "s.last_at", "growth": f"({_GROWN})"}
_ARTICLES = """
    SELECT m.article_id AS id, a.title, a.canonical_url AS url, a.source_domain AS source,
        a.site_name, coalesce(a.provider, a.site_name) AS provider, a.language, a.published_at, m.at, m.score,
        m.evidence,
        CASE WHEN k.article_id IS NULL THEN NULL ELSE jsonb_build_object('root_id', k.root_id,
            'parent_id', k.parent_id, 'kind', k.kind, 'share', k.share, 'reason', k.reason) END AS copy
    FROM story_articles m JOIN articles a ON a.id = m.article_id
    LEFT JOIN article_copies k ON k.article_id = m.article_id
    WHERE m.story_id = %(story)s AND (m.at, m.article_id) > (%(at)s, %(after)s)
    ORDER BY m.at, m.article_id LIMIT %(limit)s
"""
_PLACES = f"""
    SELECT p.geonameid, mode() WITHIN GROUP (ORDER BY p.name) AS name,
        mode() WITHIN GROUP (ORDER BY p.kind) AS kind, min(p.country) AS country, p.lat, p.lon,
        count(DISTINCT p.article_id) AS articles
    FROM (SELECT article_id FROM story_articles WHERE story_id = %(story)s
        ORDER BY at LIMIT {_MOST_MEMBERS}) m
    JOIN article_places p ON p.article_id = m.article_id
    WHERE p.lat IS NOT NULL AND p.lon IS NOT NULL AND p.name IS NOT NULL
    GROUP BY p.geonameid, p.lat, p.lon ORDER BY articles DESC, name LIMIT {_MOST_PLACES}
"""
_HISTORY = f"""
    SELECT seq, kind, story_id, other_id, mark, articles, reports, sources, at FROM story_events
    WHERE story_id = %(story)s OR (kind = 'story_merged' AND other_id = %(story)s
        AND story_id IN (SELECT id FROM stories WHERE merged_into = %(story)s))
    ORDER BY seq DESC LIMIT {_MOST_EVENTS}
"""
_BUCKETS = """
    SELECT to_timestamp(floor(extract(epoch FROM at) / %(bucket)s) * %(bucket)s) AS start,
        count(*) AS articles
    FROM story_articles WHERE story_id = %(story)s GROUP BY 1 ORDER BY 1 DESC LIMIT 500
"""


class BadCursor(ValueError):
    """A cursor of another order, or none at all."""


@dataclass(frozen=True, slots=True)
class StoryPage:
    """Stories as rows, and the cursor of the next page."""

    rows: list[dict[str, Any]]
    next: str | None


def listed(
    connection: Connection[Any], query: Query, *, order: str = "size", limit: int = 20, least: int = LEAST,
    cursor: str | None = None, ids: Sequence[int] | None = None,
) -> StoryPage:  # fmt: skip
    """Stories of at least `least` articles, of which one or more match the query, by `order`, the greatest
    first. By growth only those that grow are listed. `ids`: all articles that match, where they are known.
    Raises BadCursor."""
    now, key, below = _position(order, cursor)
    where = ["s.merged_into IS NULL", "s.articles > 1", "s.articles >= %(least)s"]
    values: dict[str, Any] = {"least": least, "now": now, "limit": limit + 1, "key": key, "below": below}
    matching, bound = _matching(query, ids)
    where += matching
    if order == "growth":
        where.append(f"s.last_at > %(now)s - interval '{GROWTH_H} hours' AND {_KEYS[order]} > 0")
    if key is not None:
        where.append(f"({_KEYS[order]}, s.id) < (%(key)s, %(below)s)")
    found = f"SELECT s.id, {_KEYS[order]} AS key FROM stories s WHERE {' AND '.join(where)} "
    found += "ORDER BY key DESC, s.id DESC LIMIT %(limit)s"
    statement = (
        f"WITH found AS ({found}) SELECT {_TOLD}, f.key FROM found f JOIN stories s ON s.id = f.id "
        "ORDER BY f.key DESC, s.id DESC"
    )
    with connection.cursor(row_factory=dict_row) as rows:
        # Not prepared: what is best depends on how many articles match.
        all_of_them = rows.execute(statement, values | bound, prepare=False).fetchall()
    keys = [row.pop("key") for row in all_of_them]
    shown = [_told(row) for row in all_of_them[:limit]]
    more = len(all_of_them) > limit
    return StoryPage(shown, _cursor(order, keys[limit - 1], shown[-1]["id"], now) if more else None)


def summaries(connection: Connection[Any], ids: Sequence[int]) -> list[dict[str, Any]]:
    """Rows as of `listed` for these stories, in the order of `ids`; unknown ids are skipped."""
    with connection.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            f"SELECT {_TOLD} FROM stories s WHERE s.id = ANY(%(ids)s)",
            {"ids": list(ids), "now": datetime.now(UTC)},
        ).fetchall()
    by_id = {row["id"]: _told(row) for row in rows}
    return [by_id[i] for i in ids if i in by_id]


def one(connection: Connection[Any], story_id: int) -> dict[str, Any] | None:
    """A story with its places, timeline and history, without its articles. Of one that became part of
    another, that other; None if the id is unknown."""
    found = summaries(connection, [story_id])
    if found and found[0]["merged_into"] is not None:
        found = summaries(connection, [found[0]["merged_into"]])
    if not found:
        return None
    row = found[0]
    values = {"story": row["id"], "bucket": _bucket_s(row["last_at"] - row["first_at"])}
    with connection.cursor(row_factory=dict_row) as cursor:
        buckets = cursor.execute(_BUCKETS, values).fetchall()
        return row | {
            "places": cursor.execute(_PLACES, values).fetchall(),
            "timeline": {"bucket_s": values["bucket"], "buckets": buckets[::-1]},
            "history": cursor.execute(_HISTORY, values).fetchall(),
        }


def articles(
    connection: Connection[Any], story_id: int, *, limit: int, cursor: str | None = None
) -> tuple[list[dict[str, Any]], str | None]:
    """The articles of a story in the order in which they appeared, each with its copy relation and its
    evidence; and the cursor of the next page. Raises BadCursor."""
    at, after = (_BEGIN - timedelta(days=700_000), -1) if cursor is None else _read(cursor)
    values = {"story": story_id, "limit": limit + 1, "at": at, "after": after}
    with connection.cursor(row_factory=dict_row) as rows:
        found = rows.execute(_ARTICLES, values).fetchall()
    shown = found[:limit]
    return shown, f"{_micros(shown[-1]['at'])}.{shown[-1]['id']}" if len(found) > limit else None


def matching(connection: Connection[Any], query: Query, ids: Sequence[int]) -> set[int]:
    """The subset of these stories of which an article matches the query; of one that became part of another
    the articles of that."""
    where, values = conditions(query)
    rows = connection.execute(
        "SELECT i.id FROM unnest(%(stories)s::bigint[]) AS i (id) LEFT JOIN stories s ON s.id = i.id WHERE "
        "EXISTS (SELECT FROM story_articles x JOIN articles a ON a.id = x.article_id "
        f"WHERE x.story_id = coalesce(s.merged_into, i.id) AND {where})",
        values | {"stories": list(ids)},
    )
    return {row[0] for row in rows}


def _told(row: dict[str, Any]) -> dict[str, Any]:
    """With the growth in articles per hour."""
    return row | {"growth": round(row.pop("lately") / GROWTH_H, 3)}


def _matching(query: Query, ids: Sequence[int] | None) -> tuple[list[str], dict[str, Any]]:
    """Conditions on `stories s` for an article that matches, and the values to bind."""
    where, values = conditions(query)
    if where == "true":
        return [], {}
    found = []
    if query.since:
        found.append("s.last_at >= %(since)s")
    if query.until:  # a page that tells the day only counts as of the day's end
        found.append("s.first_at < %(until)s + interval '1 day'")
    if ids is not None:
        found.append("s.id IN (SELECT x.story_id FROM story_articles x WHERE x.article_id = ANY(%(ids)s))")
        return found, values | {"ids": list(ids)}
    found.append(
        "EXISTS (SELECT FROM story_articles x JOIN articles a ON a.id = x.article_id "
        f"WHERE x.story_id = s.id AND {where})"
    )
    return found, values


def _position(order: str, cursor: str | None) -> tuple[datetime, Any, int]:
    """The time of the first page, and the key and id after which the next one begins."""
    if cursor is None:
        return datetime.now(UTC), None, 0
    try:
        of, key, below, now = cursor.split(".")
        if of != order:
            raise BadCursor(f"is the cursor of a list by {of}; this one is by {order}")
        value = int(key) if order in ("size", "growth") else _moment(int(key))
        return _moment(int(now)), value, _id(below)
    except BadCursor:
        raise
    except (ValueError, OverflowError) as error:
        raise BadCursor("is no cursor: take `next` of the page before") from error


def _cursor(order: str, key: Any, story_id: int, now: datetime) -> str:
    return f"{order}.{key if isinstance(key, int) else _micros(key)}.{story_id}.{_micros(now)}"


def _read(cursor: str) -> tuple[datetime, int]:
    try:
        at, after = cursor.split(".")
        return _moment(int(at)), _id(after)
    except (ValueError, OverflowError) as error:
        raise BadCursor("is no cursor: take `next` of the page before") from error


def _id(written: str) -> int:
    number = int(written)
    if not 0 <= number < 2**63:
        raise ValueError("out of range")
    return number


def _micros(moment: datetime) -> int:
    return (moment - _BEGIN) // _MICROSECOND


def _moment(micros: int) -> datetime:
    return _BEGIN + timedelta(microseconds=micros)


def _bucket_s(length: timedelta) -> int:
    """An hour for five days, a day for four months, else thirty days."""
    seconds = length.total_seconds()
    return 3600 if seconds <= 120 * 3600 else 86_400 if seconds <= 120 * 86_400 else 30 * 86_400
