"""Logistic regression with a ridge, by Newton's method."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F = NDArray[np.float64]


def fitted(signals: F, labels: F, weights: F, *, ridge: float) -> tuple[F, float]:
    """Coefficients and constant of the raw signals; the ridge is on signals of mean 0 and deviation 1."""
    mean, deviation = signals.mean(0), signals.std(0) + 1e-6
    x = np.c_[(signals - mean) / deviation, np.ones(len(signals))]
    penalty = np.full(x.shape[1], ridge)
    penalty[-1] = 1e-6
    c = np.zeros(x.shape[1])
    for _ in range(60):
        p = 1 / (1 + np.exp(-np.clip(x @ c, -35, 35)))
        slope = x.T @ (weights * (p - labels)) + penalty * c
        curve = (x * (weights * p * (1 - p))[:, None]).T @ x + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        c -= step * min(1.0, 5.0 / np.abs(step).max())
        if np.abs(step).max() < 1e-6:
            break
    raw = c[:-1] / deviation
    return raw, float(c[-1] - (raw * mean).sum())
