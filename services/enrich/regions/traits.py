"""Traits of a span that hold in any language: how common its word is, whether it is somebody's name, what
kinds of words stand beside it.

With `detection.FEATURES`, less what was counted over English only, they are what the judge of other languages
than English sees.
"""

from __future__ import annotations

import re
from math import log1p

import numpy as np
from numpy.typing import NDArray

from services.enrich.regions.beside_words import (
    AND,
    ARTICLE,
    BODY,
    IN,
    OF,
    PERSON,
    PLACE_AFTER,
    PLACE_BEFORE,
    SPEECH,
    classes,
)
from services.enrich.regions.gazetteer import PEOPLE, Gazetteer
from services.enrich.regions.lexicon import Lexicon
from services.enrich.regions.spans import Span, Tokens

TRAITS = (
    "zipf", "has_list", "abroad", "own", "given", "family", "given_before", "family_before", "given_after",
    "family_after", "in_before", "of_before", "article_before", "and_before", "person_before",
    "place_before", "place_after", "speech_after", "body_before", "body_after", "home", "inflected",
    "lower_times", "nouns_capital", "dateline", "quoted", "length", "in_second", "capital_next",
    "line_opens", "line_offset", "small", "uncased",
)  # fmt: skip
_NOUNS_CAPITAL = frozenset({"de", "lb"})
_DATELINE = re.compile(
    r"[^\n.!?;:]{0,48}?(?:\((?:[^\W\d_]|[ /.,+-]){2,30}\)|[-–—]{1,2}\s|\s[-–—]{1,2}|[/:]\s?[A-Z]{2,8}\b)"
)
_QUOTES = "\"'“”„‟«»‹›‘’‚「『"
_ENGLISH_ONLY = (17, 18, 19, 20, 21, 22, 23, 24, 42, 43, 44)
"""Columns of `detection.FEATURES` that were counted over English news."""
_LINE_OPENING = 60
_CITY = 4
_LESS_FREQUENT = 1.8


class Traits:
    """Turns the spans of a text into rows of `TRAITS`."""

    def __init__(self, gazetteer: Gazetteer, lexicon: Lexicon) -> None:
        self._gazetteer, self._lexicon = gazetteer, lexicon

    def rows(self, tokens: Tokens, spans: list[Span], language: str) -> NDArray[np.float32]:
        """One row a span, (spans, traits)."""
        known = classes(language)
        zipf = self._lexicon.zipf(language)
        home = self._gazetteer.home(language)
        counted: dict[str, int] = {}
        rows = [self._row(tokens, s, known, zipf, home, language, counted) for s in spans]
        return np.array(rows, np.float32).reshape(len(spans), len(TRAITS))

    def _row(
        self, tokens: Tokens, span: Span, known: dict[str, int], zipf: dict[str, float] | None,
        home: frozenset[int], language: str, counted: dict[str, int],
    ) -> list[float]:  # fmt: skip
        text, lexicon = tokens.text, self._lexicon
        first, last = span.first, span.last
        raw = text[span.start : span.end]
        small = raw.lower()
        one = first == last
        frequency = zipf.get(small, 0.0) if zipf and one else 0.0
        abroad = lexicon.abroad.get(small, 0.0) if one else 0.0
        if one and raw[0] >= "\u0370" and span.row >= 0:
            abroad = self._expected(span.row)  # the lists abroad are of Latin letters
        before = tokens.word_at(first - 1) if first > 0 and _close(tokens.gap(first - 1)) else ""
        second = tokens.word_at(first - 2) if before and first > 1 and _close(tokens.gap(first - 2)) else ""
        after = tokens.word_at(last + 1) if last + 1 < len(tokens) and _close(tokens.gap(last)) else ""
        left, right = known.get(before.rstrip(".").lower(), 0), known.get(after.lower(), 0)
        further = known.get(second.rstrip(".").lower(), 0)
        line = text.rfind("\n", max(0, span.start - _LINE_OPENING), span.start) + 1
        opens_line = line > 0 or span.start < _LINE_OPENING
        quotes = (text[span.start - 1 : span.start], text[span.end : span.end + 1])
        return [
            frequency, float(zipf is not None), abroad, frequency - abroad,
            float(one and raw in lexicon.given), float(tokens.word_at(last) in lexicon.family),
            float(before in lexicon.given), float(before in lexicon.family),
            float(after in lexicon.given), float(after in lexicon.family),
            float(left >> IN & 1), float(left >> OF & 1), float(left >> ARTICLE & 1), float(left >> AND & 1),
            float((left | further) >> PERSON & 1),
            float(left >> PLACE_BEFORE & 1) + 0.5 * (further >> PLACE_BEFORE & 1),
            float(right >> PLACE_AFTER & 1), float(right >> SPEECH & 1),
            float((left | further) >> BODY & 1), float(right >> BODY & 1),
            float(span.row >= 0 and self._country(span.row) in home), float(_inflected(raw, span.name)),
            log1p(_times(text, small, counted)) if one and small != raw else 0.0,
            float(language in _NOUNS_CAPITAL),
            float(opens_line and _DATELINE.match(text, span.end) is not None),
            float(sum(q != "" and q in _QUOTES for q in quotes)),
            log1p(len(tokens)), float(further >> IN & 1), float(after[:1].isupper()),
            float(span.start == 0 or text[span.start - 1] == "\n"),
            float(span.start - line if opens_line else _LINE_OPENING),
            float(one and small == raw), float(raw[0] >= "\u0590"),
        ]  # fmt: skip

    def _expected(self, row: int) -> float:
        """About how frequent the name of a place of that size is in other languages."""
        gazetteer = self._gazetteer
        if gazetteer.first_kind[row] > _CITY or gazetteer.first_how[row] == PEOPLE:
            return 0.0
        return max(float(gazetteer.first_log_population[row]) - _LESS_FREQUENT, 0.0)

    def _country(self, row: int) -> int:
        return int(self._gazetteer.country[self._gazetteer.first_entity[row]])


def _times(text: str, word: str, counted: dict[str, int]) -> int:
    """How often a word stands between blanks; counted once a text."""
    times = counted.get(word)
    if times is None:
        times = counted[word] = text.count(f" {word} ")
    return times


def base_rows(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    """`detection.FEATURES` without what was counted over English."""
    rows = rows.copy()
    rows[:, _ENGLISH_ONLY] = 0.0
    return rows


def _close(gap: str) -> bool:
    return gap in (" ", "\u00a0", ". ", "'", "’", "-")


def _inflected(raw: str, name: str) -> bool:
    return len(raw) != len(name) or raw.casefold() != name.casefold()
