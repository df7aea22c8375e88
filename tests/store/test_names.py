"""Names and quotations are stored with their article, found by key, and let go with its text."""

from __future__ import annotations

from typing import Any

import msgspec
from psycopg_pool import ConnectionPool

from services.contract.messages import ArticleEnriched, Name, Quotation
from services.store import article_reader, names, retention, search
from services.store.articles import write_articles, write_tags
from services.store.search_query import Query
from tests.articles import enriched, stored

TEXT = "Angela Merkel met the WHO. “We agreed on it,” Merkel said."


def _name(start: int, end: int, label: str, key: str, name: str, **more: Any) -> Name:
    return Name(start=start, end=end, text=TEXT[start:end], label=label, key=key, name=name, **more)


def _named(title: str = "Berlin talks") -> ArticleEnriched:
    message = enriched(title=title, text=TEXT)
    tags = msgspec.structs.replace(
        message.tags,
        names=[
            _name(0, 13, "PER", "angela merkel", "Angela Merkel", role="chancellor", score=0.9),
            _name(22, 25, "ORG", "who", "WHO", score=0.8),
            _name(46, 52, "PER", "angela merkel", "Angela Merkel", score=0.95),
            _name(53, 57, "LOC", "said", "said", score=0.9),
        ],
        quotes=[
            Quotation(
                start=28, end=43, text=TEXT[28:43], speaker="Angela Merkel", key="angela merkel", cue="said",
                cue_start=53, cue_end=57,
            )
        ],
        names_version="n1",
    )  # fmt: skip
    return msgspec.structs.replace(message, tags=tags)


def test_names_are_stored_as_entities_with_their_mentions(pool: ConnectionPool) -> None:
    (article_id,) = stored(pool, _named())
    with pool.connection() as connection:
        found = article_reader.article(connection, article_id)
    assert found is not None
    first = found["names"][0]
    assert (first["key"], first["mentions"], first["spans"]) == ("angela merkel", 2, [0, 13, 46, 52])
    assert (first["role"], first["score"], first["tagger_version"]) == ("chancellor", 0.95, "n1")
    assert [n["key"] for n in found["names"]] == ["angela merkel", "who"]  # places are stored elsewhere
    assert [(q["key"], q["cue"]) for q in found["quotes"]] == [("angela merkel", "said")]


def test_articles_are_found_by_who_is_named_and_quoted(pool: ConnectionPool) -> None:
    stored(pool, _named("with names"), enriched(title="without"))
    with pool.connection() as connection:
        for query in (
            Query(people=("angela merkel",)),
            Query(organisations=("who",), people=("angela merkel",)),
            Query(quoted="angela merkel"),
        ):
            assert [row["title"] for row in search.find(connection, query)] == ["with names"]
        assert search.find(connection, Query(organisations=("angela merkel",))) == []


def test_a_name_has_attention_over_time_and_quotations(pool: ConnectionPool) -> None:
    stored(pool, _named("first"), _named("second"))
    with pool.connection() as connection:
        told = names.one(connection, "PER", "angela merkel")
        assert names.one(connection, "PER", "nobody") is None
    assert told is not None
    assert (told["name"], told["articles"], told["roles"]) == ("Angela Merkel", 2, ["chancellor"])
    assert sum(day["articles"] for day in told["days"]) == 2
    assert [n["key"] for n in told["organisations"]] == ["who"]
    assert len(told["quotes"]) == 2


def test_tagging_again_replaces_names(pool: ConnectionPool) -> None:
    (article_id,) = stored(pool, _named())
    again = msgspec.structs.replace(_named().tags, names=[], quotes=[], names_version="n2")
    with pool.connection() as connection:
        assert write_tags(connection, {article_id: again}) == 1
        found = article_reader.article(connection, article_id)
    assert found is not None
    assert (found["names"], found["quotes"], found["names_version"]) == ([], [], "n2")


def test_a_message_of_an_earlier_producer_is_stored_without_names(pool: ConnectionPool) -> None:
    message = enriched()
    with pool.connection() as connection:
        assert write_articles(connection, [message])["new"] == 1
        row = connection.execute("SELECT names_version FROM articles").fetchone()
    assert row == (None,)


def test_quotations_go_with_the_text(pool: ConnectionPool) -> None:
    (article_id,) = stored(pool, _named())
    with pool.connection() as connection:
        retention.let_go(connection, [article_id], keep="tags", who="test")
        found = article_reader.article(connection, article_id)
    assert found is not None
    assert [q["quote"] for q in found["quotes"]] == [""]
    assert [n["key"] for n in found["names"]] == ["angela merkel", "who"]
