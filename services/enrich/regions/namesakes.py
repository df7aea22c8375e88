"""Names that are no places though the gazetteer has them: people, of whom a text speaks by first name, family
name or age; things called after places (Peking duck, German measles); titles in quotation marks."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from services.enrich.regions.beside_words import IN, classes
from services.enrich.regions.lexicon import Lexicon
from services.enrich.regions.spans import Span, Tokens
from services.enrich.regions.vocabulary import COMPANY, FACILITIES, LEADING, TITLES, TRAILING

_PERSON_AT_MOST, _THING_AT_MOST = 0.15, 0.15
_AGE = re.compile(r", \d\d?(?:,|\.| )")
_THINGS = frozenset(
    """duck goose artichoke artichokes sprout sprouts measles flu virus fever syndrome encephalitis pox
    shepherd shepherds terrier terriers retriever retrievers bulldog bulldogs spaniel hound mastiff
    poodle sheepdog pony delight toast fries pastry pastries roulette waltz rarebit scallops sausage
    sausages stew bagel muffin muffins mustard pudding eclair croissant waffle waffles tart hamster
    hedgehog cockroach moth beetle crane pine spruce ivy rose lily tulip""".split()
)
_OPENING, _CLOSING = "\"'“„‘«‹", "\"'”“’»›"


def apart(
    tokens: Tokens, spans: list[Span], is_place: NDArray[np.float32], lexicon: Lexicon, language: str
) -> NDArray[np.float32]:
    """Beliefs, lowered where a name is used for a person or a thing in this text."""
    likely = [
        n
        for n in np.flatnonzero(is_place > _THING_AT_MOST).tolist()
        if spans[n].first >= 0 and not spans[n].facility
    ]
    asked = {spans[n].name for n in likely}
    persons = _persons(tokens, [s for s in spans if s.name in asked], lexicon, language)
    out = is_place
    for n in likely:
        span = spans[n]
        if span.name in persons:
            out = out.copy() if out is is_place else out
            out[n] = _PERSON_AT_MOST
        elif _is_thing(tokens, span) or _is_title(tokens.text, span):
            out = out.copy() if out is is_place else out
            out[n] = _THING_AT_MOST
    return out


def _persons(tokens: Tokens, spans: list[Span], lexicon: Lexicon, language: str) -> set[str]:
    """Single words that stand as people do somewhere in the text, and nowhere as places do."""
    found: set[str] = set()
    places: set[str] = set()
    known = classes(language)
    for span in spans:
        if span.first != span.last or span.first < 0 or span.facility:
            continue
        if _is_person(tokens, span, lexicon):
            found.add(span.name)
        elif known.get(tokens.word_at(span.first - 1).lower(), 0) >> IN & 1:
            places.add(span.name)
    return found - places


def _is_person(tokens: Tokens, span: Span, lexicon: Lexicon) -> bool:
    n = span.first
    if tokens.is_capital(n - 1) and (gap := tokens.gap(n - 1)) in (" ", ". "):
        before = tokens.word_at(n - 1)
        if before in lexicon.given and gap == " ":
            return True
        if (
            before.rstrip(".").lower() in TITLES
            and before[1:2].islower()
            and _AGE.match(tokens.text, span.end)
        ):
            return True
    if span.name in lexicon.given and tokens.is_capital(n + 1) and tokens.gap(n) == " ":
        after = tokens.word_at(n + 1)
        if (
            after in lexicon.family
            and after not in COMPANY
            and after not in FACILITIES
            and after.lower() not in TRAILING
            and after.lower() not in LEADING
        ):
            return True
    return False


def _is_thing(tokens: Tokens, span: Span) -> bool:
    return tokens.word_at(span.last + 1).lower() in _THINGS and tokens.gap(span.last) == " "


def _is_title(text: str, span: Span) -> bool:
    """Whether a name stands alone between quotation marks."""
    before, after = text[span.start - 1 : span.start], text[span.end : span.end + 1]
    return (
        bool(before and after)
        and before in _OPENING
        and after in _CLOSING
        and not text[span.end + 1 : span.end + 2].isalnum()
        and not text[span.start - 2 : span.start - 1].isalnum()
    )
