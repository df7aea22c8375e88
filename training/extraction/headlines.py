"""Train the ranker of headlines and write its weights.

python -m training.extraction.headlines DATA           train on the sets in DATA/extraction, write the weights
python -m training.extraction.headlines DATA --score   leave a fifth of the sites out in turn, print figures

A conditional logit: the candidates of one page compete, binary features, L2. Deterministic.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from selectolax.lexbor import LexborHTMLParser

from services.ingest.extract import walk_page
from services.ingest.extract.head import read_head
from services.ingest.extract.headline_features import Evidence
from services.ingest.extract.headlines import candidates_of
from services.ingest.extract.publisher import site_name_of
from services.ingest.extract.site_names import Site
from services.ingest.extract.text import fold

SETS = {
    "wcxb_dev": 0.5,
    "naeb": 1.0,
    "fundus_tests": 1.0,
    "waddle": 1.0,
    "readability": 1.0,
    "postlight": 1.0,
}
"""The sets, and what a page of each weighs: half of wcxb_dev's are shops and guides, not news."""
OUT = Path(__file__).parents[2] / "services/ingest/extract/headline_weights.py"
_RAREST, _L2, _STEPS, _RATE, _FOLDS = 8, 0.7, 400, 0.05, 5
_LEAST = 0.05  # a smaller weight decides nothing and is left out
_SECOND_LEVEL = frozenset("co com org net gov edu ac or ne go".split())
Numbers = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """One page's candidates: features, and whether each is the headline."""

    set: str
    site: str
    said: list[list[str]]
    right: list[bool]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--score", action="store_true")
    options = parser.parse_args()
    pages = [page for name in SETS for page in read_pages(options.data / "extraction", name)]
    if options.score:
        score(pages)
        return
    weights = train(pages)
    lines = [f"    {json.dumps(name)}: {weight:.2f}," for name, weight in sorted(weights.items())]
    OUT.write_text(_HEAD + "\n".join(["WEIGHTS = {", *lines, "}"]) + "\n", encoding="utf-8")
    print(f"{len(weights)} weights of {len(pages)} pages in {OUT}")


_HEAD = '''"""Weights of the ranker of headlines; `training/extraction/headlines.py` writes this file."""

from __future__ import annotations

'''


def read_pages(folder: Path, name: str) -> list[Page]:
    """The pages of a set whose headline is known."""
    pages = []
    with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        for row in map(json.loads, file):
            if row.get("title"):
                pages.append(_read(name, row))
    return pages


def _read(name: str, row: dict[str, Any]) -> Page:
    tree = LexborHTMLParser(row["html"].replace("\0", ""))
    walked = walk_page([node for node in (tree.body,) if node is not None])
    head = read_head(tree, walked, row.get("url"))
    site = Site(site_name_of(head), row.get("url"))
    candidates = candidates_of(head, walked, site)
    evidence = Evidence(candidates, walked, site)
    said = [sorted(set(evidence.of(candidate))) for candidate in candidates]
    right = [candidate.folded == fold(row["title"]) for candidate in candidates]
    walked.forget()
    return Page(name, site_of(row.get("url") or row["id"]), said, right)


def site_of(url: str) -> str:
    """The registrable domain, near enough for parting sites."""
    labels = (urlsplit(url).hostname or url).split(".")
    return ".".join(labels[-3 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL else -2 :])


def train(pages: list[Page]) -> dict[str, float]:
    """Weights by feature. A site weighs as the root of its pages."""
    pages = [page for page in pages if any(page.right)]
    counts = Counter(name for page in pages for said in page.said for name in said)
    names = sorted(name for name, count in counts.items() if count >= _RAREST)
    column = {name: n for n, name in enumerate(names)}
    sites = Counter(page.site for page in pages)
    x = np.zeros((sum(len(page.said) for page in pages), len(names)))
    of_page = np.zeros(len(x), dtype=int)
    right = np.zeros(len(x))
    row = 0
    for n, page in enumerate(pages):
        for said, is_right in zip(page.said, page.right, strict=True):
            x[row, [column[name] for name in said if name in column]] = 1.0
            of_page[row], right[row] = n, is_right
            row += 1
    worth = np.array([SETS[page.set] / sites[page.site] ** 0.5 for page in pages])
    fitted = _fit(x, of_page, right, worth)
    return {name: float(w) for name, w in zip(names, fitted, strict=True) if abs(w) >= _LEAST}


def _fit(x: Numbers, of_page: Numbers, right: Numbers, worth: Numbers) -> Numbers:
    """The weights, by Adam on the whole of the data."""
    weights, mean, square = (np.zeros(x.shape[1]) for _ in range(3))
    for step in range(1, _STEPS + 1):
        scores = x @ weights
        highest = np.full(len(worth), -np.inf)
        np.maximum.at(highest, of_page, scores)
        odds = np.exp(scores - highest[of_page])
        chance = odds / np.bincount(of_page, odds)[of_page]
        wanted = chance * right
        wanted /= np.bincount(of_page, wanted)[of_page]
        slope = x.T @ ((chance - wanted) * worth[of_page]) + _L2 * weights
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        weights -= _RATE * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return weights


def score(pages: list[Page]) -> None:
    """Print, by set, the share of pages whose best candidate is right, by models that never saw the site."""
    fold_of = {page.site: int(hashlib.sha1(page.site.encode()).hexdigest(), 16) % _FOLDS for page in pages}
    right: Counter[str] = Counter()
    for n in range(_FOLDS):
        weights = train([page for page in pages if fold_of[page.site] != n])
        for page in (page for page in pages if fold_of[page.site] == n and page.said):
            points = [sum(weights.get(name, 0.0) for name in said) for said in page.said]
            right[page.set] += page.right[points.index(max(points))]
    for name, count in Counter(page.set for page in pages).items():
        print(f"{name}: {right[name] / count:.4f} of {count}")


if __name__ == "__main__":
    main()
