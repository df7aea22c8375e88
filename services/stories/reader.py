"""What the stories service reads: changes of articles, the articles, and texts of those it compares with."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from psycopg import Connection

from services.stories import agencies
from services.stories.window import Article

_TEXTS_KEPT = 16_000_000
"""Characters of texts that are kept at hand."""
_CHANGES = """
SELECT c.seq, c.article_id, extract(epoch FROM c.changed_at)::float8, extract(epoch FROM a.stored_at)::float8,
    a.published_at, a.fetched_at, a.url_hash, a.version, s.version, a.word_count
FROM article_changes c LEFT JOIN articles a ON a.id = c.article_id
    LEFT JOIN story_articles s ON s.article_id = c.article_id
WHERE c.seq > %s ORDER BY c.seq LIMIT %s
"""
_ARTICLES = """
SELECT a.id, a.version, a.title, a.text, a.language, a.source_domain, a.agency, a.provider, a.published_at,
    a.fetched_at, a.stored_at, ARRAY(SELECT DISTINCT p.name FROM article_places p WHERE p.article_id = a.id
        AND p.name IS NOT NULL ORDER BY p.name)
FROM articles a WHERE a.id = ANY(%s)
"""
_HORIZON = """
SELECT extract(epoch FROM least(clock_timestamp() - interval '0.5 s', greatest(
    (SELECT coalesce(min(xact_start), clock_timestamp()) FROM pg_stat_activity
        WHERE datname = current_database() AND backend_xid IS NOT NULL AND pid <> pg_backend_pid()),
    clock_timestamp() - interval '2 minutes')))::float8
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """An article that has changed. `minute`: the slice of time that it belongs to, `order` its place there.
    `gone`: it is deleted; `known`: it was taken in before, in another version."""

    seq: int
    article: int
    changed_at: float
    minute: float
    order: tuple[float, bytes]
    gone: bool
    known: bool
    words: int


def horizon(connection: Connection[Any]) -> float:
    """The moment up to which all that was stored can be seen: no transaction that began before it is still
    writing, or only one that hangs for minutes."""
    row = connection.execute(_HORIZON).fetchone()
    assert row is not None
    return float(row[0])


def entries(
    connection: Connection[Any], cursor: int, until: float, slice_s: float, most: int
) -> tuple[list[Entry], int]:
    """The articles that are to be taken in or let go of, in order, and the cursor behind them.

    Of changes after `cursor` those before the slice of time that holds `until`, which may not be at its end.
    """
    found: list[Entry] = []
    rows = connection.execute(_CHANGES, (cursor, most)).fetchall()
    end = _slice(until, slice_s)
    for n, row in enumerate(rows):
        if row[2] >= end or (len(rows) == most and n > most // 2 and _slice(row[2], slice_s) != _slice(
            rows[n - 1][2], slice_s)):  # fmt: skip
            break
        cursor = row[0]
        if (entry := _entry(row, slice_s)) is not None:
            found.append(entry)
    found.sort(key=lambda entry: (entry.minute, entry.order))
    return found, cursor


def _entry(row: Sequence[Any], slice_s: float) -> Entry | None:
    seq, article, changed_at, stored_at, published_at, fetched_at, url_hash, version, taken, words = row
    if version is None:
        return Entry(seq, article, changed_at, _slice(changed_at, slice_s), (0.0, b""), True, True, 0)
    if version == taken:
        return None
    minute = _slice(stored_at if taken is None else changed_at, slice_s)
    place = order(published_at, fetched_at, url_hash)
    return Entry(seq, article, changed_at, minute, place, False, taken is not None, words)


def order(published_at: datetime | None, fetched_at: datetime, url_hash: bytes) -> tuple[float, bytes]:
    """The place of an article among those of its slice of time: when it appeared, else by its URL."""
    return agencies.moment(published_at, fetched_at).timestamp(), bytes(url_hash)


def _slice(at: float, slice_s: float) -> float:
    return at // slice_s * slice_s


def articles(connection: Connection[Any], ids: Iterable[int]) -> dict[int, Article]:
    """Articles by id; one that is gone meanwhile is not among them."""
    return {row[0]: _article(row) for row in connection.execute(_ARTICLES, (list(ids),), binary=True)}


def _article(row: Sequence[Any]) -> Article:
    number, version, title, text, language, source, agency, provider, published, fetched, stored, places = row
    return Article(
        number, version, title, text, language or "", source, agency, provider, tuple(places),
        agencies.moment(published, fetched), stored,
    )  # fmt: skip


class Texts:
    """Texts of articles by number, read where they are not at hand; without those that are gone or were let
    go of."""

    def __init__(self) -> None:
        self.connection: Connection[Any] | None = None
        self._kept: OrderedDict[int, str] = OrderedDict()
        self._length = 0

    def __call__(self, numbers: list[int]) -> Mapping[int, str]:
        found = {number: self._kept[number] for number in numbers if number in self._kept}
        missing = [number for number in numbers if number not in found]
        if missing and self.connection is not None:
            rows = self.connection.execute(
                "SELECT id, text FROM articles WHERE id = ANY(%s) AND text <> ''", (missing,), binary=True
            ).fetchall()
            for number, text in sorted(rows):
                found[number] = text
                self.keep(number, text)
        return found

    def keep(self, number: int, text: str) -> None:
        """Keeps a text at hand for a while."""
        self.drop(number)
        self._kept[number] = text
        self._length += len(text)
        while self._length > _TEXTS_KEPT and len(self._kept) > 1:
            self._length -= len(self._kept.popitem(last=False)[1])

    def drop(self, number: int) -> None:
        """Forgets a text, which has changed."""
        if (text := self._kept.pop(number, None)) is not None:
            self._length -= len(text)


def moment(seconds: float) -> datetime:
    """Seconds since the epoch as a time."""
    return datetime.fromtimestamp(seconds, UTC)
