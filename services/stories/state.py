"""The state of the service as Postgres has it: where it is, and the window as it was at the last commit."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from services.stories.copies import Piece
from services.stories.stories import COMPARED
from services.stories.terms import Vector
from services.stories.window import METHOD, Texts, Window

_PROGRESS = """
SELECT method, cursor, position, next_story, extract(epoch FROM clock)::float8, rebuild_since
FROM stories_progress
"""
_SIGNATURES = """
SELECT g.article_id, g.position, extract(epoch FROM g.seen_at)::float8, g.rank, g.agency, g.provider,
    g.samples, extract(epoch FROM s.at)::float8, s.source, s.story_id, c.root_id
FROM story_signatures g JOIN story_articles s USING (article_id) LEFT JOIN article_copies c USING (article_id)
ORDER BY g.position
"""
_STORIES = """
SELECT id, coalesce(language, ''), extract(epoch FROM first_at)::float8, extract(epoch FROM last_at)::float8
FROM stories WHERE id = ANY(%s)
"""
_VECTORS = """
SELECT story_id, article_id, position, places, seen_at, vector FROM (
    SELECT s.story_id, v.article_id, g.position, v.places, extract(epoch FROM g.seen_at)::float8 AS seen_at,
        v.vector, row_number() OVER (PARTITION BY s.story_id ORDER BY g.position DESC) AS nth
    FROM story_vectors v JOIN story_signatures g USING (article_id) JOIN story_articles s USING (article_id)
    {which}
) latest WHERE nth <= %(most)s ORDER BY position
"""
_EACH_TIME = 5_000
Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the service is. `cursor`: all changes up to it are in."""

    method: str = METHOD
    cursor: int = 0
    position: int = 0
    next_story: int = 1
    clock: float = 0.0
    rebuild_since: Any = None


def progress(connection: Connection[Any]) -> Progress:
    """Where the service is, or is to begin."""
    row = connection.execute(_PROGRESS).fetchone()
    return Progress(*row) if row is not None else Progress()


def restored(
    connection: Connection[Any],
    texts: Texts,
    at: Progress,
    *,
    days: float,
    beat: Callable[[], None] = lambda: None,
) -> Window:
    """The window as it was at the last commit, in a transaction of the caller's. `beat` is called again and
    again."""
    window = Window(texts, days=days)
    window.position, window.next_story, window.clock = at.position, at.next_story, at.clock
    _restore_frequencies(connection, window)
    members: dict[int, dict[int, float]] = defaultdict(dict)
    with connection.cursor("stories_signatures", binary=True) as rows:
        rows.itersize = _EACH_TIME
        rows.execute(_SIGNATURES)
        for row in _beating(rows, beat):
            if not window.copies.expired(row[2], at.clock):
                members[row[9]][row[0]] = row[2]
                _restore_signature(window, row)
    window.copies.settle()
    stories = window.stories
    alive = {n: of for n, of in members.items() if not stories.expired(max(of.values()), at.clock)}
    for number, language, first_at, last_at in connection.execute(_STORIES, (list(alive),), binary=True):
        stories.restore(number, language, first_at, last_at, alive[number])
    with connection.cursor("stories_vectors", binary=True) as rows:
        rows.itersize = _EACH_TIME
        rows.execute(_VECTORS.format(which=""), {"most": COMPARED})
        _restore_vectors(window, _beating(rows, beat))
    return window


def _beating(rows: Iterable[Row], beat: Callable[[], None]) -> Iterator[Row]:
    for n, row in enumerate(rows):
        if n % _EACH_TIME == 0:
            beat()
        yield row


def refill(connection: Connection[Any], window: Window, story: int) -> None:
    """Compares with earlier articles of a story again, in the place of one that has left it."""
    if story in window.stories:
        statement = _VECTORS.format(which="WHERE s.story_id = %(story)s")
        _restore_vectors(window, connection.execute(statement, {"most": COMPARED, "story": story}))


def _restore_signature(window: Window, row: Row) -> None:
    number, position, seen, rank, agency, provider, samples, at, source, _, root = row
    keys = array("I")
    keys.frombytes(samples)
    piece = Piece(number, "", at, source, agency, provider, rank, seen)
    window.copies.restore(piece, keys, root, position)


def _restore_vectors(window: Window, rows: Iterable[Row]) -> None:
    for story, number, position, places, seen, vector in rows:
        if story in window.stories and not window.copies.expired(seen, window.clock):
            window.stories.restore_vector(
                story, number, position, tuple(places), seen, Vector.unpacked(bytes(vector))
            )


def _restore_frequencies(connection: Connection[Any], window: Window) -> None:
    frequencies = window.stories.frequencies
    rows = connection.execute(
        "SELECT whole, counts FROM story_frequencies WHERE position >= "
        "(SELECT coalesce(max(position), 0) FROM story_frequencies WHERE whole) ORDER BY position"
    ).fetchall()
    for whole, counts in rows:
        if whole:
            frequencies.restore(bytes(counts))
        else:
            frequencies.replay(bytes(counts))
