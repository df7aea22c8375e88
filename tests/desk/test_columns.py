"""The column store answers like the database, for any query, whatever was written since it was loaded."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import pytest
from psycopg_pool import ConnectionPool

from services.contract.messages import ArticleEnriched, Place, Tags, Topic
from services.desk import columns as module
from services.desk.columns import Columns, country_code, country_number
from services.desk.finding import Finder
from services.enrich.topics.taxonomy import Taxonomy
from services.store import search
from services.store.articles import write_tags
from services.store.search_query import Query, conditions
from tests.articles import enriched, stored

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TOPICS = ["medtop:15000000", "medtop:04000000", "medtop:20000822", "medtop:20000170"]
COUNTRIES = ["ML", "FR", "KE", "UG", "IN"]
ROLES = ["about", "mentioned", "dateline", "publisher"]


def _some(draw: random.Random, number: int) -> object:
    roles = lambda: tuple(sorted(draw.sample(ROLES, draw.randint(1, 2))))  # noqa: E731
    place = Place(
        start=0,
        end=4,
        text="some",
        name="Bamako",
        geonameid=2460596,
        kind="city",
        country="ML",
        lat=12.65,
        lon=-8.0,
    )
    return enriched(
        f"https://example.org/{number}",
        title=draw.choice(["Flood in the valley", "Football final", "Parliament votes"]),
        topics=tuple(draw.sample(TOPICS, draw.randint(0, 2))),
        countries={c: roles() for c in draw.sample(COUNTRIES, draw.randint(0, 3))},
        places=(place,) if draw.random() < 0.3 else (),
        language=draw.choice(["en", "fr", "de"]),
        source_domain=draw.choice(["a.example", "b.example"]),
        provider=draw.choice(["Reuters", "Back\\slash\tand\nlines", None]),
        published_at=NOW - timedelta(hours=draw.randint(0, 500)),
        text=f"some words {number}",
        content_hash=f"{number}-{draw.random()}",
    )


def _query(draw: random.Random) -> Query:
    maybe = lambda value: value if draw.random() < 0.35 else None  # noqa: E731
    return Query(
        text=maybe(draw.choice(["flood", "football OR parliament", '"in the valley"', "nothing"])),
        topics=tuple(draw.sample(TOPICS, draw.choice([0, 0, 1, 2]))),
        countries=tuple(draw.sample(COUNTRIES, draw.choice([0, 0, 1, 2]))),
        together=draw.random() < 0.3,
        role=draw.choice(["about", *ROLES]),
        areas=tuple(draw.sample(["Sahel", "EU", "Eastern Africa"], draw.choice([0, 0, 0, 1]))),
        near=maybe((12.6, -8.0, 60.0)) if draw.random() < 0.3 else None,
        place=maybe(2460596) if draw.random() < 0.3 else None,
        source=maybe("a.example"),
        provider=maybe(draw.choice(["Reuters", "Back\\slash\tand\nlines"])),
        language=maybe(draw.choice(["en", "fr"])),
        since=maybe(NOW - timedelta(hours=draw.randint(0, 500))),
        until=maybe(NOW - timedelta(hours=draw.randint(0, 300))),
    )


def _walk(finder: Finder, query: Query, limit: int) -> list[int]:
    seen, cursor = [], None
    while True:
        page = finder.page(query, cursor=cursor, limit=limit)
        seen += page.ids
        cursor = page.next
        if cursor is None:
            assert page.total == len(seen)
            return seen


def _in_order(pool: ConnectionPool, query: Query) -> list[int]:
    where, values = conditions(query)
    with pool.connection() as connection:
        rows = connection.execute(
            f"SELECT a.id FROM articles a WHERE {where} ORDER BY date_trunc('second', "
            f"coalesce(a.published_at, a.fetched_at)) DESC, a.id DESC",
            values,
        )
        return [row[0] for row in rows]


@pytest.mark.parametrize("seed", range(3))
def test_any_query_finds_what_the_database_finds_in_its_order_after_any_writes(
    pool: ConnectionPool, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LEAST_DEAD", 20)  # the arrays are made anew within the test
    draw = random.Random(seed)
    stored(pool, *(_some(draw, n) for n in range(150)))  # type: ignore[arg-type]
    columns = Columns()
    finder = Finder(pool, columns)
    with pool.connection() as connection:
        columns.load(connection)
    for turn in range(5):
        for _ in range(25):
            query = _query(draw)
            assert _walk(finder, query, draw.choice([3, 50])) == _in_order(pool, query), query
        ids = stored(pool, *(_some(draw, draw.randrange(220)) for _ in range(40)))  # type: ignore[arg-type]
        with pool.connection() as connection:
            topic = Topic(code=TOPICS[0], name="sport", path=[TOPICS[0]], score=1.0)
            tags = Tags(
                language="en",
                topics=[topic],
                countries=[],
                places=[],
                topics_version="9",
                regions_version="9",
            )
            write_tags(connection, dict.fromkeys(draw.sample(ids, 5), tags))
            connection.execute("DELETE FROM articles WHERE id = %s", (draw.choice(ids),))
        with pool.connection() as connection:
            assert columns.catch_up(connection), turn
    assert columns.data.sizes[0] < 400, "rows of replaced articles were let go"


def test_facets_count_with_every_filter_but_their_own(pool: ConnectionPool) -> None:
    draw = random.Random(7)
    stored(pool, *(_some(draw, n) for n in range(200)))  # type: ignore[arg-type]
    columns = Columns()
    finder = Finder(pool, columns)
    with pool.connection() as connection:
        columns.load(connection)
    query = Query(
        topics=("medtop:15000000",), countries=("ML",), language="en", since=NOW - timedelta(hours=400)
    )
    facets = finder.facets(query)
    taxonomy = Taxonomy()

    def ids(**without: object) -> list[int]:
        parts = {"topics": query.topics, "countries": query.countries, "since": query.since} | without
        return _in_order(pool, Query(language="en", **parts))  # type: ignore[arg-type]

    with pool.connection() as connection:
        topics: Counter[str] = Counter()
        for _, paths in connection.execute(
            "SELECT article_id, array_agg(code) FROM article_topics WHERE article_id = ANY(%s) GROUP BY 1",
            (ids(topics=()),),
        ):
            topics.update({above for code in paths for above in taxonomy.path(code)})
        countries = Counter(
            row[0]
            for row in connection.execute(
                "SELECT code FROM article_countries WHERE article_id = ANY(%s) AND 'about' = ANY(roles)",
                (ids(countries=()),),
            )
        )
    assert facets["total"] == len(ids())
    assert facets["topics"] == dict(topics)
    assert facets["countries"] == dict(countries)
    assert sum(b["articles"] for b in facets["timeline"]["buckets"]) == len(ids(since=None))
    assert finder.in_areas(query, [["ML", "FR"], ["IN"], []]) == [
        len(_in_order(pool, Query(topics=query.topics, countries=c, language="en", since=query.since)))
        if c
        else 0
        for c in (("ML", "FR"), ("IN",), ())
    ]


def test_country_codes_are_numbers_and_back() -> None:
    for code in ("AA", "DE", "ZZ"):
        assert country_code(country_number(code)) == code
    assert {country_number(c) for c in ("", "D", "D1", "ÄÖ")} == {-1}


def test_an_empty_database_has_no_counts(pool: ConnectionPool) -> None:
    columns = Columns()
    with pool.connection() as connection:
        columns.load(connection)
    finder = Finder(pool, columns)
    assert finder.page(Query(), cursor=None, limit=5).ids == []
    assert finder.facets(Query(countries=("ML",)))["total"] == 0
    assert np.array_equal(finder.in_areas(Query(), [["ML"]]), [0])


def test_topics_of_a_users_own_rules_are_counted_with_what_they_hang_under(pool: ConnectionPool) -> None:
    def own(url: str, *topics: str) -> ArticleEnriched:
        message = enriched(url, topics=topics)
        tag = Topic(
            code="rule:derby",
            name="Derby",
            path=["medtop:15000000", "rule:derby"],
            score=1.0,
            provenance=["rule"],
        )
        return msgspec.structs.replace(
            message, tags=msgspec.structs.replace(message.tags, topics=[*message.tags.topics, tag])
        )

    columns = Columns()
    with pool.connection() as connection:
        stored(
            pool,
            own("https://example.org/a", "medtop:15000000"),
            enriched("https://example.org/b", topics=("medtop:15000000",)),
        )
        columns.load(connection)
    with pool.connection() as connection:
        (late,) = stored(pool, own("https://example.org/c"))
        columns.catch_up(connection)
    finder = Finder(pool, columns)
    assert finder.facets(Query())["topics"] == {"medtop:15000000": 3, "rule:derby": 2}
    assert finder.page(Query(topics=("rule:derby",)), cursor=None, limit=9).ids[0] == late
    with pool.connection() as connection:
        assert search.own_topics(connection) == [("Derby", ["medtop:15000000", "rule:derby"])]
