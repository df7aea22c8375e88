# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""Recogniser of names: people, organisations, places and other names of a text, with offsets.

A linear-chain conditional random field (Lafferty and others, 2001) over the words of candidates; its weights
are learned in training/names.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from msgspec import Struct

from services.enrich.names.alphabet import BITS
from services.enrich.names.decoder import LABELS, Decoder, packed
from services.enrich.names.features import Candidates
from services.enrich.names.lexicon import CLUSTERED, Lexicon
from services.enrich.names.tokens import Tokens

DATA = Path(__file__).with_name("data")
CHECKED = frozenset({"en", "de"})
"""Languages in which names are tagged; in others the recogniser is silent."""
STEP = 8
"""Margins are as whole numbers as the weights; those of as many have one probability."""
_ELIDED = frozenset({"fr", "it", "ca"})
_KINDS = [label.partition("-")[2] for label in LABELS]
_OPENS = [label[0] in "BU" for label in LABELS]


class Span(Struct, frozen=True):
    """A name where it stands: offsets in characters, PER, ORG, LOC or MISC; its words' numbers; a probability
    that it is right."""

    start: int
    end: int
    label: str
    first: int
    last: int
    score: float = 0.0


class Recogniser:
    """Finds names; loads its lexicon and weights once. `version` names them."""

    def __init__(self, data: Path = DATA) -> None:
        self.lexicon = Lexicon.load(data / "lexicon.npz")
        with np.load(data / "model.npz") as kept:
            self.version = str(kept["version"])
            self._scores: list[float] = kept["scores"].tolist()
            self._decoders = {language: decoder_of(kept, language) for language in kept["languages"].tolist()}

    def read(self, text: str, language: str | None) -> Candidates | None:
        """The candidates of a text; None in a language that is not tagged."""
        if language not in CHECKED:
            return None
        own = CLUSTERED.index(language) if language in self._decoders else -1
        return Candidates(Tokens(text, language in _ELIDED), self.lexicon, own)

    def find(self, text: str, language: str | None) -> list[Span]:
        """The names of a text, in order; none in a language that is not tagged."""
        candidates = self.read(text, language)
        return self.named(candidates, language) if candidates is not None else []

    def named(self, candidates: Candidates, language: str | None) -> list[Span]:
        """The names among candidates, in order."""
        if not candidates.count:
            return []
        decoder = self._decoders[language if language in self._decoders else "any"]
        return spans_of(candidates, *decoder.decode(candidates), self._scores)


def spans_of(candidates: Candidates, labels: Any, margins: Any, scores: Sequence[float]) -> list[Span]:
    """The names that labels of candidates' words tell. `scores`: the probability for each margin, in steps of
    STEP."""
    found: list[Span] = []
    tokens, at = candidates.tokens, 0
    most = len(scores) - 1
    for c in range(candidates.count):
        n, last = candidates.first[c], candidates.last[c]
        while n <= last:
            label = labels[at]
            if not label:
                n += 1
                at += 1
                continue
            first, least = n, margins[at]
            n += 1
            at += 1
            while n <= last and (following := labels[at]) and not _OPENS[following]:
                least = min(least, margins[at])
                n += 1
                at += 1
            score = scores[min(max(least // STEP, 0), most)]
            found.append(Span(tokens.start[first], tokens.end[n - 1], _KINDS[label], first, n - 1, score))
    return found


def decoder_of(kept: Any, language: str) -> Decoder:
    """The decoder of a language, from the arrays of a model's file."""
    states = packed(kept[f"{language}_rows"], kept[f"{language}_weights"], 1 << BITS)
    return Decoder(states, kept[f"{language}_steps"])
