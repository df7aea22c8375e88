"""How far an article's words lean to articles about no country: recipes, reviews, horoscopes, advice; against
reports of governments, police and courts.

For English a linear model over the words that it has in small letters, learned from labelled articles; for
other languages by the words of leanings.tsv, each of one weight.
"""

from __future__ import annotations

import gzip
from math import sqrt
from pathlib import Path

import msgspec

from services.enrich.regions.countries import DATA
from services.enrich.regions.spans import Tokens
from services.runtime.compiled import compiled

_compiled = compiled("services.enrich.regions")

_LEAST = 20  # words that a text counts as having at least, so that few say little
_EACH = 2.5  # of a word of the table, as much as a telling word of English
_WITHIN_WORDS = frozenset("ja zh th ko".split())


class Leaning:
    """The words with their weights, by language."""

    def __init__(self) -> None:
        learned = msgspec.json.decode(gzip.decompress((DATA / "leaning.json.gz").read_bytes()))
        self._bias: float = learned["bias"]
        self._weights: dict[str, dict[str, float]] = {"en": learned["weights"]}
        for line in Path(__file__).with_name("leanings.tsv").read_text(encoding="utf-8").splitlines():
            if not line.startswith("#"):
                language, nowhere, somewhere = line.split("\t")
                self._weights[language] = dict.fromkeys(nowhere.split(), _EACH) | dict.fromkeys(
                    somewhere.split(), -_EACH
                )
        self._compiled = (
            {language: _compiled.Weights(weights) for language, weights in self._weights.items()}
            if _compiled
            else {}
        )

    def of(self, tokens: Tokens, language: str | None) -> float:
        """Above nought where the words lean to no country; nought for a language without a list."""
        weights = self._weights.get(language or "")
        if weights is None:
            return 0.0
        if language in _WITHIN_WORDS:
            found = [weight for word, weight in weights.items() if word in tokens.text]
            hits, total = len(found), sum(found)
        elif _compiled:
            hits, total = self._compiled[language or ""].sum(tokens)
        else:
            found = [weights[word] for word in set(tokens.words) if word in weights]
            hits, total = len(found), sum(found)
        if not hits:
            return 0.0
        bias = self._bias if language == "en" else 0.0
        return bias + total / sqrt(max(hits, _LEAST))
