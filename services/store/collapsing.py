"""One article of each text, or of each story, among those that match a search: the newest that is no copy
or, if all of them are copies, the newest copy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from psycopg import Connection

from services.store.search_query import PUBLISHED

COLLAPSES = ("copies", "stories")
_GROUPS = {
    "copies": "coalesce(k.root_id, a.id)",
    "stories": "m.story_id IS NULL, coalesce(m.story_id, a.id)",
}
_ROOTS = """
    SELECT i.id, coalesce(k.root_id, i.id) FROM unnest(%(ids)s::bigint[]) AS i (id)
    LEFT JOIN article_copies k ON k.article_id = i.id
"""
_COPIES = """
    SELECT root_id, article_id, true FROM article_copies WHERE root_id = ANY(%(groups)s)
    UNION ALL SELECT g, g, false FROM unnest(%(groups)s::bigint[]) AS g
"""
_STORIES = "SELECT article_id, story_id FROM story_articles WHERE article_id = ANY(%(ids)s)"
_MEMBERS = """
    SELECT m.story_id, m.article_id, k.article_id IS NOT NULL FROM story_articles m
    LEFT JOIN article_copies k ON k.article_id = m.article_id WHERE m.story_id = ANY(%(groups)s)
"""


def collapsed(where: str, by: str | None) -> str:
    """The condition on `articles a` for one article of each group (`copies`, `stories`) of those that
    satisfy `where`; `where` itself for None."""
    if by is None:
        return where
    member = "LEFT JOIN story_articles m ON m.article_id = a.id" if by == "stories" else ""
    return (
        f"a.id IN (SELECT DISTINCT ON ({_GROUPS[by]}) a.id FROM articles a "
        f"LEFT JOIN article_copies k ON k.article_id = a.id {member} WHERE {where} "
        f"ORDER BY {_GROUPS[by]}, k.article_id IS NOT NULL, date_trunc('second', {PUBLISHED}) DESC, "
        "a.id DESC)"
    )


def groups(connection: Connection[Any], ids: Sequence[int], by: str) -> dict[int, list[tuple[int, bool]]]:
    """For each of these articles that has a group, all members of it: their ids, and whether they are
    copies."""
    found, of = (_ROOTS, _COPIES) if by == "copies" else (_STORIES, _MEMBERS)
    group_of = dict(connection.execute(found, {"ids": list(ids)}).fetchall())
    members: dict[int, list[tuple[int, bool]]] = {}
    for group, article, copied in connection.execute(of, {"groups": list(set(group_of.values()))}):
        members.setdefault(group, []).append((article, copied))
    return {article: members.get(group, []) for article, group in group_of.items()}
