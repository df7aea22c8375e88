"""Boosted trees as arrays: what a model trained elsewhere needs to answer, with numpy alone."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from services.runtime.compiled import compiled

_compiled = compiled("services.enrich.regions")


class Trees:
    """A sum of complete binary trees. Arrays are (trees, nodes): a node's children are 2n+1 and 2n+2, the
    last level is leaves.

    A row goes right where its feature is above the node's threshold; rows are (rows, features), the answer
    log-odds.
    """

    def __init__(
        self,
        feature: NDArray[np.uint8],
        threshold: NDArray[np.float32],
        leaf: NDArray[np.float32],
        base: float,
    ) -> None:
        count, nodes = feature.shape
        levels = [slice(2**d - 1, 2 ** (d + 1) - 1) for d in range(nodes.bit_length())]
        self._feature = [np.ascontiguousarray(feature[:, level]).astype(np.intp).ravel() for level in levels]
        self._threshold = [np.ascontiguousarray(threshold[:, level]).ravel() for level in levels]
        self._first = [np.arange(count, dtype=np.intp) * 2**d for d in range(len(levels) + 1)]
        self._leaf = leaf.ravel()
        self._base = base
        self._whole = (
            np.ascontiguousarray(feature, np.uint8),
            np.ascontiguousarray(threshold, np.float32),
            np.ascontiguousarray(leaf, np.float32),
        )

    def log_odds(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """One number a row."""
        if _compiled:
            return _compiled.walk_trees(rows, *self._whole, self._base)  # type: ignore[no-any-return]
        return self.plain_log_odds(rows)

    def plain_log_odds(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """The same with numpy alone."""
        flat = rows.ravel()
        row = (np.arange(len(rows), dtype=np.intp) * rows.shape[1])[:, None]
        at = (rows[:, self._feature[0]] > self._threshold[0]).astype(np.intp)
        for feature, threshold, first in zip(
            self._feature[1:], self._threshold[1:], self._first[1:], strict=False
        ):
            node = at + first
            at = 2 * at + (flat.take(feature.take(node) + row) > threshold.take(node))
        return np.asarray(
            self._leaf.take(at + self._first[-1]).sum(axis=1, dtype=np.float64) + self._base, np.float32
        )


def probability(log_odds: NDArray[np.float32]) -> NDArray[np.float32]:
    """The logistic function."""
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)), np.float32)


def probabilities(trees: Trees, rows: Sequence[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    """By article, what a model says of its rows, of which all go through it together."""
    if not rows:
        return []
    ends = list(accumulate(map(len, rows)))
    said = probability(trees.log_odds(np.concatenate(rows)))
    return [said[start:end] for start, end in pairwise([0, *ends])]
