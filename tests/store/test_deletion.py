"""What is deleted is gone from every table, stays gone by whatever way it comes, and may be let back."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from msgspec import structs
from psycopg_pool import ConnectionPool

from services.contract.messages import Archived, Hints, UrlSettled
from services.contract.urls import parse_url
from services.store import audit, changes, dead_letters, deletion, ledger
from services.store.articles import write_articles, write_tags
from services.store.handler import Writer
from tests.conftest import claim
from tests.store.test_articles import POLICY, _message, _one, _submitted

URL = "https://example.org/world/strike"
WRITTEN = (
    "articles", "article_versions", "article_topics", "article_countries", "article_places",
    "article_localities", "article_links", "article_links_former",
)  # fmt: skip
PLACE = Archived(file="a.warc.gz", offset=123, length=45)


def _stored(pool: ConnectionPool, url: str = URL, **more: Any) -> int:
    (number,) = _submitted(pool, url)
    Writer(pool, POLICY).write([_message(url, number, **more)])
    Writer(pool, POLICY).write([_message(url, number, text="Second text.", content_hash="second", **more)])
    return int(_one(pool, f"SELECT article_id FROM submissions WHERE id = {number}")[0])


def _delete(pool: ConnectionPool, *urls: str, ids: tuple[int, ...] = ()) -> deletion.Deleted:
    with pool.connection() as connection:
        hashes = [parse_url(url).hash for url in urls]
        return deletion.delete(
            connection, ids=ids, hashes=hashes, reason="the family asked", who="cli:ann@desk"
        )


def _record(pool: ConnectionPool, *urls: str, **more: Any) -> ledger.Recorded:
    with pool.connection() as connection:
        entries = [
            ledger.Entry(parse_url(url), "feed", Hints(title="told by the feed"), **more) for url in urls
        ]
        return ledger.record(connection, entries, again=True)


def test_every_table_forgets_a_deleted_article(pool: ConnectionPool) -> None:
    article = _stored(pool, archived=PLACE)
    other = _stored(pool, "https://example.org/other")
    before = {table: _one(pool, f"SELECT count(*) FROM {table}")[0] for table in WRITTEN}
    assert _delete(pool, URL) == deletion.Deleted(articles=1, submissions=1, raw=1, addresses=1)
    column = {"articles": "id"}
    for table in WRITTEN:
        rows = _one(
            pool,
            f"SELECT count(*), count(*) FILTER (WHERE {column.get(table, 'article_id')} = {article}) "
            f"FROM {table}",
        )
        assert rows == (before[table] / 2, 0), table
    assert _one(pool, "SELECT state, reason, hints, archived, article_id, etag FROM submissions "
                      "WHERE url = '" + URL + "'") == (
        "refused", "deleted_on_request", {}, None, None, None,
    )  # fmt: skip
    with pool.connection() as connection:
        told = {c.article_id: c.kind for c in changes.after(connection, 0, limit=10)}
        (entry,) = audit.listed(connection)
        assert deletion.raw_pending(connection) == [("a.warc.gz", 123)]
    assert told[article] == "deleted"
    assert told[other] == "changed"
    assert (entry["who"], entry["action"], entry["subject"]) == (
        "cli:ann@desk",
        "article_deleted",
        f"article {article}",
    )
    assert entry["detail"]["reason"] == "the family asked"


@pytest.mark.parametrize(
    "again",
    [
        URL, "http://www.example.org/world/strike/", URL + "?utm_source=x", "https://m.example.org/world/strike",
        "https://example.org/world/strike#part",
    ],
)  # fmt: skip
def test_no_variant_of_its_address_is_taken_again(pool: ConnectionPool, again: str) -> None:
    _stored(pool)
    _delete(pool, URL)
    assert _record(pool, again) == ledger.Recorded(refused=1)
    assert _record(pool, again, archived=PLACE) == ledger.Recorded(refused=1)
    with pool.connection() as connection:
        assert claim(connection) == []
        assert ledger.archive_again(connection, [ledger.Entry(parse_url(again), "warc", archived=PLACE)]) == 0
        ids = [row[0] for row in connection.execute("SELECT id FROM submissions")]
        assert ledger.replay(connection, ids) == 0


def test_an_address_can_be_barred_before_it_comes(pool: ConnectionPool) -> None:
    assert _delete(pool, URL) == deletion.Deleted(addresses=1)
    assert _record(pool, URL, "https://example.org/other") == ledger.Recorded(new=1, refused=1)
    assert _one(pool, "SELECT reason, hints FROM submissions WHERE state = 'refused'") == (
        "deleted_on_request",
        {},
    )


@pytest.mark.parametrize("by", ["canonical", "redirect", "submission"])
def test_an_article_that_was_under_way_is_refused_by_any_of_its_addresses(
    pool: ConnectionPool, by: str
) -> None:
    (number, other) = _submitted(pool, URL, "https://example.org/fine")
    landed = {
        "canonical": URL,
        "redirect": "https://example.org/landed?utm_source=x",
        "submission": "https://example.org/x",
    }
    _delete(pool, URL if by != "redirect" else "https://example.org/landed")
    late = _message(URL if by != "submission" else landed[by], number, archived=PLACE)
    if by == "redirect":
        late = structs.replace(late, article=structs.replace(late.article, url=landed[by]))
    done = Writer(pool, POLICY).write([late, _message("https://example.org/fine", other, content_hash="x")])
    assert done == {"new": 1, "changed": 0, "unchanged": 0, "refused": 1}
    assert _one(pool, "SELECT canonical_url FROM articles") == ("https://example.org/fine",)
    assert _one(pool, f"SELECT state, reason FROM submissions WHERE id = {number}") == (
        "refused",
        "deleted_on_request",
    )
    with pool.connection() as connection:
        assert deletion.raw_pending(connection) == [("a.warc.gz", 123)]


def test_no_race_lets_an_article_outlive_its_deletion(pool: ConnectionPool) -> None:
    """A writer that has looked for tombstones, and not yet written, is
    waited for; one that comes meanwhile waits.
    """
    (number,) = _submitted(pool, URL)
    with ThreadPoolExecutor(1) as threads, pool.connection() as connection:
        write_articles(connection, [_message(URL, number)])
        deleting = threads.submit(_delete, pool, URL)
        with pool.connection() as watching:
            waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            while watching.execute(waiting).fetchone() == (0,):
                assert not deleting.done()
                watching.rollback()
        connection.commit()
        assert deleting.result(20).articles == 1
    assert _one(pool, "SELECT count(*) FROM articles") == (0,)


def test_many_writers_and_deletions_at_once_leave_nothing_that_was_deleted(pool: ConnectionPool) -> None:
    urls = [f"https://example.org/{n}" for n in range(12)]
    numbers = _submitted(pool, *urls)
    start = threading.Barrier(3)

    def write(order: list[int]) -> None:
        start.wait()
        for n in order:
            Writer(pool, POLICY).write([_message(urls[n], numbers[n])])

    def delete() -> None:
        start.wait()
        for url in urls:
            _delete(pool, url)

    with ThreadPoolExecutor(3) as threads:
        orders = list(range(12)), list(range(11, -1, -1))
        for done in [threads.submit(write, order) for order in orders] + [threads.submit(delete)]:
            done.result(60)
    assert _one(pool, "SELECT count(*) FROM articles") == (0,)
    assert _one(pool, "SELECT count(*) FROM submissions WHERE state = 'refused'") == (12,)


def test_tags_of_a_deleted_article_are_not_written_again(pool: ConnectionPool) -> None:
    article = _stored(pool)
    _delete(pool, ids=(article,))
    with pool.connection() as connection:
        assert write_tags(connection, {article: _message().tags}) == 0
    assert _one(pool, "SELECT count(*) FROM article_topics") == (0,)


def test_letters_of_a_deleted_address_are_deleted_and_cannot_be_replayed(pool: ConnectionPool) -> None:
    (number,) = _submitted(pool, URL)
    failed = UrlSettled(
        ticket=_message(URL, number).ticket, stage="ingest", outcome="failed", reason="http_500"
    )
    Writer(pool, POLICY).settle([failed])
    assert _one(pool, "SELECT count(*) FROM dead_letters") == (1,)
    _delete(pool, URL)
    with pool.connection() as connection:
        assert dead_letters.list_letters(connection) == []
        assert dead_letters.replay(connection) == 0


def test_what_is_allowed_again_comes_back_when_it_is_asked_for(pool: ConnectionPool) -> None:
    _stored(pool)
    _delete(pool, URL)
    with pool.connection() as connection:
        assert [t["reason"] for t in deletion.listed(connection)] == ["the family asked"]
        assert deletion.allow(connection, parse_url(URL).hash, who="cli:ann@desk") == 1
        assert deletion.allow(connection, parse_url(URL).hash, who="cli:ann@desk") == 0
        assert [entry["action"] for entry in audit.listed(connection)] == [
            "article_allowed",
            "article_deleted",
        ]
    assert _record(pool, URL) == ledger.Recorded(again=1)
    with pool.connection() as connection:
        assert [m.url for m in claim(connection)] == [URL]


def test_a_deletion_can_be_repeated(pool: ConnectionPool) -> None:
    _stored(pool, archived=PLACE)
    _delete(pool, URL)
    assert _delete(pool, URL) == deletion.Deleted(addresses=1)


def test_raw_answers_stay_pending_until_they_are_removed(pool: ConnectionPool) -> None:
    _stored(pool, archived=PLACE)
    _delete(pool, URL)
    with pool.connection() as connection:
        deletion.raw_removed(connection, "a.warc.gz", 123, "no such file")
        assert len(deletion.raw_pending(connection)) == 1
        deletion.raw_removed(connection, "a.warc.gz", 123)
        assert deletion.raw_pending(connection) == []
