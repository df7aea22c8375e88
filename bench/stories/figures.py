"""Figures of copies and stories: pairs, roots, B-cubed."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import combinations
from typing import Any

Row = dict[str, Any]


def of_copies(rows: list[Row], parents: dict[str, str | None]) -> dict[str, float]:
    """Precision and recall of pairs of articles that are one text, and the share of copies whose root is
    right. Pairs by way of a second source count neither way."""
    group = {row["id"]: row["group"] for row in rows}
    sources = {row["id"]: {row["group"], *row.get("also", [])} - {None} for row in rows}
    one: defaultdict[str, list[str]] = defaultdict(list)
    for article in group:
        one[_end(article, parents)].append(article)
    right = wrong = 0
    for members in one.values():
        for a, b in combinations(members, 2):
            if group[a] and group[a] == group[b]:
                right += 1
            elif not sources[a] & sources[b]:
                wrong += 1
    every = sum(n * (n - 1) // 2 for n in Counter(g for g in group.values() if g).values())
    copies = [row for row in rows if row["parent"]]
    return {
        "precision": right / max(1, right + wrong),
        "recall": right / every,
        "root": sum(_end(row["id"], parents) == row["parent"] for row in copies) / len(copies),
    }


def _end(article: str, parents: dict[str, str | None]) -> str:
    seen = {article}
    while (parent := parents.get(article)) and parent not in seen:
        seen.add(parent)
        article = parent
    return article


def of_stories(rows: list[Row], said: dict[str, Any]) -> dict[str, float]:
    """B-cubed precision, recall and F1."""
    together: defaultdict[Any, set[str]] = defaultdict(set)
    real: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        together[said[row["id"]]].add(row["id"])
        real[row["story"]].add(row["id"])
    precision = recall = 0.0
    for row in rows:
        a, b = together[said[row["id"]]], real[row["story"]]
        precision += len(a & b) / len(a) / len(rows)
        recall += len(a & b) / len(b) / len(rows)
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / (precision + recall)}


def of_pairs(pairs: list[Row], said: dict[str, Any]) -> dict[str, float]:
    """Share of right answers to whether two articles are one story, by language."""
    right: defaultdict[str, list[bool]] = defaultdict(list)
    for pair in pairs:
        same = said[f"{pair['id']}/a"] == said[f"{pair['id']}/b"]
        right[pair["lang"]].append(same == pair["same"])
    return {language: sum(answers) / len(answers) for language, answers in right.items()}
