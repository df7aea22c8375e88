"""Copies among the articles of a file, without servers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import IO, Any

from services.cli.article_file import ArticleFile
from services.cli.extract import print_all

_ANY_TIME_S = 1e12


def print_copies(source: IO[bytes], window_days: float | None) -> None:
    """Prints the relation of each article of a file, a line each; `window_days` are all for None."""
    with ArticleFile(source) as articles:
        print_all(_lines(articles, find(articles, window_days)))


def find(articles: ArticleFile, window_days: float | None) -> dict[int, Any]:
    """The relation of each article that is a copy, by number."""
    from services.stories import agencies
    from services.stories.copies import Copies, Piece

    window = Copies(articles.texts, window_days * 86_400 if window_days else _ANY_TIME_S)
    relations: dict[int, Any] = {}
    for number, at in articles.in_order():
        article = articles.article(number)
        rank = agencies.rank(article.agency, article.domain)
        piece = Piece(number, article.text, at, article.domain, article.agency, article.provider, rank)
        for relation in window.add(piece):
            relations[relation.copy] = relation
            relations.pop(relation.parent, None) if relation.parent == number else None
        if window_days:
            window.expire(at)
    return relations


def _lines(articles: ArticleFile, relations: dict[int, Any]) -> Iterator[dict[str, Any]]:
    ids = {entry.number: entry.id for entry in articles.entries}
    for entry in articles.entries:
        if entry.number is None:
            yield {"id": None, "line": entry.line, "error": entry.error}
            continue
        line: dict[str, Any] = {"id": entry.id, "copy_of": None, "kind": None, "share": None, "passages": []}
        if (found := relations.get(entry.number)) is not None:
            line |= {
                "copy_of": ids[found.parent],
                "kind": found.kind,
                "share": found.share,
                "passages": [asdict(passage) for passage in found.passages],
                "parent_share": found.parent_share,
                "reason": found.reason,
            }
            if found.also is not None:
                line["also"] = ids[found.also]
        yield line
