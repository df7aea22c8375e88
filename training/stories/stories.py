"""`python -m training.stories.stories DATA`: the coefficients by which two articles are told to be about one
event.

DATA/stories/ecb.jsonl has {"id", "title", "text", "story"} a line, where stories 1-a and 1-b are two events
of one kind; DATA/stories/tg_pairs.jsonl {"a": {"title", "text"}, "b", "same", "lang"}. Figures are of four
folds by kind of event and by first article: what is asked about was never trained on.
"""

from __future__ import annotations

import argparse
import json
import math
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from services.stories import rows, shingles, terms
from services.stories.frequencies import Frequencies
from services.stories.stories import COMPARED, LEAST, MERGED, OF_MANY
from training.stories.regression import fitted

_FOLDS, _RIDGE, _OF_PAIR = 4, 10.0, 20.0
"""`_OF_PAIR`: the weight of a pair of tg_pairs, of which there are few."""


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    folder = parser.parse_args().data / "stories"
    told = [json.loads(line) for line in (folder / "ecb.jsonl").open()]
    pairs = [json.loads(line) for line in (folder / "tg_pairs.jsonl").open()]
    ends = [{"lang": pair["lang"], **pair[side]} for pair in pairs for side in "ab"]
    of_told, of_ends = alike(told), alike(ends)
    kinds = np.array([int(row["story"].split("-")[0]) for row in told])
    folds = np.searchsorted(np.unique(kinds), kinds) % _FOLDS
    pair_folds = np.array([zlib.crc32(pair["a"]["title"].encode()) % _FOLDS for pair in pairs])
    x, y, members = _examples(told, kinds, of_told)
    x_pairs = np.array([of_ends[2 * n, 2 * n + 1] for n in range(len(pairs))])
    y_pairs = np.array([float(pair["same"]) for pair in pairs])

    def trained(left_out: int | None) -> tuple[np.ndarray, float]:
        of = (folds[members] != left_out).all(1)
        of_pair = pair_folds != left_out
        return fitted(
            np.r_[x[of], x_pairs[of_pair]], np.r_[y[of], y_pairs[of_pair]],
            np.r_[np.ones(of.sum()), np.full(of_pair.sum(), _OF_PAIR)], ridge=_RIDGE,
        )  # fmt: skip

    precision = recall = 0.0
    right: dict[str, list[bool]] = {}
    for fold in range(_FOLDS):
        c, constant = trained(fold)
        labels = clustered(np.clip(of_told @ c + constant, -6, 6))
        for n in np.flatnonzero(folds == fold):
            said, real = labels == labels[n], np.array([row["story"] == told[n]["story"] for row in told])
            precision += (said & real).sum() / said.sum() / len(told)
            recall += (said & real).sum() / real.sum() / len(told)
        languages = np.array([row["lang"] for row in ends])
        logits = np.where(languages[:, None] == languages, np.clip(of_ends @ c + constant, -6, 6), -9.0)
        labels = clustered(logits)
        for n in np.flatnonzero(pair_folds == fold):
            same = labels[2 * n] == labels[2 * n + 1]
            right.setdefault(pairs[n]["lang"], []).append(same == pairs[n]["same"])
    print(
        f"ecb, B-cubed: {precision:.3f} {recall:.3f} F1 {2 * precision * recall / (precision + recall):.3f}"
    )
    print({language: round(float(np.mean(answers)), 3) for language, answers in right.items()})
    c, constant = trained(None)
    print([round(float(value), 3) for value in [*c, constant]])


def alike(articles: list[dict[str, Any]]) -> np.ndarray:
    """The signals of each pair of articles."""
    frequencies, vectors = Frequencies(), rows.Rows()
    counted = [terms.count(shingles.read(row["title"] or ""), shingles.read(row["text"])) for row in articles]
    languages = [row.get("lang", "en") for row in articles]
    for found, language in zip(counted, languages, strict=True):
        terms.learn(found, frequencies, language)
    for found, language in zip(counted, languages, strict=True):
        terms.weigh(found, frequencies, language).put(vectors, vectors.take())
    n = len(articles)
    signals = np.zeros((n, n, rows.SIGNALS))
    for a in range(n):
        for b in range(a):
            vectors.alike(a, b)
            signals[a, b] = signals[b, a] = vectors.signals
    return signals


def _examples(
    told: list[dict[str, Any]], kinds: np.ndarray, signals: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Signals, labels and members of pairs: those of a story, of events of one kind, of articles that are
    somewhat alike, and of others one in twenty."""
    a, b = np.triu_indices(len(told), 1)
    same = np.array([told[i]["story"] == told[j]["story"] for i, j in zip(a, b, strict=True)])
    few = np.random.default_rng(0).random(len(a)) < 0.05
    kept = same | (kinds[a] == kinds[b]) | (signals[a, b, 0] > 0.08) | few
    a, b = a[kept], b[kept]
    return signals[a, b], same[kept].astype(float), np.stack([a, b], 1)


def clustered(logits: np.ndarray) -> np.ndarray:
    """The story of each article in a single pass, as services/stories/stories.py has it."""

    def link(ours: list[int], theirs: list[int]) -> float:
        group = logits[np.ix_(ours[-COMPARED:], theirs[-COMPARED:])]
        return float(group.mean() + OF_MANY * math.log(min(COMPARED, group.size)))

    stories: list[list[int]] = []
    for article in range(len(logits)):
        scores = {n: link([article], story) for n, story in enumerate(stories) if story}
        scores = {n: score for n, score in scores.items() if score > LEAST}
        if not scores:
            stories.append([article])
            continue
        best = max(scores, key=lambda n: scores[n])
        stories[best].append(article)
        for other in scores:
            if other != best and link(stories[best], stories[other]) > LEAST + MERGED:
                stories[best] += stories[other]
                stories[other] = []
    labels = np.zeros(len(logits), int)
    for n, story in enumerate(stories):
        labels[story] = n
    return labels


if __name__ == "__main__":
    main()
