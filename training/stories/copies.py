"""`python -m training.stories.copies DATA`: the weights by which a pair of texts is told to be a copy.

DATA/copies/copies.jsonl has {"id", "text", "lang", "kind", "group", "also"} a line: articles of one "group"
are one text. Pairs with four shingles in common are the examples. Figures are of folds by text, and for
templates by language: what is asked about was never trained on.
"""

from __future__ import annotations

import argparse
import json
import zlib
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from services.stories.comparison import SIGNALS, signals
from services.stories.shingles import read
from training.stories.regression import fitted

_FOLDS, _RIDGE, _LEAST_SHARED, _LEAST_SHARE = 5, 1.0, 4, 0.05


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    rows = [json.loads(line) for line in (parser.parse_args().data / "copies/copies.jsonl").open()]
    x, y, folds = examples(rows)
    told = np.zeros(len(y))
    for fold in range(_FOLDS):
        held = folds == fold
        c, constant = fitted(x[~held], y[~held], np.ones((~held).sum()), ridge=_RIDGE)
        told[held] = 1 / (1 + np.exp(-(x[held] @ c + constant)))
    for least in (0.5, 0.7, 0.9):
        wrong, missed = ((told > least) & (y == 0)).sum(), ((told <= least) & (y == 1)).sum()
        apart, one = int((y == 0).sum()), int(y.sum())
        print(f"at {least}: {wrong} of {apart} taken for copies, {missed} of {one} missed")
    c, constant = fitted(x, y, np.ones(len(y)), ridge=_RIDGE)
    print({name: round(float(value), 2) for name, value in zip(SIGNALS, c, strict=True)}, round(constant, 2))


def examples(rows: list[dict[str, Any]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Signals, labels and folds of the pairs."""
    texts = [read(row["text"]) for row in rows]
    holders: defaultdict[int, list[int]] = defaultdict(list)
    shared: Counter[tuple[int, int]] = Counter()
    for number, text in enumerate(texts):
        for shingle in set(text.shingles):
            shared.update((number, other) for other in holders[shingle][:200])
            holders[shingle].append(number)
    x, y, folds = [], [], []
    for (a, b), n in shared.items():
        if n < _LEAST_SHARED:
            continue
        found = signals(texts[a], texts[b])
        if found is None or found["share"] < _LEAST_SHARE:
            continue
        x.append([found[name] for name in SIGNALS])
        y.append(float(bool(_sources(rows[a]) & _sources(rows[b]))))
        folds.append(_fold(rows[a]))
    return np.array(x), np.array(y), np.array(folds)


def _sources(row: dict[str, Any]) -> set[str]:
    return {row["group"], *row.get("also", [])} - {None}


def _fold(row: dict[str, Any]) -> int:
    key = row["group"] or (row["lang"] if row["kind"] == "templated" else row["title"])
    return zlib.crc32(str(key).encode()) % _FOLDS


if __name__ == "__main__":
    main()
