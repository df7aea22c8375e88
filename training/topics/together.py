"""Fits how the opinions on a text are made one (`services/enrich/topics/together.py`): a softmax regression
over the logarithms of the models' probabilities and the evidence of the lexicons' cues.

The cues' part is one weight for all topics, one matrix of small corrections (what one topic's cues say of
another), and a bias, all shared by the languages: most of what is labelled is English and German, and the
lexicons are made alike so that this carries over. A text with several acceptable topics has each as a part of
its target.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct
from scipy.optimize import minimize

from services.enrich.topics.together import StackedModel

TOPICS = 17
_SHRINK_CUES, _SHRINK_BIAS = 10.0, 2.0
_BALANCE = 0.5


class Opinions:
    """Probabilities (texts, labels) by each model, and the features of the texts."""

    def __init__(self, models: list[np.ndarray], bags: Sequence[dict[str, float]]) -> None:
        self.models, self.bags = models, bags


class Case(Struct, frozen=True, eq=False):
    """A text: the evidence of its cues, the models' probabilities, its topics (0 to 16, best first), those
    acceptable besides, the part that it is left out with, and its weight."""

    evidence: np.ndarray
    opinions: list[np.ndarray]
    topics: list[int]
    also: list[int]
    fold: int
    weight: float = 1.0


def target(case: Case) -> np.ndarray:
    """The share of each topic: 1 for the first, less for a second, least for one that is acceptable."""
    share = np.zeros(TOPICS)
    share[case.topics[0]] = 1.0
    for topic in case.topics[1:]:
        share[topic] += 0.4
    for topic in case.also[:2]:
        share[topic] += 0.15
    return share / share.sum()


def fit(cases: Sequence[Case], balance: float = _BALANCE) -> dict[str, np.ndarray]:
    """{"opinions", "cues", "bias"}: the arrays of a stack."""
    evidence = np.array([case.evidence for case in cases], float)
    opinions = np.log(np.array([case.opinions for case in cases], float) + 1e-4)
    opinions = opinions.reshape(len(cases), -1, TOPICS)
    want = np.array([target(case) for case in cases])
    weight = np.array([case.weight for case in cases])
    seen = np.maximum(want.T @ weight, 1.0)
    weight = weight * ((seen.sum() / TOPICS / seen) ** balance)[want.argmax(1)]
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


def left_out(cases: Sequence[Case], balance: float = _BALANCE) -> np.ndarray:
    """Probabilities (texts, topics) of each by a stack fitted on the other parts."""
    found = np.zeros((len(cases), TOPICS))
    for fold in sorted({case.fold for case in cases}):
        kept = fit([case for case in cases if case.fold != fold], balance)
        stack = StackedModel({f"_{name}": array for name, array in kept.items()}, "")
        for n, case in enumerate(cases):
            if case.fold == fold:
                found[n] = stack.of(case.evidence, *case.opinions)
    return found


def figures(cases: Sequence[Case], found: np.ndarray) -> dict[str, float]:
    """Shares of the texts whose best topic is the first or second label, or acceptable; of the surer half."""
    best = found.argmax(1)
    strict = np.array([topic in case.topics for topic, case in zip(best, cases, strict=True)])
    accepted = strict | np.array([topic in case.also for topic, case in zip(best, cases, strict=True)])
    half = np.argsort(-found.max(1), kind="stable")[: len(cases) // 2]
    shares = {"strict": strict, "accepted": accepted, "surer_half": accepted[half]}
    return {"texts": len(cases)} | {name: round(float(hits.mean()), 4) for name, hits in shares.items()}
