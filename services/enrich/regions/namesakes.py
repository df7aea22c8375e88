"""Names that are no places though the gazetteer has them: people, of whom a text speaks by first name, family
name or age; things called after places (Peking duck, German measles); titles in quotation marks."""

from __future__ import annotations

import re
from collections import Counter

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
    hedgehog cockroach moth beetle crane pine spruce ivy rose lily tulip
    ham mix kitten kittens cat cats hound hounds mouse hare elephant elephants tiger tigers leopard salmon
    mackerel potato potatoes onion onions lentils beans olives cabbage lettuce cheese rice noodles
    edition""".split()
)
_PRIZES = frozenset("Prize Prizes Award Awards Medal Medals Trophy Bear Lion Palme".split())
_BANKS = frozenset("Banco Banca Banque Bank Banka Caixa Grupo Cervecería Cervezas".split())
_BRANDS = frozenset(
    """Santander Patagonia Columbia Nokia Orange Evian Vittel Longines Pontiac Cadillac Toyota Corona Hershey
    Puma Lancia Tabasco Wuling Tissot Lenovo Nestle""".split()
)
"""Companies and their goods that news names more often than the place of that name."""
_TRADE = re.compile(
    r"\b(?:shares?|stocks?|brands?|bank|analysts|retailers?|recall\w*|profits?|carmakers?|makers?|products|Aktien?|"
    r"Konzern|Marke|actions|marque|acciones|marca|banco|azioni|marchio|ações)\b"
)
_FREE = re.compile(r"-(?:free|style)\b")
_NUMBERED = re.compile(r" \d{1,3}\b(?![.,]\d| ?%)")
_TOLD_OF = re.compile(r", (?:who|\d\d)\b")
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
    out = is_place.copy()
    things: Counter[str] = Counter()
    for n in likely:
        span = spans[n]
        if span.name in persons:
            out[n] = _PERSON_AT_MOST
        elif (
            _is_thing(tokens, span)
            or _is_title(tokens.text, span)
            or (span.name in _BRANDS and _is_brand(tokens, spans, span.name, language))
        ):
            out[n] = _THING_AT_MOST
            things[span.name] += 1
    if things:  # a name that is mostly a thing's means the thing in a headline, too
        times = Counter(spans[n].name for n in likely)
        mostly = {name for name, found in things.items() if 2 * found >= times[name]}
        out[[n for n in likely if spans[n].name in mostly]] = _THING_AT_MOST
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
        if after in COMPANY or after.lower() in TRAILING or after.lower() in LEADING:
            return False
        if after in lexicon.family and after not in FACILITIES:
            return True
        return _TOLD_OF.match(tokens.text, tokens.ends[n + 1]) is not None
    return False


def _is_thing(tokens: Tokens, span: Span) -> bool:
    """Whether a name is part of a thing's: Parma ham, the Sydney Peace Prize, Banco Santander, the Oslo 3."""
    text, end = tokens.text, span.end
    if text[end : end + 1] == "-":
        return _FREE.match(text, end) is not None
    if tokens.word_at(span.first - 1) in _BANKS and tokens.gap(span.first - 1) == " ":
        return True
    if text[end : end + 1] != " ":
        return False
    after = tokens.word_at(span.last + 1)
    if after.lower() in _THINGS or after in _PRIZES:
        return True
    if tokens.is_capital(span.last + 1) and tokens.word_at(span.last + 2) in _PRIZES:
        return True
    return tokens.word_at(span.first - 1).lower() == "the" and _NUMBERED.match(text, end) is not None


def _is_brand(tokens: Tokens, spans: list[Span], name: str, language: str) -> bool:
    """Whether a text that speaks of trade, and of nothing in a place so called, means the company."""
    known = classes(language)
    return _TRADE.search(tokens.text) is not None and not any(
        known.get(tokens.word_at(s.first - 1).lower(), 0) >> IN & 1
        and tokens.word_at(s.first - 1) not in ("at", "of")
        for s in spans
        if s.name == name and s.first >= 0
    )


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
