"""Stories for answers: rows of the store with the summary of their first article."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from services.desk.story_models import StorySummary
from services.store import search, stories


def with_first(connection: Connection[Any], rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows, each with its first article as `first`."""
    found = search.summaries(connection, [row["first_article_id"] for row in rows if row["first_article_id"]])
    by_id = {article["id"]: article for article in found}
    return [row | {"first": by_id.get(row["first_article_id"])} for row in rows]


def told_stories(connection: Connection[Any], ids: Sequence[int]) -> dict[int, StorySummary]:
    """These stories by id; unknown ones are left out."""
    rows = with_first(connection, stories.summaries(connection, list(dict.fromkeys(ids)))) if ids else []
    return {row["id"]: StorySummary.model_validate(row) for row in rows}
