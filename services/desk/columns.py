"""An in-memory column store of every article's date, source, language, topics and countries, for facets.

A page of facets needs dozens of counts at once. Counting rows of a million articles takes a database a
second; arrays take milliseconds. The arrays are loaded once at start-up and then follow the change feed;
docs/desk.md has the memory that they need.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg import Connection

from services.enrich.topics.taxonomy import Taxonomy
from services.store import changes

ROLES = ("about", "mentioned", "dateline", "publisher")
COUNTRIES = 26 * 26
MOST_TOPICS = 4096
_ESCAPED = re.compile(r"\\(.)")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}
_PAGE = 2_000
_STEP = 100_000  # range of article ids that one query loads at start-up
_LEAST_DEAD = 20_000  # replaced rows above which the arrays are compacted
# Infinity has no epoch, and years outside of these cannot be formatted.
_WHEN = "least(greatest(coalesce(published_at, fetched_at), '1400-01-01'), '2200-01-01')"
_MOST_LANGUAGES = 30_000
_ARTICLES = (
    f"SELECT id, extract(epoch FROM {_WHEN})::bigint, coalesce(language, ''), source_domain, "
    "coalesce(provider, site_name, '') FROM articles"
)
_TOPICS = "SELECT article_id, substr(code, 8)::bigint FROM article_topics WHERE code ~ '^medtop:[0-9]{1,12}$'"
_OWN_TOPICS = "SELECT article_id, unnest(path) FROM article_topics WHERE code LIKE 'rule:%'"
_ROLE_BITS = " + ".join(f"{1 << n} * ('{role}' = ANY(roles))::int" for n, role in enumerate(ROLES))
_PLACED = (
    f"SELECT article_id, (ascii(code) - 65) * 26 + ascii(substr(code, 2)) - 65, {_ROLE_BITS} "
    "FROM article_countries WHERE code ~ '^[A-Z]{2}$'"
)


class _GrowableArray:
    """An append-only array with amortised growth. A slice that was read earlier stays unchanged."""

    def __init__(self, dtype: Any, values: NDArray[Any] | None = None) -> None:
        self._room = np.zeros(1024, dtype) if values is None else np.array(values, dtype)
        self.size = 0 if values is None else len(values)

    def extend(self, values: NDArray[Any] | Sequence[Any]) -> None:
        needed = self.size + len(values)
        if needed > len(self._room):
            room = np.zeros(max(needed, 2 * len(self._room)), self._room.dtype)
            room[: self.size] = self._room[: self.size]
            self._room = room
        self._room[self.size : needed] = values
        self.size = needed

    def upto(self, size: int) -> NDArray[Any]:
        return self._room[:size]


class _Dictionary:
    """Dictionary encoding: strings to numbers and back. Once it holds `most` strings, every other one is
    encoded as the empty string."""

    def __init__(self, most: int = 2**31 - 1) -> None:
        self._most = most
        self.numbers: dict[str, int] = {}
        self.words: list[str] = []

    def number(self, word: str) -> int:
        known = self.numbers.get(word)
        if known is None:
            if len(self.words) >= self._most:
                return self.number("")
            known = self.numbers[word] = len(self.words)
            self.words.append(word)
        return known


@dataclass(slots=True)
class ColumnData:
    """The arrays. `sizes` (articles, topics, countries) is set last, so that a reader sees complete
    articles only."""

    ids: _GrowableArray = field(default_factory=lambda: _GrowableArray(np.int64))
    when: _GrowableArray = field(default_factory=lambda: _GrowableArray(np.int64))
    language: _GrowableArray = field(default_factory=lambda: _GrowableArray(np.int16))
    source: _GrowableArray = field(default_factory=lambda: _GrowableArray(np.int32))
    provider: _GrowableArray = field(default_factory=lambda: _GrowableArray(np.int32))
    alive: _GrowableArray = field(default_factory=lambda: _GrowableArray(np.bool_))
    topic_row: _GrowableArray = field(default_factory=lambda: _GrowableArray(np.int32))
    topic: _GrowableArray = field(default_factory=lambda: _GrowableArray(np.int16))
    country_row: _GrowableArray = field(default_factory=lambda: _GrowableArray(np.int32))
    country: _GrowableArray = field(default_factory=lambda: _GrowableArray(np.int16))
    roles: _GrowableArray = field(default_factory=lambda: _GrowableArray(np.uint8))
    row_of: NDArray[np.int32] = field(default_factory=lambda: np.full(1024, -1, np.int32))
    sizes: tuple[int, int, int] = (0, 0, 0)


class Columns:
    """The arrays and their position in the change feed. One thread at a time writes; readers need no lock."""

    def __init__(self) -> None:
        self.taxonomy = Taxonomy()
        self.codes = sorted(self.taxonomy.codes())
        self.topic_number = {code: n for n, code in enumerate(self.codes)}
        depth = max(len(self.taxonomy.path(code)) for code in self.codes)
        self._lineage = np.full((len(self.codes), depth), -1, np.int16)
        for n, code in enumerate(self.codes):
            path = [self.topic_number[c] for c in self.taxonomy.path(code)]
            self._lineage[n, : len(path)] = path
        by_figure = {int(code.removeprefix("medtop:")): n for n, code in enumerate(self.codes)}
        self._figures = np.array(sorted(by_figure), np.int64)
        self._of_figure = np.array([by_figure[f] for f in self._figures.tolist()], np.int16)
        self.languages, self.sources, self.providers = (
            _Dictionary(_MOST_LANGUAGES),
            _Dictionary(),
            _Dictionary(),
        )
        self.languages.number("")
        self._data = ColumnData()
        self.cursor = -1

    @property
    def ready(self) -> bool:
        """Whether the stored articles have been loaded."""
        return self.cursor >= 0

    @property
    def data(self) -> ColumnData:
        """The current arrays."""
        return self._data

    def load(self, connection: Connection[Any]) -> None:
        """Loads all stored articles in one snapshot; `catch_up` continues from there."""
        with connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            connection.execute(
                "SET LOCAL statement_timeout = 0"
            )  # loading everything takes longer than any request may
            cursor = changes.newest(connection)
            data = ColumnData()
            row = connection.execute("SELECT coalesce(max(id), 0) FROM articles").fetchone()
            for first in range(0, (row[0] if row else 0) + 1, _STEP):
                self._add(data, connection, f"BETWEEN {first} AND {first + _STEP - 1}")
            self._data, self.cursor = data, cursor

    def catch_up(self, connection: Connection[Any]) -> list[changes.ChangeEntry]:
        """Applies the changes since the cursor and returns them, those of stories too. Does nothing before
        `load`."""
        if not self.ready:
            return []
        told: list[changes.ChangeEntry] = []
        every = (*changes.OF_ARTICLES, *changes.OF_STORIES)
        while page := changes.after(connection, self.cursor, limit=_PAGE, kinds=every):
            if ids := [c.article_id for c in page if c.article_id is not None]:
                self._replace(connection, ids)
            self.cursor = page[-1].seq
            told += page
        return told

    def _replace(self, connection: Connection[Any], ids: list[int]) -> None:
        data = self._data
        known = np.array([i for i in ids if i < len(data.row_of)], np.int64)
        rows = data.row_of[known]
        old = rows[rows >= 0]
        data.row_of[known] = -1
        self._add(data, connection, f"= ANY(ARRAY[{','.join(map(str, ids))}]::bigint[])")
        data.alive.upto(data.sizes[0])[old] = False
        dead = data.sizes[0] - int(data.alive.upto(data.sizes[0]).sum())
        if dead > _LEAST_DEAD and dead * 4 > data.sizes[0]:
            self._data = _compacted(data)

    def _add(self, data: ColumnData, connection: Connection[Any], ids: str) -> None:
        """Appends the articles whose id satisfies `ids`, an SQL condition, with their tags."""
        lines = _copied(connection, _ARTICLES, "id", ids).decode().split("\n")[:-1]
        parts = [_unescaped(line.split("\t")) if "\\" in line else line.split("\t") for line in lines]
        first = data.sizes[0]
        numbers = np.array([int(p[0]) for p in parts], np.int64)
        if len(numbers) and (top := int(numbers.max()) + 1) > len(data.row_of):
            grown = np.full(max(top, 2 * len(data.row_of)), -1, np.int32)
            grown[: len(data.row_of)] = data.row_of
            data.row_of = grown
        data.row_of[numbers] = np.arange(first, first + len(numbers), dtype=np.int32)
        data.ids.extend(numbers)
        data.when.extend(np.array([int(p[1]) for p in parts], np.int64))
        data.language.extend([self.languages.number(p[2]) for p in parts])
        data.source.extend([self.sources.number(p[3]) for p in parts])
        data.provider.extend([self.providers.number(p[4]) for p in parts])
        data.alive.extend(np.ones(len(parts), np.bool_))
        self._add_topics(data, _numbers(_copied(connection, _TOPICS, "article_id", ids), 2))
        self._add_own_topics(data, _copied(connection, _OWN_TOPICS, "article_id", ids).decode())
        placed = _numbers(_copied(connection, _PLACED, "article_id", ids), 3)
        rows = data.row_of[placed[:, 0]]
        order = np.argsort(rows, kind="stable")  # the countries of an article are contiguous
        data.country_row.extend(rows[order])
        data.country.extend(placed[order, 1])
        data.roles.extend(placed[order, 2])
        data.sizes = (data.ids.size, data.topic.size, data.country.size)

    def _add_own_topics(self, data: ColumnData, lines: str) -> None:
        """Appends topics of user-defined rules with their ancestors; codes are numbered as they appear."""
        pairs = set()
        for line in lines.split("\n")[:-1]:
            article, code = line.split("\t")
            if code not in self.topic_number:
                if len(self.codes) == MOST_TOPICS:
                    continue
                self.topic_number[code] = len(self.codes)
                self.codes.append(code)
            pairs.add((int(data.row_of[int(article)]), self.topic_number[code]))
        # A topic that an IPTC tag has added already is counted once.
        rows = data.topic_row.upto(data.topic_row.size)
        fresh = sorted(pairs)
        if fresh:
            first = min(row for row, _ in fresh)
            at = int(np.searchsorted(rows, first)) if len(rows) else 0
            known = set(zip(rows[at:].tolist(), data.topic.upto(data.topic.size)[at:].tolist(), strict=True))
            fresh = [pair for pair in fresh if pair not in known]
        data.topic_row.extend(np.array([row for row, _ in fresh], np.int32))
        data.topic.extend(np.array([number for _, number in fresh], np.int16))

    def _add_topics(self, data: ColumnData, tagged: NDArray[np.int64]) -> None:
        """Appends each article's topics with all their ancestors, without duplicates."""
        at = np.minimum(np.searchsorted(self._figures, tagged[:, 1]), len(self._figures) - 1)
        known = self._figures[at] == tagged[:, 1]
        lineage = self._lineage[self._of_figure[at[known]]]
        rows = np.broadcast_to(data.row_of[tagged[known, 0]][:, None], lineage.shape)
        pairs = np.unique(rows[lineage >= 0].astype(np.int64) * MOST_TOPICS + lineage[lineage >= 0])
        data.topic_row.extend(pairs // MOST_TOPICS)
        data.topic.extend(pairs % MOST_TOPICS)


def country_number(code: str) -> int:
    """The array's number of a country code; -1 for anything else."""
    if len(code) != 2 or not code.isascii() or not code.isalpha():
        return -1
    upper = code.upper()
    return (ord(upper[0]) - 65) * 26 + ord(upper[1]) - 65


def country_code(number: int) -> str:
    """The inverse of `country_number`."""
    return chr(65 + number // 26) + chr(65 + number % 26)


def country_counts(numbers: NDArray[np.int16]) -> dict[str, int]:
    """The number of occurrences of each country."""
    counts = np.bincount(numbers, minlength=COUNTRIES)
    return {country_code(int(n)): int(counts[n]) for n in np.flatnonzero(counts)}


def _copied(connection: Connection[Any], statement: str, key: str, ids: str) -> bytes:
    """Rows in COPY's text format: one line a row, cells separated by tabs."""
    joined = "AND" if " WHERE " in statement else "WHERE"
    with connection.cursor().copy(f"COPY ({statement} {joined} {key} {ids}) TO STDOUT") as copy:
        return b"".join(bytes(block) for block in copy)


def _unescaped(parts: list[str]) -> list[str]:
    """Cells without COPY's backslash escapes."""
    return [_ESCAPED.sub(lambda found: _ESCAPES.get(found[1], found[1]), part) for part in parts]


def _numbers(text: bytes, width: int) -> NDArray[np.int64]:
    return np.fromstring(text.decode(), np.int64, sep=" ").reshape(-1, width)


def _compacted(data: ColumnData) -> ColumnData:
    """A copy of the arrays without replaced rows."""
    articles, topics, countries = data.sizes
    alive = data.alive.upto(articles)
    moved = np.cumsum(alive, dtype=np.int32) - 1
    out = ColumnData()
    for name in ("ids", "when", "language", "source", "provider", "alive"):
        column: _GrowableArray = getattr(data, name)
        values = column.upto(articles)[alive]
        setattr(out, name, _GrowableArray(values.dtype, values))
    for size, rows, names in (
        (topics, "topic_row", ("topic",)),
        (countries, "country_row", ("country", "roles")),
    ):
        row = getattr(data, rows).upto(size)
        kept = alive[row]
        setattr(out, rows, _GrowableArray(np.int32, moved[row[kept]]))
        for name in names:
            values = getattr(data, name).upto(size)[kept]
            setattr(out, name, _GrowableArray(values.dtype, values))
    out.row_of = np.where(data.row_of >= 0, moved[data.row_of], -1).astype(np.int32)
    out.sizes = (out.ids.size, out.topic.size, out.country.size)
    return out
