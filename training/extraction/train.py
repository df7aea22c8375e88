"""`python -m training.extraction.train DATA`: trains `services/ingest/extract/data/block_scores.json`.

DATA holds NAME.jsonl.gz of `SETS`, as the benchmark reads them. Prints the figures with whole sites left out,
then trains on all. Needs numpy and lightgbm.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import defaultdict
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np

from services.ingest.extract.columns import NAMES
from services.ingest.extract.scoring import WEIGHTS
from training.extraction.made_up import MadeUp, Story
from training.extraction.rows import (
    CLASSES,
    FOLDS,
    Rows,
    cut_short,
    language_of,
    mean_f1,
    pages_of,
    rows_of,
    site_of,
)  # fmt: skip

SETS = ("wcxb_dev", "naeb", "fundus_tests", "readability", "waddle")
STORIES = ("wcxb_dev", "naeb", "fundus_tests", "waddle")  # whose articles are set into made-up pages
MADE_UP = 3500  # pages
MADE_UP_WEIGHT = 0.3
FIRST, SECOND = (80, 20), (30, 12)  # trees, leaves
EARLY, ENOUGH = 30, 2.0  # after so many trees of the first round a score beyond this one is left
COLUMN = {name: n for n, name in enumerate(NAMES)}
_SCORES = COLUMN["score"]
_NO_SCORE = -6.0
_SPAN = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    options = parser.parse_args()
    pages = real_pages(options.data) + made_up_pages(options.data)
    doubtful = {id(p) for p in pages if p.of != "made_up" and cut_short(p, trusted(p))}
    print(len(pages), "pages,", len(doubtful), "not trained on", flush=True)
    first = {}
    for fold in range(FOLDS):
        train = [p for p in pages if p.fold != fold and id(p) not in doubtful]
        model, lexicon = first_round(train)
        for page in pages:
            if page.fold == fold:
                use_lexicon([page], lexicon)
                first[id(page)] = raw(model, page.evidence)
    print("first round", mean_f1(pages, [first[id(p)] > 0 for p in pages]), flush=True)
    for page in pages:
        add_scores(page, first[id(page)])
    second = {}
    for fold in range(FOLDS):
        model = grow([p for p in pages if p.fold != fold and id(p) not in doubtful], SECOND)
        second |= {id(p): model.predict(p.evidence, raw_score=True) for p in pages if p.fold == fold}
    print("both rounds", mean_f1(pages, [second[id(p)] > 0 for p in pages]), flush=True)
    everything = [p for p in pages if id(p) not in doubtful]
    last = grow(everything, SECOND)
    for page in pages:
        page.evidence[:, _SCORES:] = 0
    model, lexicon = first_round(everything)
    stored = {"names": NAMES, "early": EARLY, "enough": ENOUGH, "first": flat(model), "second": flat(last)}
    stored["lexicon"] = [round(float(weight), 2) for weight in lexicon]
    options.out.write_text(json.dumps(stored, separators=(",", ":")), encoding="ascii")


def real_pages(data: Path) -> list[Rows]:
    found = []
    for of in SETS:
        for page in pages_of(data / f"{of}.jsonl.gz"):
            rows = rows_of(page["html"], page["url"], page["body"], of, site_of(page["url"]))
            found += [rows] if rows else []
    return found


def made_up_pages(data: Path, seed: int = 23) -> list[Rows]:
    """Pages made of the sets' articles; the other stories on one are of sites in the same fold."""
    rng = random.Random(seed)
    pools: dict[int, list[tuple[str, Story]]] = defaultdict(list)
    for of in STORIES:
        for page in pages_of(data / f"{of}.jsonl.gz"):
            paragraphs = [p.strip() for p in page["body"].split("\n") if len(p.strip()) >= 60]
            if len(paragraphs) >= 4 and page.get("title"):
                site = site_of(page["url"])
                fold = Rows(of, site, "", [], [], np.empty(0), np.empty(0), np.empty(0)).fold
                pools[fold].append((site, Story(page["title"], paragraphs[:14], language_of(page))))
    found = []
    for n in range(MADE_UP):
        pool = pools[rng.randrange(FOLDS)]
        site, story = rng.choice(pool)
        if rng.random() < 0.5:  # as many in other languages as in English
            others = [one for one in rng.sample(pool, min(30, len(pool))) if one[1].language != "en"]
            site, story = rng.choice(others) if others else (site, story)
        beside = [one for _, one in pool if one.language == story.language and one is not story]
        if len(beside) <= 3:
            beside = [one for _, one in pool if one is not story]
        shortened = Story(story.title, story.paragraphs[: rng.randint(4, 14)], story.language)
        page = MadeUp(random.Random(rng.random()), shortened, rng.sample(beside, min(24, len(beside))))
        html = page.html()
        url = f"https://s{n}.example/news/a-story-{n}"
        rows = rows_of(html, url, "\n\n".join(page.gold), "made_up", site, MADE_UP_WEIGHT)
        found += [rows] if rows else []
    return found


def trusted(page: Rows) -> np.ndarray:
    """A plain guess at the article, by which texts that were cut short in their set are told: prose in the
    chosen container."""
    rows = page.evidence
    inside = (rows[:, COLUMN["inside"]] > 0) & (rows[:, COLUMN["worst"]] == 0)
    return inside & (rows[:, COLUMN["density"]] < 0.5) & (rows[:, COLUMN["units"]] < 3)


def first_round(train: list[Rows]) -> tuple[Any, np.ndarray]:
    """The first trees, and the lexicon of all; while they grow, each page's words are weighed by a lexicon of
    other sites' pages."""
    for part in range(3):
        use_lexicon(
            [p for p in train if third(p) == part], lexicon_of([p for p in train if third(p) != part])
        )
    return grow(train, FIRST), lexicon_of(train)


def third(page: Rows) -> int:
    return sum(page.site.encode()) % 3


def lexicon_of(pages: list[Rows]) -> np.ndarray:
    """Log-odds of each class of words in short blocks of articles against other short blocks."""
    inside, outside = np.zeros(CLASSES), np.zeros(CLASSES)
    density = COLUMN["density"]
    for page in pages:
        for n, classes in enumerate(page.classes):
            if classes and len(page.texts[n]) <= 320:
                words = np.unique(classes)
                if page.right[n]:
                    inside[words] += 1
                else:
                    outside[words] += 1 if page.evidence[n, density] <= 0.5 else 1 / 3
    odds = np.log((inside + 3) / inside.sum()) - np.log((outside + 3) / outside.sum())
    return np.clip(np.where(inside + outside < 6, 0, odds), -2.5, 2.5)


def use_lexicon(pages: list[Rows], lexicon: np.ndarray) -> None:
    for page in pages:
        for n, classes in enumerate(page.classes):
            total = float(lexicon[classes].sum()) if classes else 0.0
            page.evidence[n, COLUMN["lexicon"]] = total
            page.evidence[n, COLUMN["lexicon_mean"]] = total / max(1, len(classes))
        mean = page.evidence[:, COLUMN["lexicon_mean"]]
        page.evidence[1:, COLUMN["before_lexicon_mean"]] = mean[:-1]
        page.evidence[:-1, COLUMN["after_lexicon_mean"]] = mean[1:]


def grow(pages: list[Rows], size: tuple[int, int]) -> Any:
    trees, leaves = size
    rows = np.vstack([p.evidence for p in pages])
    right, weight = np.concatenate([p.right for p in pages]), np.concatenate([p.weight for p in pages])
    settings = {
        "objective": "binary", "learning_rate": 0.12, "num_leaves": leaves, "min_data_in_leaf": 30,
        "min_sum_hessian_in_leaf": 3, "lambda_l2": 5, "feature_fraction": 0.6, "bagging_fraction": 0.8,
        "bagging_freq": 1, "max_bin": 63, "num_threads": 1, "verbose": -1, "seed": 1,
    }  # fmt: skip
    return lightgbm.train(settings, lightgbm.Dataset(rows, right, weight=weight), trees)


def raw(model: Any, rows: np.ndarray) -> np.ndarray:
    """Scores of the first round, as `Trees.score` has them."""
    early = model.predict(rows, raw_score=True, num_iteration=EARLY)
    return np.where(np.abs(early) > ENOUGH, early, model.predict(rows, raw_score=True))


def add_scores(page: Rows, scores: np.ndarray) -> None:
    """As `evidence.add_scores`."""
    count = len(scores)
    size = page.evidence[:, COLUMN["length"]] + 5
    length = np.concatenate([[0], np.cumsum(size)])
    likely = np.concatenate([[0], np.cumsum(size / (1 + np.exp(-scores)))])
    padded = np.concatenate([[_NO_SCORE] * 2, scores, [_NO_SCORE] * 2])
    n = np.arange(count)
    first, end = np.maximum(0, n - _SPAN), np.minimum(count, n + 1 + _SPAN)

    def share(start: np.ndarray, stop: np.ndarray) -> np.ndarray:
        return (likely[stop] - likely[start]) / np.maximum(1, length[stop] - length[start])

    page.evidence[:, _SCORES:] = np.column_stack([
        scores, padded[1 : count + 1], padded[3 : count + 3], padded[:count], padded[4 : count + 4],
        share(first, n), share(n + 1, end), likely[:-1] / max(1, likely[-1]),
        share(n + 1, np.full(count, count)),
    ])  # fmt: skip


def flat(model: Any) -> dict[str, list[float]]:
    """Trees as arrays: a leaf is below zero, -1 the first."""
    found: dict[str, list[float]] = {
        name: [] for name in ("roots", "columns", "thresholds", "left", "right", "means", "leaves")
    }

    def add(node: dict[str, Any]) -> int:
        if "leaf_value" in node:
            found["leaves"].append(round(node["leaf_value"], 4))
            return -len(found["leaves"])
        at = len(found["columns"])
        found["columns"].append(node["split_feature"])
        found["thresholds"].append(float(f"{node['threshold']:.6g}"))
        found["means"].append(round(node["internal_value"], 4))
        found["left"].append(0)
        found["right"].append(0)
        found["left"][at], found["right"][at] = add(node["left_child"]), add(node["right_child"])
        return at

    found["roots"] = [add(tree["tree_structure"]) for tree in model.dump_model()["tree_info"]]
    return found


if __name__ == "__main__":
    main()
