# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""Scores of blocks: boosted trees over the evidence, trained by `training/extraction`.

A score is the log-odds that a block is the article's. The trees are gradient-boosted (Friedman 2001), as
LightGBM grew them; what spoke for and against is read off the path through each (Saabas 2014).
"""

from __future__ import annotations

import json
from array import array
from pathlib import Path
from typing import Any

from services.ingest.extract.columns import NAMES, WIDTH
from services.ingest.extract.places import add_scores

WEIGHTS = Path(__file__).parent / "data" / "block_scores.json"


class Trees:
    """Boosted trees, node by node: which column each asks for, and where to go on; below zero is a leaf."""

    def __init__(self, stored: dict[str, Any]) -> None:
        self.roots: array[int] = array("i", stored["roots"])
        self.columns: array[int] = array("i", stored["columns"])
        self.thresholds: array[float] = array("d", stored["thresholds"])
        self.below: array[int] = array(
            "i", [n for pair in zip(stored["left"], stored["right"], strict=True) for n in pair]
        )
        self.means: array[float] = array("d", stored["means"])
        self.leaves: array[float] = array("d", stored["leaves"])

    def score(
        self, rows: array[float], count: int, width: int, early: int = 0, enough: float = 0.0
    ) -> array[float]:
        """The log-odds of each of so many rows. A row whose first trees, `early` of them, say more than
        `enough` is asked no further.
        """
        scores = array("d", bytes(8 * count))
        roots, columns, thresholds = self.roots, self.columns, self.thresholds
        below, leaves = self.below, self.leaves
        trees = len(roots)
        for n in range(count):
            at = n * width
            total = 0.0
            for tree in range(trees):
                if tree == early and tree and (total > enough or total < -enough):
                    break
                node = roots[tree]
                while node >= 0:
                    if rows[at + columns[node]] <= thresholds[node]:
                        node = below[2 * node]
                    else:
                        node = below[2 * node + 1]
                total += leaves[-1 - node]
            scores[n] = total
        return scores

    def reasons(self, row: list[float]) -> list[tuple[str, float]]:
        """What each column added to a row's score, the most telling first."""
        added: dict[str, float] = {}
        for root in self.roots:
            node = root
            while node >= 0:
                column = self.columns[node]
                below = self.below[2 * node + (row[column] > self.thresholds[node])]
                value = self.means[below] if below >= 0 else self.leaves[-1 - below]
                added[NAMES[column]] = added.get(NAMES[column], 0.0) + value - self.means[node]
                node = below
        return sorted(added.items(), key=lambda item: -abs(item[1]))


class Scores:
    """Two rounds of trees: the second also knows what the first said of a block and of its neighbours."""

    def __init__(self, path: Path = WEIGHTS) -> None:
        stored = json.loads(path.read_text(encoding="ascii"))
        if tuple(stored["names"]) != NAMES:
            raise ValueError(f"{path}: its evidence is not what `evidence` measures; train it again")
        self.lexicon = array("d", stored["lexicon"])
        self.early, self.enough = stored["early"], stored["enough"]
        self.first, self.second = Trees(stored["first"]), Trees(stored["second"])

    def score(self, rows: array[float], count: int) -> array[float]:
        """The log-odds of each of so many blocks; `rows` gains what the first round said."""
        add_scores(rows, self.first.score(rows, count, WIDTH, self.early, self.enough), count)
        return self.second.score(rows, count, WIDTH)

    def reasons(self, row: list[float]) -> list[tuple[str, float]]:
        """What each piece of evidence added to a block's score: that of the first round's, and of the second
        where it is not the first's score again.
        """
        second = [(name, value) for name, value in self.second.reasons(row) if name != "score"]
        return sorted(self.first.reasons(row) + second, key=lambda item: -abs(item[1]))
