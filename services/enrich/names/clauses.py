# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""Clauses beside quotations: where the sentence begins and ends, and its words of speaking."""

from __future__ import annotations

from services.enrich.names.alphabet import LINE, SENTENCE
from services.enrich.names.features import Candidates
from services.enrich.names.lexicon import SPEAKING

VERB, ADDRESSING, SOURCE, PRONOUN = 1, 2, 3, 4
"""What a word of speaking is: "said"; "told", behind which the addressed one stands; "according to"; "he"."""


class Clauses:
    """The words of a text, for what stands beside its quotations; words are known by their numbers."""

    def __init__(self, candidates: Candidates) -> None:
        self.tokens, self.lexicon = candidates.tokens, candidates.lexicon

    def at(self, offset: int) -> int:
        """The first word that ends behind an offset."""
        low, high = 0, self.tokens.count
        while low < high:
            middle = (low + high) // 2
            if self.tokens.end[middle] > offset:
                high = middle
            else:
                low = middle + 1
        return low

    def end(self, first: int, limit: int) -> int:
        """One past the last word of the sentence that goes on with `first`, before the offset `limit`."""
        tokens, n = self.tokens, first
        while n < tokens.count and tokens.start[n] < limit:
            n += 1
            if tokens.gap[n - 1] == SENTENCE or tokens.gap[n - 1] == LINE:
                break
        return n

    def begin(self, last: int, limit: int) -> int:
        """The first word of the sentence that word `last` follows in, not before the offset `limit`."""
        tokens, n = self.tokens, last
        while n > 0 and tokens.start[n - 1] >= limit:
            if tokens.gap[n - 1] == SENTENCE or tokens.gap[n - 1] == LINE:
                break
            n -= 1
        return n

    def speech(self, n: int) -> int:
        """What a word is as a word of speaking; 0 for others."""
        return self.lexicon.find(SPEAKING, self.tokens.lower[n])

    def spoken(self, first: int, end: int, backwards: bool) -> int:
        """The first word of speaking that is no pronoun, or the last; -1 without one."""
        step = -1 if backwards else 1
        n = end - 1 if backwards else first
        while first <= n < end:
            if 0 < self.speech(n) < PRONOUN:
                return n
            n += step
        return -1
