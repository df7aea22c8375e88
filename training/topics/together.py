"""Fits how the opinions on a text are made one (`services/enrich/topics/together.py`): a softmax regression
over the logarithms of the models' probabilities and the evidence of the lexicons' cues.

The cues' part is one weight for all topics, one matrix of small corrections (what one topic's cues say of
another), and a bias, all shared by the languages: most of what is labelled is English and German, and the
lexicons are made alike so that this carries over. A text with several acceptable topics has each as a part of
its target.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize

TOPICS = 17
_SHRINK_CUES, _SHRINK_BIAS = 10.0, 2.0
_BALANCE = 0.5


class Case:
    """A text: the evidence of its cues, the models' probabilities, its topics (0 to 16, best first), those
    acceptable besides, its weight, and the site it is from."""

    __slots__ = ("also", "evidence", "opinions", "site", "topics", "weight")

    def __init__(
        self, evidence: np.ndarray, opinions: list[np.ndarray], topics: list[int], also: list[int],
        site: str, weight: float = 1.0,
    ) -> None:  # fmt: skip
        self.evidence, self.opinions, self.topics, self.also = evidence, opinions, topics, also
        self.site, self.weight = site, weight


def target(case: Case) -> np.ndarray:
    """The share of each topic: 1 for the first, less for a second, least for one that is acceptable."""
    share = np.zeros(TOPICS)
    share[case.topics[0]] = 1.0
    for topic in case.topics[1:]:
        share[topic] += 0.4
    for topic in case.also[:2]:
        share[topic] += 0.15
    return share / share.sum()


def fit(cases: list[Case]) -> dict[str, np.ndarray]:
    """{"opinions", "cues", "bias"}: the arrays of a stack."""
    evidence = np.array([case.evidence for case in cases], float)
    opinions = np.log(np.array([case.opinions for case in cases], float) + 1e-4)
    opinions = opinions.reshape(len(cases), -1, TOPICS)
    want = np.array([target(case) for case in cases])
    weight = np.array([case.weight for case in cases])
    seen = np.maximum(want.T @ weight, 1.0)
    weight = weight * ((seen.sum() / TOPICS / seen) ** _BALANCE)[want.argmax(1)]
    models = opinions.shape[1]

    def parts(x: np.ndarray) -> tuple[np.ndarray, float, np.ndarray, np.ndarray]:
        return (
            x[:models],
            x[models],
            x[models + 1 : models + 1 + TOPICS],
            x[models + 1 + TOPICS :].reshape(TOPICS, TOPICS),
        )

    def loss(x: np.ndarray) -> tuple[float, np.ndarray]:
        each, own, bias, corrections = parts(x)
        margins = np.einsum("m,nmt->nt", each, opinions) + own * evidence + bias + evidence @ corrections
        margins -= margins.max(1, keepdims=True)
        logs = margins - np.log(np.exp(margins).sum(1, keepdims=True))
        error = weight[:, None] * (np.exp(logs) - want)
        gradient = np.concatenate([
            np.einsum("nt,nmt->m", error, opinions), [(error * evidence).sum()],
            error.sum(0) + 2 * _SHRINK_BIAS * bias,
            (evidence.T @ error + 2 * _SHRINK_CUES * corrections).ravel(),
        ])  # fmt: skip
        total = -(weight[:, None] * want * logs).sum()
        return total + _SHRINK_BIAS * (bias**2).sum() + _SHRINK_CUES * (corrections**2).sum(), gradient

    start = np.zeros(models + 1 + TOPICS + TOPICS**2)
    start[:models], start[models] = 0.5, 1.0
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 200}).x
    each, own, bias, corrections = parts(found)
    return {
        "opinions": each.astype(np.float32),
        "cues": (np.eye(TOPICS) * own + corrections).astype(np.float32),
        "bias": bias.astype(np.float32),
    }
