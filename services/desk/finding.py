"""Answers a query from the columns: pages of articles, newest first, and counts by topic, country, time,
language and source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg_pool import ConnectionPool

from services.desk.columns import (
    COUNTRIES,
    MOST_TOPICS,
    ROLES,
    ColumnData,
    Columns,
    country_counts,
    country_number,
)
from services.store import collapsing, names, search
from services.store.search_query import Query

MOST_BY_TEXT = 10_000
"""The newest matches of a text or place query that are counted; with more, the result is marked `sampled`."""
MOST_BY_NAME = 2_000
"""The newest matches whose people and organisations are counted."""
_DAY_S = 86_400
_MOST_BUCKETS = 5_000
_Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page of article ids, the cursor of the next page, the total, and whether only the newest matches
    were considered."""

    ids: list[int]
    next: str | None
    total: int
    sampled: bool


@dataclass(slots=True)
class _Masks:
    """One boolean mask for each part of a query, so that a facet can leave out its own."""

    base: _Mask
    topics: _Mask | None = None
    countries: _Mask | None = None
    time: _Mask | None = None
    sampled: bool = False

    def all(self, *, without: str = "") -> _Mask:
        mask = self.base
        for name in ("topics", "countries", "time"):
            part = getattr(self, name)
            if part is not None and name != without:
                mask = mask & part
        return mask


class Finder:
    """Queries over the columns; Postgres resolves text, distance and single places first."""

    def __init__(self, pool: ConnectionPool[Any], columns: Columns) -> None:
        self._pool = pool
        self.columns = columns

    def page(self, query: Query, *, cursor: str | None, limit: int) -> FoundPage:
        """The newest articles after `cursor` (keyset pagination: pages stay stable while articles are
        stored), with `query.collapse` one of each text or story; `total` counts all of them. Raises
        ValueError for an invalid cursor."""
        data = self.columns.data
        size = data.sizes[0]
        masks = self._masks(query)
        mask = masks.all()
        rows = np.flatnonzero(mask)
        total = len(rows)
        when, ids = data.when.upto(size)[rows], data.ids.upto(size)[rows]
        if cursor is not None:
            before, below = _parsed(cursor)
            kept = (when < before) | ((when == before) & (ids < below))
            when, ids = when[kept], ids[kept]
        newest = _newest(when, ids, limit)
        if query.collapse:
            newest = self._one_of_each(newest, data, mask, query.collapse)
        chosen = list(islice(newest, limit + 1))
        more = len(chosen) > limit
        last = chosen[limit - 1] if more else None
        return FoundPage(
            [i for _, i in chosen[:limit]], f"{last[0]}.{last[1]}" if last else None, total, masks.sampled
        )

    def matching(self, query: Query, *, most: int) -> list[int] | None:
        """The ids of all articles that match; None if there are more than `most`, or only the newest of them
        are known."""
        masks = self._masks(query)
        rows = np.flatnonzero(masks.all())
        if masks.sampled or len(rows) > most:
            return None
        found: list[int] = self.columns.data.ids.upto(self.columns.data.sizes[0])[rows].tolist()
        return found

    def _one_of_each(
        self, newest: Iterator[tuple[int, int]], data: ColumnData, mask: _Mask, by: str
    ) -> Iterator[tuple[int, int]]:
        """Of each text (`copies`) or story (`stories`) the newest article that is no copy, or the newest."""
        size = 64
        while chunk := list(islice(newest, size)):
            with self._pool.connection() as connection:
                groups = collapsing.groups(connection, [i for _, i in chunk], by)
            for when, number in chunk:
                of = [
                    (not copied, int(data.when.upto(len(mask))[row]), member)
                    for member, copied in groups.get(number, ())
                    if member < len(data.row_of)
                    and 0 <= (row := data.row_of[member]) < len(mask)
                    and mask[row]
                ]
                if not of or max(of)[2] == number:
                    yield when, number
            size = min(2 * size, 1024)

    def facets(self, query: Query, *, bucket_s: int | None = None) -> dict[str, Any]:
        """The facets of a query; each ignores its own filter, so that alternatives to it are counted too."""
        data, columns = self.columns.data, self.columns
        size = data.sizes[0]
        masks = self._masks(query)
        everything = masks.all()
        return {
            "total": int(everything.sum()),
            "sampled": masks.sampled,
            "topics": self._by_topic(data, masks),
            "countries": self._by_country(data, masks, query.role),
            "languages": _top(data.language.upto(size)[everything], columns.languages.words),
            "sources": _top(data.source.upto(size)[everything], columns.sources.words),
            "providers": _top(data.provider.upto(size)[everything], columns.providers.words),
            **self._by_name(data, everything),
            "timeline": _timeline(data.when.upto(size)[masks.all(without="time")], bucket_s),
        }

    def _by_name(self, data: ColumnData, mask: _Mask) -> dict[str, list[dict[str, Any]]]:
        """The people and organisations that most of the newest articles name."""
        rows = np.flatnonzero(mask)
        if len(rows) > MOST_BY_NAME:
            rows = rows[np.argpartition(-data.when.upto(data.sizes[0])[rows], MOST_BY_NAME)[:MOST_BY_NAME]]
        ids = data.ids.upto(data.sizes[0])[rows].tolist()
        with self._pool.connection() as connection:
            found = names.most_named(connection, ids)
        return {"people": found["PER"], "organisations": found["ORG"]}

    def by_topic(self, query: Query) -> dict[str, int]:
        """Counts by topic, ignoring the query's topics."""
        return self._by_topic(self.columns.data, self._masks(query))

    def by_country(self, query: Query) -> dict[str, int]:
        """Counts by country in the query's role, ignoring the query's regions."""
        return self._by_country(self.columns.data, self._masks(query), query.role)

    def _by_topic(self, data: ColumnData, masks: _Masks) -> dict[str, int]:
        topics = data.sizes[1]
        found = data.topic.upto(topics)[masks.all(without="topics")[data.topic_row.upto(topics)]]
        counted = np.bincount(found, minlength=len(self.columns.codes))
        return {self.columns.codes[n]: int(counted[n]) for n in np.flatnonzero(counted)}

    def _by_country(self, data: ColumnData, masks: _Masks, role: str) -> dict[str, int]:
        placed = data.sizes[2]
        kept = masks.all(without="countries")[data.country_row.upto(placed)]
        kept &= (data.roles.upto(placed) & _bit(role)) > 0
        return country_counts(data.country.upto(placed)[kept])

    def in_areas(self, query: Query, members: Sequence[Sequence[str]]) -> list[int]:
        """The number of articles in each area, ignoring the query's regions."""
        data = self.columns.data
        _, _, placed = data.sizes
        row, number = data.country_row.upto(placed), data.country.upto(placed)
        kept = self._masks(query).all(without="countries")[row] & (
            (data.roles.upto(placed) & _bit(query.role)) > 0
        )
        row, number = row[kept], number[kept]
        if not len(row):
            return [0] * len(members)
        first = np.flatnonzero(np.diff(row, prepend=-1))  # the countries of an article are contiguous
        counts: list[int] = []
        for start in range(0, len(members), 63):
            part = members[start : start + 63]
            bits = np.zeros(COUNTRIES, np.int64)
            for n, area in enumerate(part):
                bits[[country_number(c) for c in area]] |= 1 << n
            has = np.bitwise_or.reduceat(bits[number], first)
            counts += [int(np.count_nonzero(has & (1 << n))) for n in range(len(part))]
        return counts

    def _masks(self, query: Query) -> _Masks:
        data, columns = self.columns.data, self.columns
        size, topics, countries = data.sizes
        base = data.alive.upto(size).copy()
        masks = _Masks(base)
        for value, words, column in (
            (query.language, columns.languages, data.language),
            (query.source, columns.sources, data.source),
            (query.provider, columns.providers, data.provider),
        ):
            if value:
                base &= column.upto(size) == words.numbers.get(value, -1)
        if any(
            (
                query.text,
                query.near,
                query.place,
                query.people,
                query.organisations,
                query.quoted,
                query.story,
            )
        ):
            found, masks.sampled = self._ids_from_database(query)
            base &= _rows(data.row_of, found, size)
        if query.topics:
            wanted = np.zeros(MOST_TOPICS, np.bool_)
            wanted[[columns.topic_number[c] for c in query.topics if c in columns.topic_number]] = True
            masks.topics = np.zeros(size, np.bool_)
            masks.topics[data.topic_row.upto(topics)[wanted[data.topic.upto(topics)]]] = True
        groups = (
            [{c} for c in query.countries]
            if query.together
            else [set(query.countries)]
            if query.countries
            else []
        )
        groups += [self._members(area) for area in query.areas]
        if groups:
            row, number = data.country_row.upto(countries), data.country.upto(countries)
            in_role = (data.roles.upto(countries) & _bit(query.role)) > 0
            masks.countries = np.ones(size, np.bool_)
            for group in groups:
                has = np.zeros(size, np.bool_)
                has[row[in_role & np.isin(number, [country_number(c) for c in group])]] = True
                masks.countries &= has
        if query.since or query.until:
            when = data.when.upto(size)
            masks.time = np.ones(size, np.bool_)
            if query.since:
                masks.time &= when >= int(query.since.timestamp())
            if query.until:
                masks.time &= when < int(query.until.timestamp())
        return masks

    def _ids_from_database(self, query: Query) -> tuple[list[int], bool]:
        """The newest articles that match by text, distance and place, and whether there are more."""
        alone = Query(
            text=query.text, near=query.near, place=query.place, forms=query.forms,
            people=query.people,
            organisations=query.organisations, quoted=query.quoted, story=query.story,
        )  # fmt: skip
        with self._pool.connection() as connection:
            found = search.ids_of(connection, alone, most=MOST_BY_TEXT + 1)
        return found[:MOST_BY_TEXT], len(found) > MOST_BY_TEXT

    def _members(self, area: str) -> set[str]:
        with self._pool.connection() as connection:
            row = connection.execute("SELECT dateline_members(%s)", (area,)).fetchone()
        return set(row[0]) if row else set()


def _newest(when: NDArray[np.int64], ids: NDArray[np.int64], limit: int) -> Iterator[tuple[int, int]]:
    """Time and id of each article, the newest first; the first few are found without sorting the rest."""
    few = 4 * limit + 100
    if len(when) > few:
        bound = np.partition(when, len(when) - few)[len(when) - few]
        near = when >= bound
        yield from _sorted(when[near], ids[near])
        when, ids = when[~near], ids[~near]
    yield from _sorted(when, ids)


def _sorted(when: NDArray[np.int64], ids: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    order = np.lexsort((-ids, -when))
    for start in range(0, len(order), 1024):
        part = order[start : start + 1024]
        yield from zip(when[part].tolist(), ids[part].tolist(), strict=True)


def _bit(role: str) -> int:
    return 1 << ROLES.index(role)


def _rows(row_of: NDArray[np.int32], ids: list[int], size: int) -> _Mask:
    mask = np.zeros(size, np.bool_)
    rows = row_of[[i for i in ids if i < len(row_of)]] if ids else np.zeros(0, np.int32)
    mask[rows[(rows >= 0) & (rows < size)]] = True
    return mask


def _parsed(cursor: str) -> tuple[int, int]:
    when, _, below = cursor.partition(".")
    if len(cursor) > 40:
        raise ValueError("a cursor is no longer than that")
    return int(when), int(below)


def _top(numbers: NDArray[Any], words: list[str], most: int = 40) -> dict[str, int]:
    counts = np.bincount(numbers, minlength=1) if len(numbers) else np.zeros(1, np.int64)
    order = np.argsort(-counts, kind="stable")[:most]
    return {words[n]: int(counts[n]) for n in order.tolist() if counts[n] and words[n]}


def _timeline(when: NDArray[np.int64], bucket_s: int | None) -> dict[str, Any]:
    """Counts by buckets of equal length: hours for days, days for months, weeks for years; the latest
    buckets if there are too many."""
    if not len(when):
        return {"bucket_s": bucket_s or _DAY_S, "buckets": []}
    first, last = int(when.min()), int(when.max())
    if bucket_s is None:
        spans = ((3600, 120), (_DAY_S, 120), (7 * _DAY_S, 120), (30 * _DAY_S, _MOST_BUCKETS))
        bucket_s = next((s for s, most in spans if last - first <= most * s), 365 * _DAY_S)
    start = max(first // bucket_s, last // bucket_s - _MOST_BUCKETS + 1)
    places = when // bucket_s - start
    counts = np.bincount(places[places >= 0].astype(np.int64))
    buckets = [
        {"start": datetime.fromtimestamp((start + n) * bucket_s, UTC), "articles": int(counts[n])}
        for n in np.flatnonzero(counts).tolist()
    ]
    return {"bucket_s": bucket_s, "buckets": buckets}
