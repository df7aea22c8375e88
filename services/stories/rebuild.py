"""Relates stored articles anew: a quiet run over them beside the tables, whose result then takes the place of
what was there.

The quiet run is the service's own code over temporary tables of the same names, in the order in which the
service takes articles in. So it says what the service says, whatever faults that had; what both agree on is
not touched. Stories keep their ids: a new one takes that of the old one with which it has most articles in
common.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any

from psycopg import Connection

from services.stories import reader, writer
from services.stories.batches import batches, take_in
from services.stories.reader import Entry, Texts
from services.stories.settings import StoriesSettings
from services.stories.state import Progress
from services.stories.window import Window

TABLES = (
    "article_copies", "stories", "story_articles", "story_events", "story_signatures", "story_vectors",
    "story_frequencies", "stories_progress",
)  # fmt: skip
_ADOPT = (Path(__file__).parent / "adopt.sql").read_text(encoding="utf-8")
_FOUND = """
SELECT a.id, extract(epoch FROM a.stored_at)::float8, a.published_at, a.fetched_at, a.url_hash, a.word_count
FROM articles a WHERE a.stored_at >= %s AND a.stored_at < %s ORDER BY a.stored_at
"""
_EVER = datetime(1971, 1, 1, tzinfo=UTC)
_TOLD_EVERY = 20  # batches
Told = Callable[[int, int], None]


def window_begins(at: Progress, days: float) -> datetime:
    """The beginning of the window that a service of another method left."""
    return (
        reader.moment(max(0.0, at.clock)) - timedelta(days=days)
        if at.clock
        else datetime(1970, 1, 1, tzinfo=UTC)
    )


def run(
    connection: Connection[Any],
    settings: StoriesSettings,
    since: datetime,
    *,
    told: Told = lambda *_: None,
) -> dict[str, int]:
    """Relates the articles stored since a moment anew, and writes what differs; returns how many rows did.

    The caller's connection leads. Cut off anywhere before its last transaction it has changed nothing.
    """
    from services.stories.follower import connect

    def tell(done: int, total: int) -> None:
        told(done, total)
        connection.execute("UPDATE stories_progress SET rebuild_done = %s, rebuild_total = %s", (done, total))

    with connect(settings.database_url) as scratch:
        relate(scratch, settings, since, tell)
        changed = adopt(scratch, since)
    connection.execute(
        "UPDATE stories_progress SET rebuild_since = NULL, rebuild_asked_at = NULL, "
        "rebuild_done = rebuild_total"
    )
    return changed


def relate(
    scratch: Connection[Any], settings: StoriesSettings, since: datetime, told: Told = lambda *_: None
) -> int:
    """The quiet run, into temporary tables of this connection: from a window before `since`, so that the
    first articles find what they are copies of. Returns how many articles it took in."""
    scratch.prepare_threshold = None
    for table in TABLES:
        scratch.execute(f"CREATE TEMP TABLE {table} (LIKE public.{table} INCLUDING ALL)")
    texts = Texts()
    window = Window(texts, days=settings.window_days)
    begin = max(since, _EVER) - timedelta(days=settings.window_days)
    until = reader.moment(reader.horizon(scratch) // settings.slice_s * settings.slice_s)
    row = scratch.execute(
        "SELECT count(*) FROM articles WHERE stored_at >= %s AND stored_at < %s", (begin, until)
    ).fetchone()
    total, done = int(row[0]) if row else 0, 0
    for n, batch in enumerate(batches_of(scratch, begin, until, settings.slice_s)):
        done += take_in(scratch, window, texts, batch, 0, quiet=True)
        if n % _TOLD_EVERY == 0:
            told(done, total)
    told(done, total)
    return done


def batches_of(
    scratch: Connection[Any], begin: datetime, until: datetime, slice_s: float
) -> Iterator[list[Entry]]:
    """All stored articles of a time, as the follower would have them."""
    with scratch.cursor("stories_rebuilt", withhold=True) as rows:
        rows.itersize = 5_000
        rows.execute(_FOUND, (begin, until))
        for minute, found in groupby(rows, key=lambda row: row[1] // slice_s * slice_s):
            entries = [
                Entry(
                    0, number, seen, minute, reader.order(published, fetched, url_hash), False, False, words
                )
                for number, seen, published, fetched, url_hash, words in found
            ]
            yield from batches(sorted(entries, key=lambda entry: entry.order))


def adopt(scratch: Connection[Any], since: datetime) -> dict[str, int]:
    """Puts the result of the quiet run in the place of what is there, in one transaction."""
    changed: dict[str, int] = {}
    with scratch.transaction():
        scratch.execute("SET LOCAL search_path = public, pg_temp")
        writer.lock(scratch)
        for part in _ADOPT.split("-- --"):
            name, _, statement = part.strip().partition("\n")
            if statement:
                done = scratch.execute(statement.replace(":since", "%(since)s"), {"since": since})
                if name.startswith("count "):
                    changed[name.removeprefix("count ")] = done.rowcount
    return changed
