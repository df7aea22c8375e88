"""The people and organisations of an article as rows of `article_names`: one an entity, with its mentions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from services.contract.messages import Name

_STORED = ("PER", "ORG")  # places are in article_places


def entities(names: Iterable[Name]) -> list[dict[str, Any]]:
    """One row for each key, in the order of first mentions. `spans`: starts and ends in turn; `score`: the
    highest of its mentions; `role`: the first that is told."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for name in names:
        if name.label not in _STORED or not name.key:
            continue
        row = rows.get((name.label, name.key))
        if row is None:
            rows[name.label, name.key] = row = {
                "label": name.label, "key": name.key, "name": name.name, "role": name.role,
                "score": name.score, "mentions": 0, "spans": [],
            }  # fmt: skip
        row["mentions"] += 1
        row["spans"] += (name.start, name.end)
        row["role"] = row["role"] or name.role
        row["score"] = max(row["score"], name.score)
    return list(rows.values())
