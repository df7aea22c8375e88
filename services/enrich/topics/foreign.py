"""Level-1 topics in languages other than English: by the multilingual table, a lexicon, or both."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from msgspec import Struct

from services.enrich.topics import lexicon
from services.enrich.topics.multilingual import LANGUAGES, MultilingualTable
from services.enrich.topics.together import StackedModel, cue_evidence

_LEAST_CUES = 2  # different cues without which a lexicon that speaks alone is silent


class Said(Struct, frozen=True, eq=False):
    """What is found in a text: probabilities by topic, and the offsets of the words that spoke for each,
    the weightiest first."""

    probabilities: np.ndarray
    spans: Callable[[int], Iterable[tuple[int, int]]]


class Foreign:
    """The table, and the lexicons, all loaded once."""

    def __init__(self, manifest: dict[str, Any]) -> None:
        self._table = MultilingualTable(manifest)
        self._lexicons = lexicon.load_all()
        self._with_table, self._alone = StackedModel.shipped("table", "alone")

    @property
    def languages(self) -> frozenset[str]:
        """Languages that have the table or a lexicon."""
        return LANGUAGES | self._lexicons.keys()

    def read(self, title: str, text: str, language: str) -> Said | None:
        """What the text says; None where it has too few cues and the table does not know its language."""
        words = self._lexicons.get(language)
        if words is None:
            return self._by_table(title, text) if language in LANGUAGES else None
        said, hits = lexicon.scores(words, title, text)
        evidence = cue_evidence(said)
        if language not in LANGUAGES:
            if len({hit.cue.number for hit in lexicon.both(words, title, hits)}) < _LEAST_CUES:
                return None
            return Said(self._alone.of(evidence), lambda topic: _spans(hits, topic))
        table = self._table.read(title, text)
        chances = self._with_table.of(evidence, table[0])
        return Said(chances, lambda topic: _spans(hits, topic) or table_spans(table, topic))

    def _by_table(self, title: str, text: str) -> Said:
        table = self._table.read(title, text)
        return Said(table[0], lambda topic: table_spans(table, topic))


def _spans(hits: list[lexicon.CueHit], topic: int) -> list[tuple[int, int]]:
    """The offsets of a topic's cues, each cue once: the strong ones first, then those that stand first."""
    first: dict[int, lexicon.CueHit] = {}
    for hit in hits:
        if hit.cue.topic == topic:
            first.setdefault(hit.cue.number, hit)
    ranked = sorted(first.values(), key=lambda hit: (-hit.cue.weight, hit.start))
    return [(hit.start, hit.end) for hit in ranked]


def table_spans(
    table: tuple[np.ndarray, np.ndarray, Callable[[int], tuple[int, int] | None]], topic: int
) -> list[tuple[int, int]]:
    """The offsets of the pieces that spoke most for a topic."""
    _, contributions, where = table
    own = contributions[:, topic] - contributions.mean(1)
    found = []
    for row in np.argsort(-own, kind="stable")[:20].tolist():
        span = where(row) if own[row] > 0 else None
        if span:
            found.append(span)
    return found
