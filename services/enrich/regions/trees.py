"""Boosted trees as arrays: what a model trained elsewhere needs to answer, with numpy alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Trees:
    """A sum of complete binary trees. Arrays are (trees, nodes): a node's children are 2n+1 and 2n+2, the last level is leaves.

    A row goes right where its feature is above the node's threshold; rows are (rows, features), the answer log-odds.
    """

    def __init__(self, feature: NDArray[np.uint8], threshold: NDArray[np.float32], leaf: NDArray[np.float32], base: float) -> None:
        count, nodes = feature.shape
        self.depth = nodes.bit_length()
        self._feature = feature.astype(np.intp).ravel()
        self._threshold = threshold.ravel()
        self._leaf = leaf.ravel()
        self._node_base = np.arange(count, dtype=np.intp) * nodes
        self._leaf_base = np.arange(count, dtype=np.intp) * (nodes + 1)
        self._nodes, self._base = nodes, base

    def log_odds(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """One number a row."""
        width = rows.shape[1]
        flat = rows.ravel()
        row_base = (np.arange(len(rows), dtype=np.intp) * width)[:, None]
        at = np.zeros((len(rows), len(self._node_base)), np.intp)
        for _ in range(self.depth):
            node = at + self._node_base
            at = 2 * at + 1 + (flat[self._feature[node] + row_base] > self._threshold[node])
        leaves = self._leaf[at - self._nodes + self._leaf_base]
        return np.asarray(leaves.sum(axis=1) + self._base, np.float32)


def probability(log_odds: NDArray[np.float32]) -> NDArray[np.float32]:
    """The logistic function."""
    return np.asarray(1.0 / (1.0 + np.exp(-log_odds)), np.float32)
