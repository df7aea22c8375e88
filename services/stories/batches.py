"""Takes batches of articles in: each one transaction with what follows from it and the cursor behind it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from psycopg import Connection

from services.stories import reader, state, writer
from services.stories.copies import Copies
from services.stories.reader import Entry, Texts
from services.stories.window import Article, Outcome, Window

MOST = 250
"""Articles a transaction, which takes about a tenth of a second."""
_MOST_WORDS = 500_000
_DEPENDENT = """
SELECT article_id FROM article_copies
WHERE root_id = ANY(%(ids)s) OR parent_id = ANY(%(ids)s) OR also_id = ANY(%(ids)s)
"""


def batches(entries: Sequence[Entry], most: int = MOST) -> Iterator[list[Entry]]:
    """Entries in batches of so many articles and words at most."""
    batch: list[Entry] = []
    words = 0
    for entry in entries:
        if batch and (len(batch) >= most or words + entry.words > _MOST_WORDS):
            yield batch
            batch, words = [], 0
        batch.append(entry)
        words += entry.words
    if batch:
        yield batch


def take_in(
    connection: Connection[Any],
    window: Window,
    texts: Texts,
    batch: Sequence[Entry],
    cursor: int,
    *,
    quiet: bool = False,
) -> int:
    """Takes a batch in and moves the cursor, in one transaction; returns how many articles were taken in.

    `quiet`: into tables that nobody else reads, without a word in the change feed. Raises with the
    transaction undone: `window` is then ahead of what is written, and is to be restored.
    """
    with connection.transaction():
        if not quiet:
            writer.lock(connection)
        texts.connection = connection
        articles = reader.articles(connection, [entry.article for entry in batch if not entry.gone])
        events = []
        for _, minute in groupby(batch, key=lambda entry: entry.minute):
            entries = list(minute)
            if left := [entry for entry in entries if entry.known]:
                events += writer.write(connection, window.taken())
                events += _leave(connection, window, texts, left)
            for entry in entries:
                if (article := articles.get(entry.article)) is not None:
                    texts.keep(article.id, article.text)
                    window.take(article)
        events += writer.write(connection, window.taken())
        writer.advance(connection, window, cursor)
        if not quiet:
            writer.tell(connection, events)
    return len(articles)


def _leave(
    connection: Connection[Any], window: Window, texts: Texts, left: Sequence[Entry]
) -> list[writer.Event]:
    """Lets go of articles that are deleted or have changed, and finds those anew that were copies of them."""
    gone = [entry.article for entry in left]
    dependent = {row[0] for row in connection.execute(_DEPENDENT, {"ids": gone})} - set(gone)
    for number in gone:
        texts.drop(number)
        dependent.update(number for number in window.copies.family(number) if number not in gone)
    window.outcome.touched |= writer.forget(connection, gone)
    stories = [window.leave(entry.article, comes_again=not entry.gone) for entry in left]
    for story in {story for story in stories if story is not None}:
        state.refill(connection, window, story)
    if dependent:
        again = reader.articles(connection, dependent)
        _take_again(window, [again[n] for n in sorted(dependent) if n in again and n in window.copies])
        _regroup(texts, window.outcome, [again[n] for n in again if n not in window.copies])
        window.outcome.touched |= _stories_of(connection, dependent)
    return writer.write(connection, window.taken())


def _take_again(window: Window, articles: Sequence[Article]) -> None:
    """Finds the relations of articles of the window anew, in the order in which they came."""
    order = {article.id: window.copies.position(article.id) for article in articles}
    articles = sorted(articles, key=lambda article: order[article.id])
    for article in articles:
        window.copies.forget(article.id)
    for article in articles:
        window.take_again(article, order[article.id])


def _regroup(texts: Texts, out: Outcome, articles: Sequence[Article]) -> None:
    """Relates articles that have left the window to each other, whose parent is gone."""
    alone = Copies(texts, float("inf"))
    for article in sorted(articles, key=lambda article: (article.rank, article.appeared_at, article.id)):
        out.relations[article.id] = None
        for relation in alone.add(article.piece):
            out.relations[relation.copy] = relation


def _stories_of(connection: Connection[Any], articles: set[int]) -> set[int]:
    """Stories whose reports are to be counted again."""
    rows = connection.execute(
        "SELECT DISTINCT story_id FROM story_articles WHERE article_id = ANY(%s)", (list(articles),)
    )
    return {row[0] for row in rows}
