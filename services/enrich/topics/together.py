"""Stacking: one probability for each topic from several opinions (models, and the cues of a lexicon).

Wolpert, "Stacked generalization", Neural Networks 1992. Fitted by `training/topics/together.py` on full
articles labelled by hand, so that what mixes topics up in one language is put right in all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from services.enrich.topics.taxonomy import DATA

FILE = DATA / "together.npz"
Array = NDArray[np.float32]
_LEAST_SAID = 0.3  # what silence of the cues counts as
_LEAST_CHANCE = 1e-4


def cue_evidence(said: Sequence[float] | Array) -> Array:
    """What cues say of each topic, on a scale of logarithms: 0 where they are silent."""
    return np.asarray(np.log1p(np.asarray(said, np.float32) / np.float32(_LEAST_SAID)), np.float32)


class StackedModel:
    """The weights for one set of opinions: `opinions` one a model, `cues` (topics, topics), `bias`
    (topics)."""

    def __init__(self, kept: Mapping[str, np.ndarray], kind: str) -> None:
        self._opinions = [float(weight) for weight in kept[f"{kind}_opinions"]]
        self._cues: Array = kept[f"{kind}_cues"]
        self._bias: Array = kept[f"{kind}_bias"]

    @classmethod
    def shipped(cls, *kinds: str) -> list[StackedModel]:
        """The stacks in the package, by kind."""
        with np.load(FILE) as kept:
            return [cls(kept, kind) for kind in kinds]

    def of(self, evidence: Array, *opinions: NDArray[np.floating]) -> Array:
        """Probabilities, one a topic; `evidence` is that of the cues."""
        margins = self._bias + evidence @ self._cues
        for weight, chances in zip(self._opinions, opinions, strict=True):
            margins = margins + weight * np.log(chances + _LEAST_CHANCE)
        found = np.exp(margins - margins.max())
        return np.asarray(found / found.sum(), np.float32)
