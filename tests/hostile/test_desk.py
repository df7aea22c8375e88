"""The desk answers whatever a database holds and whatever is asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from fastapi.testclient import TestClient
from psycopg_pool import ConnectionPool

from services.local.postgres import EmbeddedPostgres
from services.local.valkey import EmbeddedRedis
from tests.articles import enriched, stored
from tests.conftest import eventually
from tests.desk.conftest import client, desk_client, ready  # noqa: F401  the fixture

_BAD_MOMENTS = (
    "0001-01-01 00:00:00+00",
    "0001-12-31 BC",
    "4000-01-01 BC",
    "infinity",
    "-infinity",
    "294000-01-01",
)
_LISTS = (
    "/articles",
    "/articles?limit=1",
    "/facets",
    "/facets?bucket=hour",
    "/facets?bucket=week",
    "/topics",
    "/regions",
    "/changes",
    "/export?format=jsonl",
    "/export?format=csv",
    "/export?format=parquet",
    "/articles?since=1d",
    "/articles?text=strike",
    "/names",
    "/pipeline",
    "/sources",
    "/sources/report",
    "/dead-letters",
    "/health",
    "/",
    "/webhooks",
    "/me",
)


@pytest.fixture(scope="module")
def asked(postgres: EmbeddedPostgres, redis_server: EmbeddedRedis) -> Iterator[TestClient]:
    """One desk for all that is only asked."""
    base = postgres.url.rsplit("/", 1)[0]
    with psycopg.connect(base + "/postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE asked TEMPLATE dateline")
    with desk_client(base + "/asked", redis_server.url) as running:
        ready(running)
        yield running
    with psycopg.connect(base + "/postgres", autocommit=True) as connection:
        connection.execute("DROP DATABASE asked WITH (FORCE)")


@pytest.mark.parametrize("moment", _BAD_MOMENTS)
def test_a_row_with_an_impossible_date_is_a_row_among_others(
    pool: ConnectionPool,
    client: TestClient,  # noqa: F811
    database_url: str,
    moment: str,
) -> None:
    """As a database may hold it whose bounds somebody took away."""
    good, bad = stored(pool, enriched(), enriched())
    with psycopg.connect(database_url) as connection:
        connection.execute("ALTER TABLE articles DROP CONSTRAINT articles_dates")
        connection.execute(
            "UPDATE articles SET published_at = %(m)s, modified_at = %(m)s, fetched_at = %(m)s, stored_at = "
            "%(m)s, last_seen_at = %(m)s "
            "WHERE id = %(id)s",
            {"m": moment, "id": bad},
        )
        connection.execute("UPDATE article_changes SET changed_at = %s WHERE article_id = %s", (moment, bad))
        connection.execute(
            "INSERT INTO article_versions (article_id, version, title, text, content_hash, "
            "extractor_version, fetched_at, replaced_at) "
            "VALUES (%(id)s, 1, 't', 't', 'h', '1', %(m)s, %(m)s)",
            {"m": moment, "id": bad},
        )
    eventually("both are seen", lambda: client.get("/articles").json()["total"] == 2)
    for path in (*_LISTS, f"/articles/{bad}", f"/articles/{good}"):
        assert client.get(path).status_code == 200, path
    assert {row["id"] for row in client.get("/articles").json()["articles"]} == {good, bad}


def test_a_desk_that_starts_over_such_rows_starts(
    pool: ConnectionPool,
    client: TestClient,  # noqa: F811
    database_url: str,
) -> None:
    stored(pool, *(enriched() for _ in _BAD_MOMENTS))
    with psycopg.connect(database_url) as connection:
        connection.execute("ALTER TABLE articles DROP CONSTRAINT articles_dates")
        ids = [row[0] for row in connection.execute("SELECT id FROM articles")]
        for number, moment in zip(ids, _BAD_MOMENTS, strict=True):
            connection.execute("UPDATE articles SET published_at = %s WHERE id = %s", (moment, number))
    columns = client.app.state.desk.columns  # type: ignore[attr-defined]
    with pool.connection() as connection:
        columns.load(connection)
    ready(client)
    facets = client.get("/facets")
    assert facets.status_code == 200
    assert sum(bucket["articles"] for bucket in facets.json()["timeline"]["buckets"]) == len(_BAD_MOMENTS)


def test_articles_of_four_centuries_are_all_in_the_timeline(pool: ConnectionPool, client: TestClient) -> None:  # noqa: F811
    stored(
        pool, *(enriched(published_at=datetime(year, 3, 1, tzinfo=UTC)) for year in (1605, 1806, 1918, 2026))
    )
    eventually("all are seen", lambda: client.get("/articles").json()["total"] == 4)
    buckets = client.get("/facets").json()["timeline"]["buckets"]
    assert sum(bucket["articles"] for bucket in buckets) == 4
    assert (
        client.get("/facets?bucket=hour").json()["timeline"]["buckets"][-1]["start"].startswith("2026-03-01")
    )


@pytest.mark.parametrize(
    "query",
    [
        "region=²", "region=M49:²", "region=٣", "region=%00", "region=" + "x" * 300, "region=%ED%A0%80",
        "region=%FF",
        "since=²", "since=٧d", "since=9999999w", "since=999999w", "since=0001-01-01T00:00:00%2B05:00",
        "since=", "since=inf",
        "since=-1d", "since=9999-12-31T23:59:59-12:00", "until=2026-13-01", "until=20260101T25", "since=nan",
        "until=%00",
        "place=²", "place=0", "place=-1", "place=99999999999999999999", "place=1e3", "place=0x10", "limit=²",
        "limit=0",
        "limit=1e9", "cursor=²", "cursor=1", "cursor=nan.1", "cursor=-.", "near=nan,nan,1", "near=inf,0,1",
        "near=1,2",
        "near=1,2,3,4", "near=²,1,1", "topic=²", "topic=medtop:²", "topic=%00", "language=²", "language=EN",
        "role=²",
        "together=²", "unknown=1",
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_told_so(asked: TestClient, query: str) -> None:
    assert asked.get(f"/articles?{query}").status_code == 422


@pytest.mark.parametrize(
    "query",
    [
        "cursor=999999999999999.9999999999999999999", "cursor=-999999999999999.1",
        "place=4611686018427387904", "text=%FF", "text=%ED%A0%80",
        "text=%22", "text=-", "text=or", "source=%FF", "near=90,180,20000", "near=-90,-180,0.001",
        "near=٤٠,٣٠,٥", "since=1400-01-01",
        "until=2199-12-31", "topic=rule:²", "text=" + "a" * 500, "text=(((((", "text=:*", "text=%F0%9F%98%80",
    ],
)  # fmt: skip
def test_what_is_odd_but_can_be_asked_is_answered(asked: TestClient, query: str) -> None:
    for path in ("/articles", "/facets", "/export", "/topics", "/regions"):
        assert asked.get(f"{path}?{query}").status_code in ((200, 422) if path != "/articles" else (200,)), (
            path
        )


@pytest.mark.parametrize(
    "number", ["²", "0", "-1", "99999999999999999999", "1e3", "%00", "٣x", "1.5", "x" * 5_000, "9" * 5_000]
)
def test_an_id_that_is_none_is_refused(asked: TestClient, number: str) -> None:
    for path in (f"/articles/{number}", f"/articles/{number}/diff?before=1", f"/submissions/{number}"):
        assert asked.get(path).status_code in (404, 422), path


@pytest.mark.parametrize(
    "body",
    [
        b'{"urls": ["\\ud800"]}', b'{"urls": [NaN]}', b'{"urls": [Infinity]}', b'{"urls": [-1e999]}',
        b'{"urls": [{"url": "\\udfff"}]}',
        b'{"urls": [{"url": "https://x.org/", "title": "\\ud800 \\u0000"}]}', b'{"urls": [{"url": NaN}]}',
        b'{"urls": ["\\u0000"]}',
        b'{"urls": [' + b"9" * 5_000 + b"]}", b"[" * 50_000,
        b'{"urls": ' + b"[" * 5_000 + b"]" * 5_000 + b"}", b"\xff\xfe", b"", b"null",
        b'{"urls": [{"url": "https://x.org/", "published_at": "0001-01-01T00:00:00+05:00"}]}',
        b'{"again": NaN, "urls": ["x"]}',
        b'{"urls": ["https://x.org/"], "\\ud800": 1}',
        b'{"urls": [{"url": "https://x.org/", "authors": ["\\ud800"]}]}',
        b'{"urls": [{"url": "https://x.org/", "deep": ' + b"[" * 900 + b"]" * 900 + b"}]}",
    ],
)  # fmt: skip
def test_a_body_that_is_odd_is_answered(asked: TestClient, body: bytes) -> None:
    for path in ("/submissions", "/webhooks", "/dead-letters/replay", "/session"):
        headers = {"Content-Type": "application/json", "Origin": "http://localhost"}
        answer = asked.post(path, content=body, headers=headers)
        assert answer.status_code < 500, (path, answer.text)
        answer.json()
