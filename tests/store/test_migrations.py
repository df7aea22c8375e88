"""Migrations: empty to head equals the models, one head, down and up again, two at once."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from itertools import chain

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, create_engine

from services.contract.errors import DatelineError, Unavailable
from services.local.postgres import EmbeddedPostgres
from services.store.migrate import _config, current, head, migrate, require_current, revisions
from services.store.schema import SEARCH_CONFIGURATIONS, metadata
from tests.conftest import eventually


@pytest.fixture
def blank_url(postgres: EmbeddedPostgres) -> str:
    base = postgres.url.rsplit("/", 1)[0]
    with psycopg.connect(base + "/postgres", autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS blank_copy WITH (FORCE)")
        connection.execute("CREATE DATABASE blank_copy TEMPLATE blank")
    return base + "/blank_copy"


def test_there_is_one_head_and_files_begin_with_their_revisions() -> None:
    scripts = ScriptDirectory.from_config(_config())
    assert scripts.get_heads() == [head()]
    assert {script.revision for script in scripts.walk_revisions()} == revisions()


def test_no_service_loads_the_migrations_to_look_at_the_schema() -> None:
    services = ", ".join(f"services.{name}.app" for name in ("desk", "store", "scheduler"))
    seen = f"import sys, {services}; print({{'alembic', 'sqlalchemy'}} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_empty_to_head_equals_the_models(blank_url: str) -> None:
    assert migrate(blank_url) == (None, head())
    engine = create_engine("postgresql+psycopg://" + blank_url.split("://", 1)[1])
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": False}
        )
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_bounds_of_the_models_are_those_of_the_migrations(blank_url: str) -> None:
    migrate(blank_url)
    kept = (
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c' "
        "AND conrelid = %s::regclass"
    )
    with psycopg.connect(blank_url) as connection:
        for table in metadata.sorted_tables:
            stated = chain(table.constraints, *(column.constraints for column in table.columns))
            checks = [c for c in stated if isinstance(c, CheckConstraint)]
            connection.execute(f"CREATE TABLE model (LIKE {table.name})")
            for check in checks:
                connection.execute(f"ALTER TABLE model ADD CONSTRAINT {check.name} CHECK ({check.sqltext})")
            modelled = connection.execute(kept, ("model",)).fetchall()
            connection.execute("DROP TABLE model")
            assert sorted(connection.execute(kept, (table.name,)).fetchall()) == sorted(modelled), table.name


def test_down_to_nothing_and_up_again(blank_url: str) -> None:
    migrate(blank_url)
    migrate(blank_url, revision="base")
    with psycopg.connect(blank_url) as connection:
        tables = {
            r[0] for r in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        }
    assert tables == {"alembic_version"}
    assert migrate(blank_url)[1] == head()


def test_two_migrations_at_once_both_succeed(blank_url: str) -> None:
    command = [sys.executable, "-m", "services.cli", "migrate"]
    environ = os.environ | {"DATELINE_DATABASE_URL": blank_url}
    both = [subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=60)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert current(blank_url) == head()


def test_a_missing_schema_names_the_remedy(blank_url: str) -> None:
    assert current(blank_url) is None
    with pytest.raises(DatelineError, match="run `dateline migrate`"):
        require_current(blank_url)


def test_a_wrong_password_and_a_server_that_is_away_are_told_apart(postgres: EmbeddedPostgres) -> None:
    with pytest.raises(DatelineError, match="refused the password in DATELINE_DATABASE_URL"):
        current(postgres.url.replace(postgres.password, "wrong"))
    with pytest.raises(Unavailable, match="is it running"):
        current("postgresql://dateline:x@127.0.0.1:1/dateline")


def test_search_stems_by_the_languages_that_the_models_name(blank_url: str) -> None:
    migrate(blank_url)
    with psycopg.connect(blank_url) as connection:
        for language, configuration in SEARCH_CONFIGURATIONS.items():
            row = connection.execute(
                "SELECT dateline_search(%s, 'running houses Häuser', '') = "
                "setweight(to_tsvector(%s::regconfig, 'running houses Häuser'), 'A')",
                (language, configuration),
            ).fetchone()
            assert row == (True,), language


def test_articles_that_are_stored_while_the_feed_is_made_are_all_in_it(blank_url: str) -> None:
    """The version before writes on, without a pause, while 0006 comes."""
    migrate(blank_url, revision="0005")
    done = threading.Event()
    stored = [0]

    def write(writer: int) -> None:
        with psycopg.connect(blank_url) as connection:
            while not done.is_set():
                stored[0] += 1
                _article(connection, f"{writer}-{stored[0]}".encode())
                connection.commit()

    writers = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    for thread in writers:
        thread.start()
    try:
        eventually("some are stored before", lambda: stored[0] > 200, within_s=30)
        migrate(blank_url)
        after = stored[0]
        eventually("some are stored after", lambda: stored[0] > after + 200, within_s=30)
    finally:
        done.set()
        for thread in writers:
            thread.join()
    with psycopg.connect(blank_url) as connection:
        row = connection.execute(
            "SELECT count(*), count(*) FILTER (WHERE c.article_id IS NULL) FROM articles a LEFT "
            "JOIN article_changes c ON c.article_id = a.id"
        ).fetchone()
    assert row is not None
    assert row[0] > 400
    assert row[1] == 0


def test_links_of_both_ways_are_seen_and_the_version_before_can_still_write_its_own(blank_url: str) -> None:
    """Rows of before 0008 stay where they are; the code before it inserts
    and deletes rows of `article_links`.
    """
    seen = "SELECT article_id, position, url, kind FROM article_links ORDER BY article_id, position"
    insert = (
        "INSERT INTO article_links (article_id, position, url, title, kind) VALUES (%s, %s, %s, 't', 'body')"
    )
    migrate(blank_url, revision="0007")
    with psycopg.connect(blank_url) as connection:
        old, new = _article(connection, b"1"), _article(connection, b"2")
        connection.execute(insert, (old, 0, "https://x/old"))
    migrate(blank_url)
    with psycopg.connect(blank_url) as connection:
        links = (
            '[{"url": "https://x/a", "title": "t", "kind": "body"}, '
            '{"url": "https://x/b", "title": "t", "kind": "related"}]'
        )
        connection.execute("UPDATE articles SET links = %s WHERE id = %s", (links, new))
        both = [(new, 0, "https://x/a", "body"), (new, 1, "https://x/b", "related")]
        assert connection.execute(seen).fetchall() == [(old, 0, "https://x/old", "body"), *both]
        connection.execute("DELETE FROM article_links WHERE article_id = ANY(%s)", ([old],))
        connection.execute(insert, (old, 0, "https://x/again"))
        assert connection.execute(seen).fetchall() == [(old, 0, "https://x/again", "body"), *both]
        connection.execute("DELETE FROM article_links WHERE article_id = %s", (new,))
        assert connection.execute(seen).fetchall() == [(old, 0, "https://x/again", "body")]
        connection.execute("UPDATE articles SET links = %s WHERE id = %s", (links, new))
    migrate(blank_url, revision="0007")
    with psycopg.connect(blank_url) as connection:
        assert connection.execute(seen).fetchall() == [(old, 0, "https://x/again", "body"), *both]
        connection.execute("DELETE FROM articles WHERE id = %s", (old,))
        assert connection.execute(seen).fetchall() == both


def test_what_is_out_of_bounds_is_mended_and_then_kept_out(blank_url: str) -> None:
    """Rows of before 0009 that no reader could load, and writes of the code before it while it comes."""
    migrate(blank_url, revision="0008")
    topic = (
        "INSERT INTO article_topics (article_id, code, name, path, score, tagger_version) "
        "VALUES (%s, %s, 'n', '{}', %s, '1')"
    )
    place = (
        'INSERT INTO article_places (article_id, start, "end", quote, lat, lon, score, tagger_version) '
        "VALUES (%s, %s, 3, 'q', %s, 0, 'NaN', '1')"
    )
    with psycopg.connect(blank_url) as connection:
        number, fine = _article(connection, b"1"), _article(connection, b"2")
        connection.execute(
            "UPDATE articles SET published_at = '0001-12-31 BC', modified_at = 'infinity', fetched_at = "
            "'-infinity', title = repeat('x', 420000), "
            "authors = array_fill('a'::text, ARRAY[5000]), word_count = -1, url = '', language = "
            "repeat('e', 50) WHERE id = %s",
            (number,),
        )
        connection.execute(topic, (number, "a", 7.0))
        connection.execute(topic, (number, "", 0.5))
        connection.execute(place, (number, -2, 10.0))
        connection.execute(place, (number, 1, 200.0))
    migrate(blank_url)
    with psycopg.connect(blank_url) as connection:
        row = connection.execute(
            "SELECT published_at, modified_at, fetched_at > '2020-01-01', char_length(title), "
            "cardinality(authors), word_count, url, language "
            "FROM articles WHERE id = %s",
            (number,),
        ).fetchone()
        assert row == (None, None, True, 2000, 1000, 0, "-", None)
        assert connection.execute("SELECT code, score FROM article_topics").fetchall() == [("a", 1.0)]
        assert connection.execute("SELECT start, lat, lon, score FROM article_places").fetchall() == [
            (1, None, None, 1.0)
        ]
        assert connection.execute("SELECT title FROM articles WHERE id = %s", (fine,)).fetchone() == ("t",)
        for change in (
            "published_at = '0001-01-01'",
            "title = repeat('x', 3000)",
            "word_count = -1",
            "fetched_at = 'infinity'",
        ):
            with pytest.raises(psycopg.errors.CheckViolation), connection.transaction():
                connection.execute(f"UPDATE articles SET {change} WHERE id = {fine}")
    migrate(blank_url, revision="0008")
    migrate(blank_url)


def _article(connection: psycopg.Connection, key: bytes) -> int:
    row = connection.execute(
        "INSERT INTO articles (url_hash, url, canonical_url, source_domain, title, text, language, "
        "word_count, content_hash, "
        "extractor, extractor_version, fetched_at) "
        "VALUES (%s, 'u', 'u', 'x', 't', 'x', 'en', 1, 'h', 'e', '1', now()) RETURNING id",
        (key,),
    ).fetchone()
    assert row is not None
    return int(row[0])
