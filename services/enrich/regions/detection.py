"""Is a span that could name a place used as one? Features of the span, its neighbours and the whole text, for
a small model.

The model is trained on English news (training/regions); the judge of other languages sees `traits.py`, too.
"""

from __future__ import annotations

import gzip
import re
from bisect import bisect_left, bisect_right
from collections import defaultdict
from math import log
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from services.enrich.regions.countries import DATA
from services.enrich.regions.gazetteer import ALIAS, PEOPLE, SHORT, Gazetteer
from services.enrich.regions.spans import Span, Tokens
from services.enrich.regions.vocabulary import COMPANY, FACILITIES, FACILITY_KINDS, LEADING, SPEECH, TITLES

FEATURES = (
    "words", "chars", "upper", "area", "country", "admin1", "admin2", "city", "water", "landmark", "region",
    "past", "alias", "people",
    "short", "log_population", "meanings", "lower_share", "lower_seen", "name_lean", "name_seen", "before",
    "after", "before2", "after2",
    "opens", "capital_before", "capital_after", "comma_before", "comma_after", "bracket", "hyphen_after",
    "possessive", "title_before",
    "speech_after", "company_after", "company_run", "facility_after", "run_before", "run_after",
    "capital_share", "times", "before_mean",
    "before_max", "after_mean", "capital_before_share", "capital_after_share", "as_surname", "contained",
    "contains", "country_context",
    "admin1_context", "prior_country", "prior_admin1", "position", "f_street", "f_water", "f_land",
    "f_division", "f_school", "f_building",
    "f_inside", "f_place_inside", "known_before", "known_after", "number_after",
    "plural_people", "aged", "as_person", "counties_after", "hyphen_before", "of_before",
)  # fmt: skip
_LONGEST_LANDMARK = 8  # words, and one more
_END = "^"
_UNKNOWN_BEFORE = -2.0  # a capitalised word never counted: most of those that were lean as far
_AGE = re.compile(r", \d\d?\b")


class Words:
    """How words behave beside places, counted over news (training/regions/words.py)."""

    def __init__(self) -> None:
        table: dict[str, Any] = msgspec.json.decode(gzip.decompress((DATA / "words.json.gz").read_bytes()))
        self.before: dict[str, float] = table["before"]
        self.after: dict[str, float] = table["after"]
        self.lower: dict[str, list[float]] = table["lower"]
        self.name: dict[str, list[float]] = table["name"]


def beside(tokens: Tokens, n: int, gap: int) -> str:
    """How word `n` counts beside a name, with the mark in gap `gap` where there is one; `^` at an end of the
    sentence."""
    if not 0 <= n < len(tokens.words):
        return _END
    between = tokens.gap(gap)
    word = tokens.words[n]
    if not tokens.capital[n]:
        word = word.lower()
    if between == " ":
        return word
    mark = between.strip()[:1]
    if not mark or mark in ".!?:;…" or "\n" in between:
        return _END
    return ("0" if mark.isdigit() else mark) + word


class Detector:
    """Turns the spans of a text into rows of `FEATURES`."""

    def __init__(self, gazetteer: Gazetteer, words: Words) -> None:
        self._gazetteer, self._words = gazetteer, words

    def rows(self, tokens: Tokens, spans: list[Span], context: Context) -> NDArray[np.float32]:
        """One row a span, (spans, features)."""
        contexts = [self._around(tokens, s) for s in spans]
        by_name: defaultdict[str, list[int]] = defaultdict(list)
        for n, span in enumerate(spans):
            by_name[span.name].append(n)
        surnames = self._surnames(tokens, spans)
        persons = self._persons(tokens, spans)
        names = {s.first: s for s in spans if not s.facility}
        ends = {s.last: s for s in spans if not s.facility}
        landmarks = [s for s in spans if s.facility]
        begins = [s.first for s in landmarks]
        around = {name: _summary([contexts[k] for k in same]) for name, same in by_name.items()}
        rows = [
            self._row(
                tokens,
                spans,
                n,
                contexts[n],
                around,
                surnames,
                persons,
                names,
                ends,
                landmarks[bisect_left(begins, s.first - _LONGEST_LANDMARK) : bisect_right(begins, s.first)],
                context,
            )
            for n, s in enumerate(spans)
        ]
        return np.array(rows, np.float32).reshape(len(spans), len(FEATURES))

    def _around(self, tokens: Tokens, span: Span) -> tuple[float, float, bool, bool]:
        """Leans before and after the span; whether a capitalised word of no sentence's start stands directly
        beside it."""
        words = self._words
        left = words.before.get(word := beside(tokens, span.first - 1, span.first - 1), 0.0)
        if not left and word[0].isupper():
            left = _UNKNOWN_BEFORE
        right = words.after.get(beside(tokens, span.last + 1, span.last), 0.0)
        n = span.first - 1
        capital_before = (
            n >= 0
            and tokens.capital[n]
            and tokens.gap(n) in (" ", ". ")
            and tokens.words[n].lower() not in LEADING
        )
        m = span.last + 1
        capital_after = m < len(tokens.words) and tokens.capital[m] and tokens.gap(span.last) == " "
        return left, right, capital_before, capital_after

    def _surnames(self, tokens: Tokens, spans: list[Span]) -> dict[str, int]:
        """Last words of two capitalised words whose first is no name of a place: `Alice Springs` no, `Jane
        Houston` yes."""
        known = {n for s in spans for n in range(s.first, s.last + 1)}
        found: defaultdict[str, int] = defaultdict(int)
        for span in spans:
            n = span.first - 1
            if span.facility or span.first != span.last or n < 0 or n in known or not tokens.capital[n]:
                continue
            word = tokens.words[n]
            if (
                tokens.gap(n) in (" ", ". ")
                and word.lower() not in LEADING
                and word not in COMPANY
                and word not in FACILITIES
            ):
                found[tokens.words[span.first]] += 1
        return found

    def _persons(self, tokens: Tokens, spans: list[Span]) -> dict[str, int]:
        """How often a name stands as a person does somewhere in the text: after a title, before an age,
        before `said`."""
        found: defaultdict[str, int] = defaultdict(int)
        for span in spans:
            before = tokens.words[span.first - 1].rstrip(".").lower() if span.first else ""
            after = tokens.words[span.last + 1] if span.last + 1 < len(tokens.words) else ""
            if (
                before in TITLES
                or _AGE.match(tokens.text, span.end)
                or (after in SPEECH and tokens.gap(span.last) == " ")
            ):
                found[span.name] += 1
        return found

    def _row(
        self, tokens: Tokens, spans: list[Span], n: int, beside_it: tuple[float, float, bool, bool],
        by_name: dict[str, list[float]], surnames: dict[str, int], persons: dict[str, int],
        names: dict[int, Span], ends: dict[int, Span], landmarks: list[Span], context: Context,
    ) -> list[float]:  # fmt: skip
        span, gazetteer, words = spans[n], self._gazetteer, tokens.words
        first, last, text = span.first, span.last, tokens.text
        kinds = [0.0] * 9
        how, population, meanings = 0, 0.0, 0
        if span.row >= 0:
            kinds[gazetteer.first_kind[span.row]] = 1.0
            how = gazetteer.first_how[span.row]
            population = gazetteer.first_log_population[span.row]
            meanings = gazetteer.count(span.row)
        raw = text[span.start : span.end]
        lower = self._words.lower.get(raw.lower(), (0.0, 0.0)) if first == last else (0.0, 0.0)
        lean = self._words.name.get(span.name, (0.0, -1.0))
        left, right, capital_before, capital_after = beside_it
        total = len(words)
        gap_before = tokens.gap(first - 1) if first else "\n"
        gap_after = tokens.gap(last) if last + 1 < total else "\n"
        opens = first == 0 or gap_before.strip()[:1] in (".", "!", "?", ":") or "\n" in gap_before
        before_word = words[first - 1] if first else ""
        after_word = words[last + 1] if last + 1 < total else ""
        run_before = 0
        while (
            run_before < 5
            and first - 1 - run_before >= 0
            and tokens.capital[first - 1 - run_before]
            and tokens.gap(first - 1 - run_before) in (" ", ". ", "-")
        ):
            run_before += 1
        run_after = 0
        while (
            run_after < 5
            and last + 1 + run_after < total
            and tokens.capital[last + 1 + run_after]
            and tokens.gap(last + run_after) == " "
        ):
            run_after += 1
        window = tokens.capital[max(0, first - 6) : last + 7]
        facility_after = (
            1.0 if run_after and any(words[last + 1 + k] in FACILITIES for k in range(run_after)) else 0.0
        )
        company_run = (
            1.0 if run_after and any(words[last + 1 + k] in COMPANY for k in range(run_after)) else 0.0
        )
        # A landmark's own features, and whether the span lies inside of one.
        f = [0.0] * len(FACILITY_KINDS)
        place_inside = 0.0
        if span.facility:
            f[FACILITY_KINDS.index(span.facility)] = 1.0
            place_inside = float(any(k in names for k in range(first, last + 1)))
        inside = float(
            bool(landmarks) and any(s.first <= first and last <= s.last and s is not span for s in landmarks)
        )
        return [
            last - first + 1.0, float(len(raw)), float(raw.isupper()), *kinds, float(how == ALIAS),
            float(how == PEOPLE), float(how == SHORT),
            population, log(1 + meanings), lower[0], lower[1], lean[0], lean[1], left, right,
            self._words.before.get(words[first - 2].lower(), 0.0) if first > 1 and gap_before == " " else 0.0,
            self._words.after.get(words[last + 2].lower(),
            0.0) if last + 2 < total and gap_after == " " else 0.0,
            float(opens), float(capital_before), float(capital_after), float(gap_before == ", "),
            float(gap_after == ", "),
            float(gap_before.endswith("(") or gap_after.startswith(")")),
            float(gap_after.startswith(("-", "–", "—"))),
            float(text[span.end : span.end + 2] in ("'s", "’s")),
            float(before_word.rstrip(".").lower() in TITLES and gap_before in (" ", ". ")),
            float(after_word.lower() in SPEECH and gap_after == " "),
            float(after_word in COMPANY and gap_after == " "), company_run, facility_after,
            float(run_before), float(run_after), sum(window) / len(window), *by_name[span.name],
            float(surnames.get(words[last], 0)),
            float(context.contained[n]), float(context.contains[n]), context.country_share[n],
            context.admin1_share[n],
            context.prior_country[n], context.prior_admin1[n], span.start / max(1, len(text)), *f, inside,
            place_inside,
            float(first - 1 in ends), float(last + 1 in names),
            float(text[span.end : span.end + 2].strip().isdigit()),
            float(how == PEOPLE and raw.endswith("s")), float(_AGE.match(text, span.end) is not None),
            log(1 + persons.get(span.name, 0)),
            float(any(w in ("counties", "Counties", "County") for w in words[last + 1 : last + 7])),
            float(gap_before == "-"), float(before_word == "of"),
        ]  # fmt: skip


def _summary(around: list[tuple[float, float, bool, bool]]) -> list[float]:
    """Log of the times a name stands in the text; means, and a maximum, of what stands beside it."""
    times = len(around)
    before, after, capital_before, capital_after = zip(*around, strict=True)
    return [
        log(times), sum(before) / times, max(before), sum(after) / times, sum(capital_before) / times,
        sum(capital_after) / times,
    ]  # fmt: skip


class Context:
    """What resolution knows before detection: containment, and how the span's meanings agree with the rest.
    One entry a span."""

    __slots__ = ("admin1_share", "contained", "contains", "country_share", "prior_admin1", "prior_country")

    def __init__(self, spans: int) -> None:
        self.contained = [False] * spans
        self.contains = [False] * spans
        self.country_share = [0.0] * spans
        self.admin1_share = [0.0] * spans
        self.prior_country = [0.0] * spans
        self.prior_admin1 = [0.0] * spans

    def of(self, spans: list[int]) -> Context:
        """The same for some of the spans."""
        some = Context(0)
        for name in self.__slots__:
            setattr(some, name, [getattr(self, name)[n] for n in spans])
        return some
