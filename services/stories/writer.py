"""Writes what a batch of articles has brought, with the cursor behind it, in a transaction of the caller's.

Whoever writes here, or deletes articles, takes one lock first, so that two of these never wait for each
other. Nothing is locked that the store waits for, but at the end the change feed for the time of a commit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from psycopg import Connection

from services.stories.copies import Relation
from services.stories.reader import moment
from services.stories.window import METHOD, Outcome, Window

GREW_AT = tuple(n * 10**e for e in range(7) for n in (1, 2, 5) if n * 10**e >= 5)
"""Numbers of articles at which a story is said to have grown: 5, 10, 20, 50, …"""
_WHOLE_AFTER = 20_000
"""Articles after which all frequencies are written, and what was counted batch by batch is deleted."""
_COPIES = """
INSERT INTO article_copies AS c (article_id, root_id, parent_id, kind, share, parent_share, passages, reason,
    also_id, score, version)
SELECT article_id, root_id, parent_id, kind, share, parent_share, passages::integer[], reason, also_id, score,
    %s FROM unnest(%b::bigint[], %b::bigint[], %b::bigint[], %b::text[], %b::float8[], %b::float8[],
    %b::text[], %b::text[], %b::bigint[], %b::float8[])
    AS r (article_id, root_id, parent_id, kind, share, parent_share, passages, reason, also_id, score)
ON CONFLICT (article_id) DO UPDATE SET root_id = excluded.root_id, parent_id = excluded.parent_id,
    kind = excluded.kind, share = excluded.share, parent_share = excluded.parent_share,
    passages = excluded.passages, reason = excluded.reason, also_id = excluded.also_id,
    score = excluded.score, version = excluded.version, related_at = now()
"""
_MOVED = """
UPDATE article_copies c SET root_id = m.new FROM unnest(%b::bigint[], %b::bigint[]) AS m (old, new)
WHERE c.root_id = m.old AND c.article_id <> m.new
"""
_BEGUN = """
INSERT INTO stories (id, first_article_id, language, articles, reports, sources, first_at, last_at)
SELECT id, article_id, nullif(language, ''), 1, 1, 1, at, at
FROM unnest(%b::bigint[], %b::bigint[], %b::text[], %b::timestamptz[]) AS b (id, article_id, language, at)
ON CONFLICT DO NOTHING
"""
_MEMBERS = """
INSERT INTO story_articles AS s (article_id, story_id, at, source, score, evidence, version)
SELECT article_id, story_id, at, source, score, evidence::jsonb, version
FROM unnest(%b::bigint[], %b::bigint[], %b::timestamptz[], %b::text[], %b::float8[], %b::text[],
    %b::integer[]) AS m (article_id, story_id, at, source, score, evidence, version)
ON CONFLICT (article_id) DO UPDATE SET story_id = excluded.story_id, at = excluded.at,
    source = excluded.source, score = excluded.score, evidence = excluded.evidence,
    version = excluded.version, joined_at = now()
"""
_SIGNED = """
INSERT INTO story_signatures AS s (article_id, position, seen_at, rank, agency, provider, samples)
SELECT * FROM unnest(%b::bigint[], %b::bigint[], %b::timestamptz[], %b::smallint[], %b::text[], %b::text[],
    %b::bytea[])
ON CONFLICT (article_id) DO UPDATE SET position = excluded.position, seen_at = excluded.seen_at,
    rank = excluded.rank, agency = excluded.agency, provider = excluded.provider, samples = excluded.samples
"""
_VECTORS = """
INSERT INTO story_vectors AS v (article_id, places, vector)
SELECT article_id, places::text[], vector FROM unnest(%b::bigint[], %b::text[], %b::bytea[])
    AS r (article_id, places, vector)
ON CONFLICT (article_id) DO UPDATE SET places = excluded.places, vector = excluded.vector
"""
_PROGRESS = """
INSERT INTO stories_progress AS p (method, cursor, position, next_story, clock)
    VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (id) DO UPDATE SET method = excluded.method, cursor = excluded.cursor,
    position = excluded.position, next_story = excluded.next_story, clock = excluded.clock, updated_at = now()
"""
_EVENTS = """
INSERT INTO story_events (seq, kind, story_id, other_id, mark, articles, reports, sources)
SELECT nextval('article_changes_seq'), e.kind, e.story_id, e.other_id, e.mark, e.articles, e.reports,
    e.sources
FROM (SELECT e.* FROM unnest(%b::text[], %b::bigint[], %b::bigint[], %b::integer[], %b::integer[],
        %b::integer[], %b::integer[]) WITH ORDINALITY
        AS e (kind, story_id, other_id, mark, articles, reports, sources, nth)
    WHERE NOT EXISTS (SELECT FROM story_events o WHERE o.story_id = e.story_id AND o.kind = e.kind
        AND o.mark = e.mark AND coalesce(o.other_id, 0) = coalesce(e.other_id, 0)) ORDER BY nth) e
"""
Event = tuple[str, int, "int | None", int, int, int, int]


def lock(connection: Connection[Any]) -> None:
    """Takes the lock of all who write here, until the transaction ends."""
    connection.execute("SELECT pg_advisory_xact_lock(4719, 15)")


def forget(connection: Connection[Any], articles: Sequence[int]) -> set[int]:
    """Deletes what is written of articles, which have changed; returns their stories."""
    ids = (list(articles),)
    rows = connection.execute("DELETE FROM story_articles WHERE article_id = ANY(%s) RETURNING story_id", ids)
    stories = {row[0] for row in rows}
    for table in ("article_copies", "story_signatures", "story_vectors"):
        connection.execute(f"DELETE FROM {table} WHERE article_id = ANY(%s)", ids)  # noqa: S608
    return stories


def write(connection: Connection[Any], out: Outcome) -> list[Event]:
    """Writes relations and memberships, and counts the stories again; returns the events that follow."""
    _write_copies(connection, out)
    merged = {gone: out.story(gone) for gone, _ in out.merged}
    _write_members(connection, out, merged)
    _write_signatures(connection, out)
    touched = {merged.get(story, story) for story in out.touched}
    joined = Counter(found.story for _, found in out.members.values())
    gathered = {*merged, *merged.values(), *out.resumed}
    alone = {story for story in out.begun if joined[story] == 1 and story not in gathered}
    return _count(connection, sorted(touched - alone), merged)


def _write_copies(connection: Connection[Any], out: Outcome) -> None:
    none = [article for article, relation in out.relations.items() if relation is None]
    if out.moved or len(none) < len(out.relations) or none:
        connection.execute("DELETE FROM article_copies WHERE article_id = ANY(%s)", (none,))
    if out.moved:
        moved = {old: out.root(old) for old, _ in out.moved}
        connection.execute(_MOVED, (list(moved), list(moved.values())))
    found = [relation for relation in out.relations.values() if relation is not None]
    if found:
        connection.execute(_COPIES, (METHOD, *_columns([_copy(relation, out) for relation in found])))


def _copy(relation: Relation, out: Outcome) -> tuple[Any, ...]:
    offsets = [n for p in relation.passages for n in (p.start, p.end, p.parent_start, p.parent_end)]
    return (
        relation.copy, out.root(relation.root), relation.parent, relation.kind, relation.share,
        relation.parent_share, "{" + ",".join(map(str, offsets)) + "}", relation.reason, relation.also,
        relation.score,
    )  # fmt: skip


def _write_members(connection: Connection[Any], out: Outcome, merged: dict[int, int]) -> None:
    if out.begun:
        rows = [(story, a.id, a.language[:40], a.appeared_at) for story, a in out.begun.items()]
        connection.execute(_BEGUN, _columns(rows))
    if out.members:
        members = [
            (
                a.id, merged.get(found.story, found.story), a.appeared_at, a.source, found.score,
                msgspec.json.encode(found.evidence).decode(), a.version,
            )
            for a, found in out.members.values()
        ]  # fmt: skip
        connection.execute(_MEMBERS, _columns(members))
    if merged:
        pairs = list(merged), list(merged.values())
        connection.execute(
            "UPDATE story_articles s SET story_id = m.new "
            "FROM unnest(%b::bigint[], %b::bigint[]) AS m (old, new) WHERE s.story_id = m.old",
            pairs,
        )
        connection.execute(
            "UPDATE stories s SET merged_into = m.new, articles = 0, reports = 0, sources = 0, "
            "updated_at = now() FROM unnest(%b::bigint[], %b::bigint[]) AS m (old, new) WHERE s.id = m.old",
            pairs,
        )
        connection.execute(
            "UPDATE stories s SET merged_into = m.new "
            "FROM unnest(%b::bigint[], %b::bigint[]) AS m (old, new) WHERE s.merged_into = m.old",
            pairs,
        )


def _write_signatures(connection: Connection[Any], out: Outcome) -> None:
    if out.signed:
        rows = [
            (a.id, position, a.seen_at, a.rank, a.agency, a.provider, samples.tobytes())
            for a, position, samples in out.signed.values()
        ]
        connection.execute(_SIGNED, _columns(rows))
    for article, samples in out.shown.items():
        connection.execute(
            "UPDATE story_signatures SET samples = samples || %s WHERE article_id = %s",
            (samples.tobytes(), article),
        )
    if out.vectors:
        vectors = [(a.id, _text_array(a.places), v.packed()) for a, v in out.vectors.values()]
        connection.execute(_VECTORS, _columns(vectors))


def _count(connection: Connection[Any], touched: list[int], merged: dict[int, int]) -> list[Event]:
    """Counts stories, and says what has become of them."""
    events: list[Event] = []
    if touched:
        asked = "SELECT id, articles, reports, sources FROM stories WHERE id = ANY(%s) ORDER BY id"
        before = {row[0]: row[1] for row in connection.execute(asked, (touched,))}
        connection.execute("SELECT dateline_count_stories(%s)", (touched,))
        for story, articles, reports, sources in connection.execute(asked, (touched,)):
            events += _grown(story, before.get(story, 0), (articles, reports, sources))
    if merged:
        told = connection.execute(
            "SELECT story_id FROM story_events WHERE story_id = ANY(%s) AND kind = 'story_created'",
            (list(merged),),
        )
        events += [("story_merged", gone, merged[gone], 0, 0, 0, 0) for (gone,) in sorted(told)]
    return events


def _grown(story: int, before: int, counts: tuple[int, int, int]) -> Iterable[Event]:
    articles = counts[0]
    if articles > 1:  # begun alone, it is announced with its second article; once, whatever left it meanwhile
        if before < 2:
            yield ("story_created", story, None, 0, *counts)
        for mark in GREW_AT:
            if before < mark <= articles:
                yield ("story_grew", story, None, mark, *counts)


def tell(connection: Connection[Any], events: Sequence[Event]) -> None:
    """Writes events at the end of the change feed, as the last thing before a commit: until then others that
    write there wait."""
    if events:
        connection.execute("SELECT pg_advisory_xact_lock(4719, 6)")
        connection.execute(_EVENTS, _columns(events))


def advance(connection: Connection[Any], window: Window, cursor: int) -> None:
    """Writes what was counted, and how far the service is."""
    frequencies = window.stories.frequencies
    since = connection.execute(
        "SELECT coalesce(max(position), 0) FROM story_frequencies WHERE whole"
    ).fetchone()
    assert since is not None
    written = frequencies.written()
    if written == b"":
        _go_on(connection, window, cursor)
        return
    if written is None or window.position - since[0] > _WHOLE_AFTER:
        connection.execute("DELETE FROM story_frequencies")
        counts, whole = frequencies.whole(), True
    else:
        counts, whole = written, False
    connection.execute(
        "INSERT INTO story_frequencies (position, whole, counts) VALUES (%s, %s, %s) "
        "ON CONFLICT (position) DO NOTHING",
        (window.position, whole, counts),
    )
    _go_on(connection, window, cursor)


def _go_on(connection: Connection[Any], window: Window, cursor: int) -> None:
    connection.execute(_PROGRESS, (METHOD, cursor, window.position, window.next_story, moment(window.clock)))


def _columns(rows: Sequence[Sequence[Any]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]


def _text_array(words: Iterable[str]) -> str:
    """An array of texts as Postgres writes it."""
    quoted = (word.replace("\\", "\\\\").replace('"', '\\"') for word in words)
    return "{" + ",".join(f'"{word}"' for word in quoted) + "}"
