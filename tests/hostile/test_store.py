"""The store takes whatever decodes: what is out of bounds is mended, what cannot be is lost alone, nobody's
article is replaced."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import psycopg
import pytest
from psycopg_pool import ConnectionPool

from services.contract.messages import (
    Archived,
    Article,
    ArticleEnriched,
    Country,
    FeedEntry,
    Hints,
    Link,
    Locality,
    Place,
    Quote,
    SourcePolled,
    Stamp,
    Ticket,
    Topic,
    UrlSettled,
    Validators,
)
from services.store import ledger, sources
from services.store.handler import Writer
from services.store.intake import parse_line
from tests.articles import enriched
from tests.conftest import claim

POLICY = ledger.RetryPolicy()
NOW = datetime.now(UTC)
YEAR_ONE = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5)))
_LOCALITY = Locality(name="Lagos", kind="city", country="NG", score=0.5)
_QUOTE = [Quote(text="Dock", start=0, end=4)]


def _rows(pool: ConnectionPool, statement: str) -> list[Any]:
    with pool.connection() as connection:
        return connection.execute(statement).fetchall()  # type: ignore[arg-type]


def _tagged(**tags: Any) -> ArticleEnriched:
    message = enriched(topics=("medtop:04000000",), countries={"PT": ("about",)})
    return msgspec.structs.replace(message, tags=msgspec.structs.replace(message.tags, **tags))


def _topic(**fields: Any) -> Topic:
    return Topic(
        **({"code": "medtop:04000000", "name": "economy", "path": ["medtop:04000000"], "score": 0.5} | fields)
    )


def _country(**fields: Any) -> Country:
    return Country(
        **(
            {
                "code": "PT",
                "name": "Portugal",
                "m49": 620,
                "score": 0.5,
                "focus": True,
                "roles": ["about"],
                "mentions": 1,
            }
            | fields
        )
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"published_at": YEAR_ONE}, {"modified_at": YEAR_ONE}, {"fetched_at": YEAR_ONE},
        {"published_at": datetime(9999, 12, 31, tzinfo=UTC)},
        {"title": "word " * 84_000}, {"title": "a\0b"}, {"text": "Dock \0 " * 90},
        {"text": "Dock " * 400_000}, {"word_count": 2**40}, {"word_count": -1},
        {"authors": ["\0"] * 5_000}, {"authors": ["x" * 300_000]}, {"keywords": ["k\0"] * 5_000},
        {"section": "\0"}, {"language": "l" * 900}, {"language": "\0"},
        {"image_url": "https://x.org/" + "i" * 50_000},
        {"links": [Link(url="https://x.org/\0", title="\0", kind="body")]}, {"signals": {"\0": "\0"}},
        {"validators": Validators(etag="\0")}, {"archived": Archived(file="\0", offset=2**80, length=-1)},
        {"content_hash": "h" * 900}, {"content_hash": "\0"},
        {"extractor": "e" * 5_000}, {"dateline": "d" * 5_000}, {"site_name": "s" * 50_000},
        {"provider": "\0"}, {"agency": "a" * 9_000},
    ],
    ids="-".join,
)  # fmt: skip
def test_an_article_out_of_bounds_is_stored_within_them_beside_its_batch(
    pool: ConnectionPool, fields: dict[str, Any]
) -> None:
    bad = enriched(**fields)
    done = Writer(pool, POLICY).write([enriched(), bad, enriched()])
    assert done.get("new") == 3, done
    row = "SELECT published_at, word_count, char_length(title) <= 1000, octet_length(text) > 0, cardinality(authors) <= 50 FROM articles WHERE url = '{}'"  # noqa: E501
    ((published_at, words, *within),) = _rows(pool, row.format(bad.article.url))
    assert within == [True, True, True]
    assert words >= 0
    assert published_at is None or published_at.year > 1400


@pytest.mark.parametrize(
    "tags",
    [
        {"topics": [_topic(), _topic()]}, {"topics": [_topic(score=7.0)]}, {"topics": [_topic(code="\0")]},
        {"topics": [_topic(name="n" * 9_000)]},
        {"topics": [_topic(code=""), _topic()]},
        {"topics": [_topic(evidence=[Quote(text="\0", start=-5, end=2**40)])]},
        {"topics": [_topic(path=["\0"] * 900)]},
        {"countries": [_country(), _country()]}, {"countries": [_country(m49=2**40)]},
        {"countries": [_country(mentions=-1)]},
        {"countries": [_country(roles=["king", "about", "\0"])]}, {"countries": [_country(score=-1.0)]},
        {"countries": [_country(code="\0\0")]},
        {"places": [Place(start=0, end=4, text="Dock"), Place(start=0, end=4, text="Dock")]},
        {"places": [Place(start=-4, end=2, text="x")]},
        {"places": [Place(start=0, end=2**40, text="x")]},
        {"places": [Place(start=0, end=4, text="\0", lat=900.0, lon=1e300)]},
        {"places": [Place(start=0, end=4, text="x", geonameid=2**80)]},
        {"places": [Place(start=n, end=n, text="x", score=2.0) for n in range(9_000)]},
        {"localities": [msgspec.structs.replace(_LOCALITY, lat=1e300, lon=0.0, score=9.0, mentions=2**50)]},
        {"localities": [msgspec.structs.replace(_LOCALITY, country="", name="\0")]}, {"language": "\0"},
        {"topics_version": "v" * 100_000 + "\0"},
    ],
    ids="-".join,
)  # fmt: skip
def test_tags_out_of_bounds_cost_no_article(pool: ConnectionPool, tags: dict[str, Any]) -> None:
    done = Writer(pool, POLICY).write([enriched(), _tagged(**tags), enriched()])
    assert done.get("new") == 3, done
    for table in ("article_topics", "article_countries", "article_places", "article_localities"):
        assert _rows(pool, f"SELECT count(*) FROM {table} WHERE score < 0 OR score > 1") == [(0,)]


def test_what_was_mended_is_told_in_the_receipt(pool: ConnectionPool) -> None:
    url = "https://news.example.org/long"
    with pool.connection() as connection:
        ledger.record(connection, [parse_line(url, "test")])  # type: ignore[list-item]
        (submitted,) = claim(connection)
    message = enriched(url, title="word " * 84_000, published_at=YEAR_ONE)
    ticket = Ticket(
        submission_id=submitted.submission_id, url=url, attempt=1, dispatched_at=submitted.dispatched_at
    )
    Writer(pool, POLICY).write(
        [
            msgspec.structs.replace(
                message, ticket=ticket, stamps=[Stamp(stage="ingest", event="\0", at=YEAR_ONE)]
            )
        ]
    )
    (cut,) = _rows(
        pool,
        "SELECT s->'detail'->'cut' FROM submission_attempts, jsonb_array_elements(stamps) s WHERE "
        "s->>'event' = 'mended'",
    )
    assert cut[0][0] == "title: 420,000 characters to 1,000"
    assert "published_at" in cut[0][1]


@pytest.mark.parametrize(("number", "attempt"), [(2**80, 1), (-(2**80), 1), (1, 2**40), (0, -1)])
def test_a_ticket_of_no_possible_submission_costs_nobody_else(
    pool: ConnectionPool, number: int, attempt: int
) -> None:
    odd = Ticket(submission_id=number, url="\0", attempt=attempt, dispatched_at=YEAR_ONE)
    writer = Writer(pool, POLICY)
    assert writer.write([enriched(), msgspec.structs.replace(enriched(), ticket=odd)]).get("new") == 2
    ended = UrlSettled(ticket=odd, stage="ingest", outcome="failed", reason="x")
    assert not writer.settle([ended, ended]).get("settled")


def test_an_end_that_holds_what_json_cannot_is_recorded_beside_its_batch(pool: ConnectionPool) -> None:
    with pool.connection() as connection:
        ledger.record(connection, [parse_line(f"https://example.org/{n}", "test") for n in range(5)])  # type: ignore[misc]
        tickets = [
            Ticket(submission_id=s.submission_id, url=s.url, attempt=1, dispatched_at=s.dispatched_at)
            for s in claim(connection)
        ]
    bad = {
        "reason": "\0" * 900,
        "payload": {"\0": ["\0"]},
        "detail": "\0",
        "error": "\0",
        "stamps": [Stamp(stage="ingest", event="\0", at=NOW, detail={"\0": "\0"})],
    }
    batch = [
        UrlSettled(ticket=t, stage="ingest", outcome="failed", **(bad if n == 2 else {"reason": "x"}))
        for n, t in enumerate(tickets)
    ]
    assert Writer(pool, POLICY).settle(batch)["settled"] == 5
    assert _rows(pool, "SELECT count(*) FROM dead_letters") == [(5,)]
    late = UrlSettled(ticket=tickets[0], stage="ingest", outcome="deferred", reason="x", retry_after_s=1e300)
    assert Writer(pool, POLICY).settle([late]).get("settled") == 0


def test_a_poll_that_holds_what_cannot_be_stored_is_recorded(pool: ConnectionPool) -> None:
    with pool.connection() as connection:
        connection.execute("INSERT INTO sources (url, kind) VALUES ('https://example.org/feed', 'rss')")
    hints = Hints(
        title="\0" * 9_000, published_at=YEAR_ONE, authors=["\0"] * 900, keywords=["\0"], language="\0"
    )
    entries = [
        FeedEntry(url=url, hints=hints)
        for url in ("https://example.org/1", "\0", "https://example.org/\0", "https://" + "x" * 90_000)
    ]
    polled = SourcePolled(
        source_id=1, url="https://example.org/feed", kind="rss", dispatched_at=NOW, polled_at=NOW, title="\0",
        detail="\0", entries=entries,
        validators=Validators(etag="\0"), moved_to="\0", retry_after_s=1e300,
    )  # fmt: skip
    assert Writer(pool, POLICY).source(polled)["items"] == 4
    with pool.connection() as connection:
        (first, *_) = claim(connection)
        assert sources.due(connection) is not None
    assert first.hints.published_at is None
    assert len(first.hints.authors) <= 50


@pytest.mark.parametrize(
    "hints",
    ['{"published_at": "0001-01-01T00:00:00+05:00"}', '{"published_at": "yesterday"}',
    '{"published_at": 1e300}', '{"authors": "Ann"}',
     '{"authors": [1]}', '{"title": {"a": 1}}', "[]", '"x"', "7", "null", '{"other": [[[]]]}',
     '{"published_at": "99999-01-01T00:00:00Z"}'],
)  # fmt: skip
def test_hints_that_cannot_be_read_hold_up_no_dispatch(pool: ConnectionPool, hints: str) -> None:
    with pool.connection() as connection:
        ledger.record(connection, [parse_line(f"https://example.org/{n}", "test") for n in range(2)])  # type: ignore[misc]
        connection.execute(
            "UPDATE submissions SET hints = %s, archived = '{}', from_archive = true WHERE id = 1", (hints,)
        )
        assert len(claim(connection)) == 2


# Whose article it is


def _article(pool: ConnectionPool, canonical: str) -> Any:
    return _rows(
        pool, f"SELECT url, title, source_domain, version FROM articles WHERE canonical_url = '{canonical}'"
    )


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("https://eve.github.io/copy", "https://ann.github.io/story"),
        ("https://eve.blogspot.com/copy", "https://ann.blogspot.com/story"),
        ("https://eve.co.uk/copy", "https://ann.co.uk/story"),
        ("https://www-eve-com.cdn.ampproject.org/c/s/eve.com/copy", "https://ann.com/story"),
        ("http://example.org:8080/copy", "http://example.org/story"),
        ("https://eve.example/copy", "https://ann.example/story"),
    ],
)
def test_a_copy_never_replaces_an_original_of_another_site(
    pool: ConnectionPool, theirs: str, ours: str
) -> None:
    writer = Writer(pool, POLICY)
    original, copy = enriched(ours, title="The original"), enriched(theirs, title="The copy")
    # As a service of before may send it: under an address that the page only claims.
    claimed = msgspec.structs.replace(
        copy, article=msgspec.structs.replace(copy.article, canonical_url=ours, source_domain="ann")
    )
    for first, second in ((original, claimed), (claimed, original)):
        writer.write([first])
        writer.write([second])
    writer.write([claimed, original, claimed])
    assert [row[:2] for row in _article(pool, ours)] == [(ours, "The original")]
    assert [row[:2] for row in _article(pool, theirs)] == [(theirs, "The copy")]


def test_a_page_that_a_redirect_leads_to_is_the_site_s_own(pool: ConnectionPool) -> None:
    """Submitted as an address of eve.example, fetched in the end from ann.example: a newer state of that
    page."""
    ours = "https://ann.example/story"
    writer = Writer(pool, POLICY)
    writer.write([enriched(ours, title="Before")])
    redirected = enriched(ours, title="After")
    ticket = msgspec.structs.replace(redirected.ticket, url="https://eve.example/short")
    assert writer.write([msgspec.structs.replace(redirected, ticket=ticket)])["changed"] == 1
    assert [row[1] for row in _article(pool, ours)] == ["After"]


def test_an_original_takes_back_what_a_copy_had_taken(pool: ConnectionPool, database_url: str) -> None:
    ours = "https://ann.example/story"
    writer = Writer(pool, POLICY)
    writer.write([enriched(ours, title="The copy")])
    with psycopg.connect(database_url) as connection:
        connection.execute("UPDATE articles SET url = 'https://eve.example/copy'")
    writer.write([enriched(ours, title="The original")])
    assert [row[:2] for row in _article(pool, ours)] == [(ours, "The original")]


def test_an_amp_cache_s_copy_is_the_publisher_s_page(pool: ConnectionPool) -> None:
    ours = "https://www.ann.com/story"
    cached = enriched("https://www-ann-com.cdn.ampproject.org/c/s/www.ann.com/story", title="Cached")
    article: Article = msgspec.structs.replace(cached.article, canonical_url=ours, source_domain="ann.com")
    Writer(pool, POLICY).write(
        [enriched(ours, title="Own"), msgspec.structs.replace(cached, article=article)]
    )
    assert _rows(pool, "SELECT count(*) FROM articles") == [(1,)]
