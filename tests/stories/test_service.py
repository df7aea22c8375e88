"""The service follows what the store commits: each article once, in order, whatever happens to it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from services.store import story_progress
from services.stories import rebuild
from services.stories.follower import connect
from tests.stories.newsroom import delete, ended_time, events, follow, service, settings, store, told  # noqa: F401
from tests.stories.texts import prose

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("ended_time")


def _cut(text: str, part: float = 0.6) -> str:
    words = text.split(" ")
    return " ".join(words[: int(len(words) * part)])


def groups(members: list[tuple[Any, ...]]) -> list[list[int]]:
    """The articles of each story."""
    found: dict[int, list[int]] = {}
    for article, story, *_ in members:
        found.setdefault(story, []).append(article)
    return sorted(found.values())


@pytest.fixture
def db(database_url: str) -> Any:
    with psycopg.connect(database_url) as connection:
        yield connection


def test_a_copy_has_its_parent_its_passages_and_its_parents_story(database_url: str, db: Any) -> None:
    first = store(db, 1, prose(1))
    cut = store(db, 2, _cut(prose(1)), minute=1)
    alone = store(db, 3, prose(2), minute=2)
    assert follow(database_url) == 3
    said = told(db)
    [copy] = said["copies"]
    assert copy[:4] == (cut, first, first, "cut") and copy[4] == 1.0
    passages = copy[6]
    assert len(passages) % 4 == 0 and passages[1] > passages[0]
    assert {m[0]: m[1] for m in said["members"]} == {first: 1, cut: 1, alone: 2}
    assert [s[:6] for s in said["stories"]] == [(1, first, "en", 2, 1, 2), (2, alone, "en", 1, 1, 1)]
    assert events(db) == [("story_created", 1, None, 0)]


def test_nothing_is_taken_in_twice(database_url: str, db: Any) -> None:
    store(db, 1, prose(1))
    store(db, 2, prose(1), minute=1)
    assert follow(database_url) == 2
    before = told(db)
    assert follow(database_url) == 0 and told(db) == before


def test_an_earlier_article_that_comes_later_becomes_the_root(database_url: str, db: Any) -> None:
    copies = [store(db, n, prose(1), minute=n) for n in range(3)]
    agency = store(db, 9, prose(1), minute=9, source="reuters.com", agency="Reuters")
    follow(database_url)
    assert [c[:3] for c in told(db)["copies"]] == [(n, agency, agency) for n in copies]


def test_a_deleted_root_has_a_successor(database_url: str, db: Any) -> None:
    first, second, third = (store(db, n, prose(1), minute=n) for n in range(3))
    follow(database_url)
    delete(db, first, 10)
    assert [s[1:4] for s in told(db)["stories"]] == [(second, "en", 2)], "counted at once"
    follow(database_url)
    assert [c[:3] for c in told(db)["copies"]] == [(third, second, second)]
    assert [s[1:6] for s in told(db)["stories"]] == [(second, "en", 2, 1, 2)]
    store(db, 7, _cut(prose(1)), minute=20)
    follow(database_url)
    assert [c[1] for c in told(db)["copies"]] == [second, second]


def test_a_deleted_root_that_left_the_window_has_a_successor(database_url: str, db: Any) -> None:
    first, second, third = (store(db, n, prose(1), minute=n) for n in range(3))
    store(db, 8, prose(8), minute=40 * 24 * 60)
    follow(database_url)
    delete(db, first, 41 * 24 * 60)
    follow(database_url)
    assert [c[:3] for c in told(db)["copies"]] == [(third, second, second)]


def test_an_article_that_changes_leaves_its_family(database_url: str, db: Any) -> None:
    first, second, third = (store(db, n, prose(1), minute=n) for n in range(3))
    follow(database_url)
    store(db, 0, prose(5), minute=10)
    follow(database_url)
    assert [c[:3] for c in told(db)["copies"]] == [(third, second, second)]
    assert {m[0]: m[6] for m in told(db)["members"]} == {first: 2, second: 1, third: 1}


def test_an_article_alone_keeps_its_story_when_it_changes(database_url: str, db: Any) -> None:
    article = store(db, 1, prose(1))
    follow(database_url)
    store(db, 1, prose(2), minute=5)
    follow(database_url)
    assert [m[:2] for m in told(db)["members"]] == [(article, 1)]
    assert [s[0] for s in told(db)["stories"]] == [1]


@pytest.mark.parametrize("text", ["", "word", "a b " * 90_000, "天地" * 5_000, "\t\n"])
def test_no_text_stops_it(database_url: str, db: Any, text: str) -> None:
    for number in range(3):
        store(db, number, text, minute=number)
    assert follow(database_url) == 3


def test_an_article_that_cannot_be_written_holds_up_no_other(
    database_url: str, db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from services.stories.window import Window

    bad = store(db, 2, prose(2), minute=1)
    good = [store(db, n, prose(n), minute=n) for n in (1, 3)]
    take = Window.take

    def refuse(window: Window, article: Any) -> None:
        take(window, article)
        if article.id == bad:
            raise ValueError("no")

    monkeypatch.setattr(Window, "take", refuse)
    assert follow(database_url) == 2
    assert sorted(m[0] for m in told(db)["members"]) == sorted(good)


def test_a_rebuild_says_what_the_service_said(database_url: str, db: Any) -> None:
    for number in range(30):
        store(db, number, prose(number % 7) if number % 3 else _cut(prose(number % 7)), minute=number / 10)
    follow(database_url)
    before = told(db)
    with connect(database_url) as leading:
        changed = rebuild.run(leading, settings(database_url), LONG_AGO)
    assert not any(changed.values()) and told(db) == before
    store(db, 50, prose(3), minute=60)
    assert follow(database_url) == 1


def test_a_rebuild_mends_what_was_broken(database_url: str, db: Any) -> None:
    for number in range(20):
        store(db, number, prose(number % 4), minute=number / 10)
    follow(database_url)
    before = told(db)
    db.execute("DELETE FROM article_copies WHERE article_id % 2 = 0")
    db.execute("UPDATE story_articles SET story_id = 3 WHERE story_id = 2")
    db.execute("SELECT dateline_count_stories(array[2, 3])")
    db.commit()
    with connect(database_url) as leading:
        rebuild.run(leading, settings(database_url), LONG_AGO)
    after = told(db)
    assert after["copies"] == before["copies"]
    groups = [
        {m[1]: [o[0] for o in s["members"] if o[1] == m[1]] for m in s["members"]} for s in (before, after)
    ]
    assert sorted(groups[0].values()) == sorted(groups[1].values())


_QUAKE = (
    "A strong earthquake shook the town of Karamel on Monday, killing at least 12 people. Mayor Ilse "
    "Brandt of Karamel said that the hospital was damaged. Rescuers from Dorvik searched the Hotel Astoria.",
    "The death toll of the earthquake in Karamel rose to 12 on Monday. Rescuers from Dorvik pulled two "
    "children out of the rubble of the Hotel Astoria, Mayor Ilse Brandt said.",
)


def test_a_story_says_what_its_articles_have_in_common_and_that_it_grew(database_url: str, db: Any) -> None:
    for number in range(20, 60):
        store(db, number, prose(number, "en", 120), minute=0)
    reports = [store(db, n, _QUAKE[n % 2] + f" It was report {n}.", minute=1 + n) for n in range(6)]
    follow(database_url)
    members = {m[0]: m for m in told(db)["members"]}
    story = members[reports[0]][1]
    assert {members[n][1] for n in reports} == {story}
    assert members[reports[0]][4] is None and members[reports[1]][5]["names"]
    assert [e[0::3] for e in events(db) if e[1] == story] == [("story_created", 0), ("story_grew", 5)]


def test_events_are_in_the_order_of_the_change_feed(database_url: str, db: Any) -> None:
    store(db, 1, prose(1))
    store(db, 2, prose(1), minute=1)
    follow(database_url)
    store(db, 3, prose(3), minute=2)
    (event,) = db.execute("SELECT seq FROM story_events").fetchone()
    stored = [row[0] for row in db.execute("SELECT seq FROM article_changes ORDER BY article_id")]
    assert stored[1] < event < stored[2]


def test_what_has_left_the_window_is_forgotten_and_its_relations_stay(database_url: str, db: Any) -> None:
    first, second = store(db, 1, prose(1)), store(db, 2, prose(1), minute=1)
    follow(database_url)
    late = store(db, 3, prose(1), minute=30 * 24 * 60)
    follow(database_url)
    follow(database_url)
    assert [row[0] for row in db.execute("SELECT article_id FROM story_signatures").fetchall()] == [late]
    assert [row[0] for row in db.execute("SELECT article_id FROM story_vectors").fetchall()] == [late]
    assert [c[:3] for c in told(db)["copies"]] == [(second, first, first)]
    assert {m[0]: m[1] for m in told(db)["members"]} == {first: 1, second: 1, late: 2}


def test_a_copy_of_a_root_that_left_the_window_belongs_to_its_family(database_url: str, db: Any) -> None:
    day = 24 * 60
    first, second = store(db, 1, prose(1)), store(db, 2, prose(1), minute=13 * day)
    store(db, 8, prose(8), minute=18 * day)
    follow(database_url)
    third = store(db, 3, prose(1), minute=20 * day)
    follow(database_url)
    assert [c[:3] for c in told(db)["copies"]] == [(second, first, first), (third, first, second)]


def test_a_text_that_was_let_go_of_keeps_its_relations(database_url: str, db: Any) -> None:
    first, copy = store(db, 1, prose(1)), store(db, 2, prose(1), minute=1)
    follow(database_url)
    db.execute(
        "UPDATE articles SET text = '', content_hash = 'let go ' || content_hash WHERE id = %s", (first,)
    )
    db.commit()
    store(db, 3, prose(2), minute=2)
    assert follow(database_url) == 1
    assert [c[:2] for c in told(db)["copies"]] == [(copy, first)]


def test_the_command_rebuilds_where_no_service_runs(
    database_url: str, db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from services.cli.stories.rebuild import run

    for number in range(6):
        store(db, number, prose(number % 2), minute=number)
    follow(database_url)
    before = told(db)
    db.execute("DELETE FROM article_copies")
    db.commit()
    monkeypatch.setenv("DATELINE_DATABASE_URL", database_url)
    monkeypatch.setenv("DATELINE_REDIS_URL", "redis://127.0.0.1:1/0")
    seen: list[tuple[int, int]] = []
    with psycopg.connect(database_url) as connection:
        changed = run(connection, LONG_AGO, lambda *at: seen.append(at))
    assert changed is not None and changed["copies"] == 4 and seen[-1] == (6, 6)
    assert told(db) == before


def test_a_service_does_the_rebuild_that_it_is_asked_for(database_url: str, db: Any) -> None:
    for number in range(6):
        store(db, number, prose(number % 2), minute=number)
    with service(database_url) as (follower, leading):
        follower.follow(leading)
        before = told(db)
        db.execute("DELETE FROM article_copies")
        story_progress.ask_for_rebuild(db, LONG_AGO, "1")
        db.commit()
        follower.follow(leading)
        assert told(db) == before
        assert story_progress.read(db)["rebuild_since"] is None and story_progress.lag(db)[0] == 0


def test_another_method_relates_the_window_anew(database_url: str, db: Any) -> None:
    for number in range(4):
        store(db, number, prose(1), minute=number)
    follow(database_url)
    before = told(db)
    db.execute("UPDATE article_copies SET version = '0'")
    db.execute("UPDATE stories_progress SET method = '0'")
    db.commit()
    follow(database_url)
    assert told(db) == before
    assert db.execute("SELECT DISTINCT version FROM article_copies").fetchall() == [("1",)]
