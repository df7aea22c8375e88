"""The moment up to which everything that was stored can be seen."""

from __future__ import annotations

import time

import psycopg

from services.stories.reader import horizon
from tests.conftest import eventually
from tests.stories.newsroom import settings, store, told
from tests.stories.texts import prose


def test_it_is_now_while_nobody_writes(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        assert abs(horizon(connection) - time.time()) < 30


def test_it_does_not_pass_the_beginning_of_a_transaction_that_writes(database_url: str) -> None:
    with psycopg.connect(database_url) as writing, psycopg.connect(database_url, autocommit=True) as asking:
        (began,) = writing.execute("SELECT extract(epoch FROM now())::float8").fetchone()
        writing.execute("SELECT pg_current_xact_id()")
        eventually("time goes on", lambda: time.time() > began + 1)
        assert horizon(asking) <= began
        writing.rollback()
        assert horizon(asking) > began


def test_an_article_is_taken_in_when_its_slice_of_time_is_over(database_url: str) -> None:
    from services.stories.follower import Follower, connect

    with psycopg.connect(database_url) as db, connect(database_url) as leading:
        store(db, 1, prose(1))
        db.execute("UPDATE article_changes SET changed_at = now()")
        db.commit()
        follower = Follower(settings(database_url, slice_s=1.0))
        eventually("it is taken in", lambda: follower.follow(leading) or told(db)["members"], within_s=30)
