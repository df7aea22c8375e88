"""Terms of an article: stems of its words and pairs of words, counted in the whole and in the lead."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.stories.frequencies import Frequencies
from services.stories.rows import NAME, NUMBER, PAIRS, TERMS, TOP, Rows
from services.stories.shingles import FIRST, Shingled
from services.stories.shingles import NAME as CAPITAL
from services.stories.shingles import NUMBER as FIGURE

_MOST_WORDS = 1_500
_LEAD_WORDS = 50
_TOPS = 8
_OF_NAME = 1.5  # weight of a name among the weightiest terms
_PLACE = 4.0  # occurrences that a place counts as that the article is tagged with

U32 = NDArray[np.uint32]
F32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Counted:
    """Terms of an article in ascending order: how often each stands in the text and title, in the lead, and
    with and without a capital letter in the middle of a sentence; and its pairs of words."""

    terms: U32
    times: F32
    in_lead: F32
    capital: F32
    small: F32
    figures: NDArray[np.bool_]
    pairs: U32


def count(title: Shingled, text: Shingled, places: Sequence[str] = ()) -> Counted:
    """Counts the terms of an article. `places`: names of places that it is tagged with."""
    head = folded_stems(title)
    body = folded_stems(text)
    tags = np.array([_place(place) for place in places], np.uint32)
    every = np.concatenate([head, body, tags])
    terms, where = _distinct(every)
    n = len(terms)
    times = np.bincount(where, minlength=n).astype(np.float32)
    if places:
        times += (_PLACE - 1) * np.bincount(where[len(head) + len(body) :], minlength=n).astype(np.float32)
    flags = np.frombuffer(text.flags, np.uint8)[: len(body)]
    inside = flags & FIRST == 0
    at = where[len(head) : len(head) + len(body)]
    figures = np.zeros(n, bool)
    figures[at[flags & FIGURE != 0]] = True
    figures[where[: len(head)][np.frombuffer(title.flags, np.uint8)[: len(head)] & FIGURE != 0]] = True
    named = inside & (flags & CAPITAL != 0)
    capital = np.bincount(at[named], minlength=n).astype(np.float32)
    capital[where[len(head) + len(body) :]] += 1
    return Counted(
        terms,
        times,
        np.bincount(where[: len(head) + _LEAD_WORDS], minlength=n).astype(np.float32),
        capital,
        np.bincount(at[inside & ~named], minlength=n).astype(np.float32),
        figures,
        _once(np.concatenate([_pairs(head), _pairs(body)])),
    )


def _distinct(values: U32) -> tuple[U32, NDArray[np.int64]]:
    """The values in ascending order, each once, and the place there of each. For arrays as short as an
    article's this is quicker than `np.unique`, as is `_once`."""
    places = np.sort((values.astype(np.uint64) << np.uint64(32)) | np.arange(len(values), dtype=np.uint64))
    ordered = (places >> np.uint64(32)).astype(np.uint32)
    first = np.ones(len(values), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    where = np.empty(len(values), np.int64)
    where[(places & np.uint64(0xFFFFFFFF)).astype(np.int64)] = np.cumsum(first) - 1
    return ordered[first], where


def _once(values: U32) -> U32:
    """The values in ascending order, each once."""
    ordered = np.sort(values)
    first = np.ones(len(values), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


def _place(name: str) -> int:
    return zlib.crc32(name.casefold().encode(errors="replace")) | 1


def folded_stems(text: Shingled) -> U32:
    """32 bits of each word's stem; 0 marks the end of a row, and is none."""
    stems = np.frombuffer(text.stems, np.uint64)[:_MOST_WORDS]
    folded = ((stems ^ (stems >> np.uint64(29))) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(32)
    odd: U32 = folded.astype(np.uint32) | np.uint32(1)
    return odd


def _pairs(stems: U32) -> U32:
    """Hashes of two words in a row. They are even, and those of words are odd."""
    if len(stems) < 2:
        return np.empty(0, np.uint32)
    mixed = (stems[:-1].astype(np.uint64) * np.uint64(0x85EBCA6B) + stems[1:]) * np.uint64(0xC2B2AE3D27D4EB4F)
    even: U32 = (mixed >> np.uint64(32)).astype(np.uint32) & np.uint32(0xFFFFFFFE)
    return np.maximum(even, np.uint32(2))


def learn(counted: Counted, frequencies: Frequencies, language: str) -> None:
    """Counts the article among those that frequencies are known from."""
    frequencies.count(language, counted.terms, counted.capital, counted.small)
    frequencies.count_pairs(counted.pairs)


@dataclass(frozen=True, slots=True)
class Vector:
    """What a row is filled with, and the keys by which articles like this one are found, the rarest first."""

    terms: U32
    weights: F32
    leads: F32
    kinds: NDArray[np.uint8]
    pairs: U32
    pair_weights: F32

    def put(self, rows: Rows, row: int) -> None:
        rows.put(row, self.terms, self.weights, self.leads, self.kinds, self.pairs, self.pair_weights)

    def packed(self) -> bytes:
        """The vector in at most 1,540 bytes."""
        sizes = np.array([len(self.terms), len(self.pairs)], np.uint16)
        half = [x.astype(np.float16).tobytes() for x in (self.weights, self.leads, self.pair_weights)]
        parts = sizes.tobytes(), self.terms.tobytes(), self.pairs.tobytes(), *half, self.kinds.tobytes()
        return b"".join(parts)

    @classmethod
    def unpacked(cls, data: bytes) -> Vector:
        """The vector that `packed` wrote."""
        n, m = np.frombuffer(data, np.uint16, 2).tolist()
        words = np.frombuffer(data, np.uint32, n + m, 4).copy()
        weights = np.frombuffer(data, np.float16, 2 * n + m, 4 + 4 * (n + m)).astype(np.float32)
        kinds = np.frombuffer(data, np.uint8, n, len(data) - n).copy()
        return cls(words[:n], weights[:n], weights[n : 2 * n], kinds, words[n:], weights[2 * n :])

    @property
    def keys(self) -> U32:
        emphasis = self.weights * np.where(self.kinds & NAME, _OF_NAME, 1.0)
        best = self.terms[np.argsort(-emphasis, kind="stable")[:12]]
        rare = self.pairs[np.argsort(-self.pair_weights, kind="stable")[:4]]
        return np.concatenate([best, rare])


def weigh(counted: Counted, frequencies: Frequencies, language: str) -> Vector:
    """The vector of an article: log of times by inverse document frequency."""
    n = len(counted.terms)
    found, names = np.zeros(n, np.float32), bytearray(n)
    frequencies.of(counted.terms, found, names)
    articles = frequencies.articles.get(language, 0.0)
    rarity = np.maximum(0.0, np.log((articles + 1.0) / (found + 0.5)))
    kinds = np.frombuffer(names, np.uint8) * np.uint8(NAME)
    kinds = np.where(counted.figures, np.uint8(NUMBER), kinds)
    weights = _damped(counted.times) * rarity
    leads = _damped(counted.in_lead) * rarity
    emphasis = weights * np.where(kinds & NAME, _OF_NAME, 1.0)
    order = np.argsort(-emphasis, kind="stable")[:TERMS]
    order = order[weights[order] > 0]
    kinds = kinds.copy()
    kinds[order[:_TOPS]] |= TOP
    order.sort()
    pairs, pair_weights = _weighed_pairs(counted.pairs, frequencies, articles)
    return Vector(
        counted.terms[order], _rounded(weights[order]), _rounded(leads[order]),
        kinds[order].astype(np.uint8), pairs, pair_weights,
    )  # fmt: skip


def _damped(times: F32) -> F32:
    return np.where(times > 0, 1.0 + np.log(np.maximum(times, 1.0)), 0.0)


def _weighed_pairs(pairs: U32, frequencies: Frequencies, articles: float) -> tuple[U32, F32]:
    """Pairs that another article has, too: of these the rarest."""
    found = np.frombuffer(frequencies.found, np.float32).take(pairs & np.uint32(0x1FFFFF))
    others = found >= 1.5  # few pairs are
    pairs, found = pairs[others], found[others]
    weights = np.log((articles + 1.0) / (found + 0.5))
    weights[weights < 0] = 0
    order = np.argsort(-weights, kind="stable")[:PAIRS]
    order = np.sort(order[weights[order] > 0])
    return pairs[order], _rounded(weights[order])


def _rounded(weights: F32) -> F32:
    """Weights as a stored vector has them."""
    return weights.astype(np.float16).astype(np.float32)
