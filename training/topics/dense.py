"""Two small networks over the mean of a text's piece vectors, for English: what words alone miss, their kin may tell.

The vectors are the multilingual table's, projected to 256 dimensions (PCA over training texts), kept for the pieces that
English news uses, in eight bits a number.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from sklearn.decomposition import PCA
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

DIMENSIONS, HIDDEN, EPOCHS, NETWORKS = 256, 512, 10, 2
LEAST_SEEN = 2


def build(matrix: Any, vectors: np.ndarray, target: np.ndarray) -> dict[str, np.ndarray]:
    """The arrays that `services.enrich.topics.dense` reads. `matrix` is (texts, pieces) of mean weights, `vectors` (pieces, any)."""
    seen = Counter(matrix.indices.tolist())
    pieces = np.array(sorted(p for p, n in seen.items() if n >= LEAST_SEEN), np.int32)
    with threadpool_limits(1):  # sums in one order: the same bytes on every run
        means = matrix @ vectors
        centre = means.mean(0)
        axes = PCA(DIMENSIONS, random_state=0).fit(means[::5] - centre).components_.T
        spread = float(((means - centre) @ axes).std())
        projected = ((vectors[pieces] - centre) @ axes / spread).astype(np.float32)
        scale = (np.abs(projected).max(0) / 127).astype(np.float32)
        kept = np.clip(np.round(projected / scale), -127, 127).astype(np.int8)
        chosen = matrix[:, pieces]
        mass = np.maximum(np.asarray(chosen.sum(1)), 1e-9)
        rows = (chosen @ (kept.astype(np.float32) * scale)) / mass
        networks = [
            MLPClassifier(
                (HIDDEN,), max_iter=EPOCHS, alpha=1e-3, batch_size=256, learning_rate_init=7e-4, random_state=seed
            ).fit(rows, target)
            for seed in range(NETWORKS)
        ]
    out: dict[str, np.ndarray] = {"vectors": kept, "scale": scale, "pieces": pieces}
    for n, network in enumerate(networks):
        for part, array in zip(
            ("hidden", "out", "hidden_bias", "out_bias"), (*network.coefs_, *network.intercepts_), strict=True
        ):
            out[f"{part}{n}"] = array.astype(np.float16)
    return out
