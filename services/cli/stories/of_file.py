"""`dateline stories FILE`: which articles of a file are about one event, without servers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

import click

from services.cli.article_file import Article, ArticleFile
from services.cli.copies.of_file import find
from services.cli.extract import print_all


@click.command("of-file", hidden=True)
@click.argument("source", type=click.File("rb"), metavar="FILE|-")
def of_file(source: IO[bytes]) -> None:
    """Find the stories of a file: the same as `dateline stories FILE`.

    \b
      dateline stories of-file articles.jsonl
    """
    with ArticleFile(source) as articles:
        print_all(_lines(articles))


def _lines(articles: ArticleFile) -> Iterator[dict[str, Any]]:
    from services.stories.stories import Membership, Stories

    relations = find(articles, None)
    window = Stories()
    order = list(articles.in_order())
    for number, at in order:
        window.learn(_report(articles.article(number), number, at, None))
    members: dict[int, Membership] = {}
    story_of: dict[int, int] = {}
    for number, at in order:
        relation = relations.get(number)
        parent = relation.parent if relation is not None else None
        found = window.add(_report(articles.article(number), number, at, parent), learned=True)
        members[number] = found
        story_of[number] = found.story
        for gone in found.merged:
            story_of[gone] = found.story
        window.expire(at)
    ids = {entry.number: entry.id for entry in articles.entries}
    for entry in articles.entries:
        if entry.number is None:
            yield {"id": None, "line": entry.line, "error": entry.error}
            continue
        found = members[entry.number]
        yield {
            "id": entry.id,
            "story": ids[_last(found.story, story_of)],
            "score": found.score,
            "evidence": found.evidence,
        }


def _last(story: int, story_of: dict[int, int]) -> int:
    """The story that a story has become part of, if any."""
    while story_of[story] != story:
        story = story_of[story]
    return story


def _report(article: Article, number: int, at: float, parent: int | None) -> Any:
    from services.enrich import language
    from services.stories.stories import Report

    spoken = article.language or language.identify(f"{article.title}. {article.text}") or ""
    return Report(number, article.title, article.text, at, spoken, article.places, parent)
