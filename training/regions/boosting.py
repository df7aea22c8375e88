"""Fitting boosted trees with scikit-learn and writing them as the arrays that the shipped evaluator reads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

from services.enrich.regions.trees import Trees

DEPTH = 4


def fit(
    rows: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray | None = None,
    *,
    trees: int = 200,
    rate: float = 0.07,
    features: float = 0.4,
    seed: int = 0,
) -> dict[str, np.ndarray]:
    """A model of rows (n, features) and true or false, as arrays; rows of weight nought are left out."""
    if weights is not None:
        rows, labels, weights = rows[weights > 0], labels[weights > 0], weights[weights > 0]
    model = HistGradientBoostingClassifier(
        max_iter=trees, max_depth=DEPTH, max_leaf_nodes=2**DEPTH, learning_rate=rate, l2_regularization=1.0,
        min_samples_leaf=20,
        max_features=features, early_stopping=False, random_state=seed,
    ).fit(rows, labels, sample_weight=weights)  # fmt: skip
    return _arrays(model)


def averaged(models: Sequence[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """One model that answers with the mean of these, which differ by their seeds: less of it is chance."""
    return {
        "feature": np.concatenate([m["feature"] for m in models]),
        "threshold": np.concatenate([m["threshold"] for m in models]),
        "leaf": np.concatenate([m["leaf"] for m in models]) / np.float32(len(models)),
        "base": np.float32(np.mean([m["base"] for m in models])),
    }


def load(arrays: dict[str, np.ndarray]) -> Trees:
    """The arrays as the evaluator that ships."""
    return Trees(arrays["feature"], arrays["threshold"], arrays["leaf"], float(arrays["base"]))


def save(arrays: dict[str, np.ndarray], path: Path) -> None:
    """Write them; the same bytes on every run."""
    from training.regions.build import save_arrays

    save_arrays(path, **arrays)


def _arrays(model: HistGradientBoostingClassifier) -> dict[str, np.ndarray]:
    count, inner = len(model._predictors), 2**DEPTH - 1
    feature = np.zeros((count, inner), np.uint8)
    threshold = np.full((count, inner), np.inf, np.float32)
    leaf = np.zeros((count, inner + 1), np.float32)
    for t, (predictor,) in enumerate(model._predictors):
        _fill(predictor.nodes, 0, 0, 0, feature[t], threshold[t], leaf[t])
    return {
        "feature": feature,
        "threshold": threshold,
        "leaf": leaf,
        "base": np.float32(model._baseline_prediction[0, 0]),
    }


def _fill(
    nodes: np.ndarray,
    n: int,
    at: int,
    depth: int,
    feature: np.ndarray,
    threshold: np.ndarray,
    leaf: np.ndarray,
) -> None:
    """Lay node `n` at place `at`; a leaf above the last level is reached by going left all the way down."""
    node = nodes[n]
    if node["is_leaf"]:
        first = at
        for _ in range(DEPTH - depth):
            first = 2 * first + 1
        leaf[first - len(feature)] = node["value"]
        return
    feature[at] = node["feature_idx"]
    bound = np.float32(node["num_threshold"])
    threshold[at] = bound if bound <= node["num_threshold"] else np.nextafter(bound, np.float32(-np.inf))
    _fill(nodes, node["left"], 2 * at + 1, depth + 1, feature, threshold, leaf)
    _fill(nodes, node["right"], 2 * at + 2, depth + 1, feature, threshold, leaf)
