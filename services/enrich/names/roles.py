# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""Titles and offices of people: "prime minister", beside a name or in apposition to it."""

from __future__ import annotations

from services.enrich.names.alphabet import COMMA, OF, SPACE
from services.enrich.names.features import Candidates
from services.enrich.names.lexicon import TITLE_WORD
from services.enrich.names.recogniser import Span

_MODIFIERS = frozenset(
    "prime foreign vice deputy former chief executive finance interior defence defense health education home general "
    "acting opposition attorney press first senior managing national federal state assistant junior honorary "
    "ehemalige ehemaliger frühere früherer stellvertretende stellvertretender designierte amtierende".split()
)
_HONORIFICS = frozenset("mr mrs ms miss herr frau lord lady sir dame dr".split())
_REACH = 5  # words before a name, or of an apposition behind it


def role_of(candidates: Candidates, span: Span, text: str) -> str | None:
    """The title or office of a person's mention, in small letters; None where none stands beside it."""
    return _before(candidates, span.first, text) or _behind(candidates, span.last, text)


def _before(candidates: Candidates, first: int, text: str) -> str | None:
    """That of the words directly before a name."""
    tokens, n, titles = candidates.tokens, first, 0
    while n > 0 and first - n < _REACH and tokens.gap[n - 1] == SPACE:
        word = text[tokens.start[n - 1] : tokens.end[n - 1]].lower()
        if candidates.role_of_compound(n - 1) & TITLE_WORD:
            titles += word not in _HONORIFICS
        elif word not in _MODIFIERS or not titles:
            break
        n -= 1
    return _written(candidates, n, first - 1, text) if titles else None


def _behind(candidates: Candidates, last: int, text: str) -> str | None:
    """That of an apposition: ", the German chancellor,"."""
    tokens = candidates.tokens
    if tokens.gap[last] != COMMA:
        return None
    for n in range(last + 1, min(last + 1 + _REACH, tokens.count)):
        if candidates.role_of_compound(n) & TITLE_WORD:
            first = n
            while first - 1 > last and tokens.gap[first - 1] == SPACE:
                if text[tokens.start[first - 1] : tokens.end[first - 1]].lower() not in _MODIFIERS:
                    break
                first -= 1
            return _written(candidates, first, n, text)
        if tokens.gap[n] not in (SPACE, OF):
            return None
    return None


def _written(candidates: Candidates, first: int, last: int, text: str) -> str:
    return text[candidates.tokens.start[first] : candidates.tokens.end[last]].lower()
