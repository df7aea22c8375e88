"""What the judge of a chaos run must notice of copies and stories."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from chaos.stories import caught_up, differing
from tests.stories.newsroom import ended_time, follow, store  # noqa: F401
from tests.stories.texts import prose

pytestmark = pytest.mark.usefixtures("ended_time")


@pytest.fixture
def db(database_url: str) -> Any:
    with psycopg.connect(database_url) as connection:
        for number in range(12):
            store(connection, number, prose(number % 4), minute=number / 5)
        assert not caught_up(database_url, within_s=0.1)
        follow(database_url)
        yield connection


def test_what_the_service_wrote_is_what_a_quiet_run_writes(database_url: str, db: Any) -> None:
    assert caught_up(database_url)
    assert differing(database_url, 60.0) == []


@pytest.mark.parametrize(
    "fault",
    [
        "DELETE FROM article_copies WHERE article_id = 9",
        "UPDATE article_copies SET root_id = 2, parent_id = 2 WHERE article_id = 9",
        "UPDATE story_articles SET story_id = 2 WHERE article_id = 9",
        "DELETE FROM story_articles WHERE article_id = 9",
        "UPDATE stories SET articles = articles + 1 WHERE id = 1",
        "DELETE FROM story_events WHERE story_id = 1",
    ],
)
def test_every_difference_is_told(database_url: str, db: Any, fault: str) -> None:
    db.execute(fault)
    db.commit()
    assert differing(database_url, 60.0)
