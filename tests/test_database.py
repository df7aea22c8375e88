"""The tests' database is as new for each test, whatever the one before did to it."""

from __future__ import annotations

import psycopg
import pytest

from services.local.postgres import EmbeddedPostgres
from tests.database import TestDatabase


@pytest.fixture(scope="module")
def database(postgres: EmbeddedPostgres) -> TestDatabase:
    return TestDatabase(postgres.url, "test_of_the_database")


def _source(url: str) -> int:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(
            "INSERT INTO sources (url, kind) VALUES ('https://a.example/feed', 'rss') RETURNING id"
        ).fetchone()
    assert row
    return int(row[0])


def _count(url: str, table: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row
    return int(row[0])


def test_rows_and_numbers_do_not_outlive_a_test(database: TestDatabase) -> None:
    first = _source(database.ready())
    database.empty()
    assert _count(database.ready(), "sources") == 0
    assert _source(database.url) == first
    assert _count(database.url, "areas") > 20
    database.empty()


@pytest.mark.parametrize(
    "damage",
    [
        "ALTER TABLE articles RENAME TO gone",
        "ALTER TABLE articles DROP CONSTRAINT articles_dates",
        "CREATE TABLE more (id bigint)",
        "DELETE FROM areas",
        "ALTER TABLE articles DISABLE TRIGGER ALL",
    ],
)
def test_a_changed_schema_is_made_again(database: TestDatabase, damage: str) -> None:
    with psycopg.connect(database.ready(), autocommit=True) as connection:
        connection.execute(damage)
    database.empty()
    assert _count(database.ready(), "areas") > 20
    with psycopg.connect(database.url, autocommit=True) as connection, pytest.raises(psycopg.Error):
        connection.execute("UPDATE articles SET nothing = 1")
    assert _source(database.url) == 1
    database.empty()


def test_who_is_still_connected_is_cut_off(database: TestDatabase) -> None:
    with psycopg.connect(database.ready()) as connection:
        connection.execute("LOCK TABLE articles IN ACCESS EXCLUSIVE MODE")
        database.empty()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    assert _count(database.ready(), "articles") == 0
    database.empty()
