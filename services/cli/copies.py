"""`dateline copies`: which articles are copies of which, without servers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import IO, Any

import click

from services.cli.article_file import ArticleFile
from services.cli.extract import print_all

_ANY_TIME_S = 1e12


@click.command()
@click.argument("source", type=click.File("rb"), metavar="FILE|-")
@click.option(
    "--window-days",
    type=click.FloatRange(0.01, 36_500),
    help="Compare only articles of so many days.  [default: all of the file]",
)
def copies(source: IO[bytes], window_days: float | None) -> None:
    """Find copies: reads one article a line, prints one line for each.

    Input: JSON objects with "id", "title", "text", and optionally "domain", "url", "published_at", "agency",
    "provider". Output: the "id", "copy_of" (the id of the article it is a copy of, or null), "kind"
    (verbatim, cut, extended, edited, joined), "share" of its words that stand there too, "parent_share",
    the "reason" why that one is the parent, and "passages": offsets in characters of both texts. A line that
    cannot be read gets an "error", and the exit status is 1.

    \b
      dateline copies articles.jsonl | jq 'select(.copy_of)'
      zcat articles.jsonl.gz | dateline copies -
    """
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
