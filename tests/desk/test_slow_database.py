"""A query that reaches the statement timeout gets 504 and returns its connection to the pool."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from fastapi.testclient import TestClient
from psycopg_pool import ConnectionPool

from services.local.valkey import EmbeddedRedis
from tests.articles import enriched, stored
from tests.conftest import eventually
from tests.desk.conftest import desk_client, ready

_QUESTIONS = ("/articles", "/articles?text=strike", "/facets?text=strike", "/topics?text=strike",
"/regions?near=1,1,10", "/articles/1",
    "/articles/1/diff?before=1", "/export", "/export?format=csv", "/export?format=parquet",
    "/changes?after=0", "/pipeline",
    "/submissions/1", "/dead-letters", "/sources", "/sources/report")  # fmt: skip
_TABLES = "articles, article_versions, article_changes, submissions, dead_letters, sources"


@pytest.fixture
def client(pool: ConnectionPool, database_url: str, redis_server: EmbeddedRedis) -> Iterator[TestClient]:
    stored(pool, enriched())
    with desk_client(database_url, redis_server.url, DATELINE_DESK_QUESTION_S="0.2") as running:
        ready(running)
        eventually("it is known", lambda: running.get("/articles").json()["total"] == 1, within_s=20)
        yield running


def test_a_question_that_takes_too_long_is_told_so(client: TestClient, database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute(f"LOCK TABLE {_TABLES} IN ACCESS EXCLUSIVE MODE")
        for path in _QUESTIONS:
            answer = client.get(path)
            assert answer.status_code == 504, (path, answer.text)
            assert "statement timeout" in answer.json()["detail"]
    for path in _QUESTIONS:
        assert client.get(path).status_code in (200, 404), path
