"""Is a span used as a place? By rules, for languages that the detector was not trained on."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from services.enrich.regions.detection import Context, Words
from services.enrich.regions.gazetteer import ALIAS, SHORT, Gazetteer
from services.enrich.regions.spans import Span, Tokens
from services.enrich.regions.vocabulary import (
    LEADING,
    ORGANISATION,
    PERSONAL,
    SPEECH,
    TITLES,
    TRAILING,
    WATERS,
)

_LEAST_LOG = 4.2  # a place of 15,000 people needs nothing else to speak for it
_LEAST_SUPPORTED_LOG = 3.5  # the same where its country is spoken of
_LEAST_ALIAS_LOG = 5.0  # the same under another name than its own
_LEAST_WEAK_LOG = 5.7  # the same for a name that is an everyday word
_AREA, _COUNTRY, _PAST = 0, 1, 8


def judge(
    tokens: Tokens, spans: list[Span], gazetteer: Gazetteer, words: Words, context: Context
) -> NDArray[np.float32]:
    """How likely each span is a place, (spans,): 0.9, 0.6 where only its country speaks for it, or 0.05."""
    surnames: set[str] = set()
    verdicts = [_verdict(tokens, s, gazetteer, words, surnames) for s in spans]
    out = []
    for n, (span, place) in enumerate(zip(spans, verdicts, strict=True)):
        if not place or span.name in surnames:
            out.append(0.05)
            continue
        kind, how = gazetteer.first_kind[span.row], gazetteer.first_how[span.row]
        population = gazetteer.first_log_population[span.row]
        supported = context.contained[n] or context.admin1_share[n] > 0.1 or context.country_share[n] > 0.2
        if kind in (_AREA, _COUNTRY) or kind > 4:
            out.append(0.9)
        elif how == SHORT:
            out.append(0.9 if context.contains[n] else 0.05)
        elif _everyday(span, words):
            out.append(0.6 if population > _LEAST_WEAK_LOG else 0.05)
        elif how == ALIAS and population < _LEAST_ALIAS_LOG and not context.contained[n]:
            out.append(0.05)
        elif population >= _LEAST_LOG or context.contained[n]:
            out.append(0.9)
        else:
            out.append(0.6 if supported and population >= _LEAST_SUPPORTED_LOG else 0.05)
    return np.array(out, np.float32)


def _everyday(span: Span, words: Words) -> bool:
    return span.first == span.last and words.lower.get(span.name.lower(), (0.0,))[0] > 0.03


def _verdict(tokens: Tokens, span: Span, gazetteer: Gazetteer, words: Words, surnames: set[str]) -> bool:
    """Whether nothing beside the name speaks against a place. Adds the family names that it meets to
    `surnames`."""
    if span.row < 0:
        return False
    if span.first < 0 or span.name[0] >= "\u0590":
        return True
    name, one_word = span.name, span.first == span.last
    country = gazetteer.first_kind[span.row] in (_AREA, _COUNTRY, _PAST)
    people = gazetteer.first_how[span.row] == 2
    raw = tokens.text[span.start : span.end]
    if len(name) <= 2 and not (country and name.isupper()):
        return False
    if one_word and not country and raw.isupper() and len(name) < 5:
        return False
    before, after = _neighbour(tokens, span, -1), _neighbour(tokens, span, 1)
    if before and before.rstrip(".").lower() in TITLES:
        surnames.add(name)
        return False
    if after in WATERS or _after_waters_of(tokens, span):
        return False
    if after and after.lower() in ORGANISATION and not people and after[0].isupper():
        return False
    if country and name not in PERSONAL:
        return True
    n = span.first - 1
    if (
        before
        and before[0].isupper()
        and before.lower() not in LEADING
        and not _opens_sentence(tokens, n)
        and not (country and before in gazetteer)
    ):
        surnames.add(tokens.words[span.last])
        return False
    followed = after and after[0].isupper() and after.lower() not in TRAILING | LEADING
    if after and followed and not people and (gazetteer.first_kind[span.row] > 3 or name in PERSONAL):
        surnames.add(after)
        return False
    return not (
        after and after in SPEECH and one_word and (name in PERSONAL or _everyday(span, words))
    ) and not (one_word and not country and _everyday(span, words) and _opens_sentence(tokens, span.first))


def _after_waters_of(tokens: Tokens, span: Span) -> bool:
    """Whether the name follows `Gulf of`, `Bay of` and the like."""
    n = span.first
    return n >= 2 and tokens.words[n - 1] == "of" and tokens.words[n - 2] in WATERS


def _neighbour(tokens: Tokens, span: Span, step: int) -> str:
    """The word next to the span with only a space between, or nothing."""
    if step < 0:
        n = span.first - 1
        if n < 0:
            return ""
        gap = tokens.gap(n)
        return (
            tokens.words[n] if gap in (" ", "\u00a0") or (gap == ". " and len(tokens.words[n]) <= 3) else ""
        )
    n = span.last + 1
    return tokens.words[n] if n < len(tokens.words) and tokens.gap(span.last) in (" ", "\u00a0") else ""


def _opens_sentence(tokens: Tokens, n: int) -> bool:
    start = tokens.starts[n]
    head = tokens.text[max(0, start - 3) : start].rstrip(" \"'“”‘’«»(-–—")
    return start == 0 or not head or head[-1] in ".!?:\n…"
