"""The English lexicon over the linear model's vocabulary: which words and pairs are cues of which topics."""

from __future__ import annotations

import numpy as np

from services.enrich.topics import lexicon


class Cues:
    """The cues of words and of pairs of words."""

    def __init__(self) -> None:
        self._lexicon = lexicon.Lexicon("en", lexicon.lines("en"))
        self._known: dict[str, np.ndarray | None] = {}

    def of(self, feature: str) -> np.ndarray | None:
        """The weights of a word or pair by topic; None where it is no cue."""
        if feature not in self._known:
            weights = np.zeros(lexicon.TOPICS, np.float32)
            for hit in self._lexicon.hits(feature):
                whole = hit.start == 0 and hit.end == len(feature)
                if bool(hit.cue.rest) == (" " in feature) and whole:
                    weights[hit.cue.topic] = max(weights[hit.cue.topic], hit.cue.weight)
            self._known[feature] = weights if weights.any() else None
        return self._known[feature]

    def say(self, bag: dict[str, float]) -> np.ndarray:
        """What the features of a text say of each topic; a bag has 1 + ln(count)."""
        said = np.zeros(lexicon.TOPICS, np.float32)
        for feature, damped in bag.items():
            if (weights := self.of(feature)) is not None:
                said += weights * np.log1p(np.exp(damped - 1))
        return said

    def arrays(self, features: list[str]) -> dict[str, np.ndarray]:
        """`cue_rows`: the row of `cue_weights` of each feature, 0 for none."""
        rows, weights = np.zeros(len(features), np.int16), [np.zeros(lexicon.TOPICS, np.float32)]
        for n, feature in enumerate(features):
            if (found := self.of(feature)) is not None:
                rows[n] = len(weights)
                weights.append(found)
        return {"cue_rows": rows, "cue_weights": np.array(weights, np.float16)}
