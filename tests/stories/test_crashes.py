"""Whatever ends the service, what it has written is what a service that never ended would have written."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as options
from hypothesis import strategies as st

from services.stories import batches, rebuild, state, writer
from services.stories.follower import connect
from tests.conftest import eventually
from tests.database import TestDatabase
from tests.stories.newsroom import delete, ended_time, events, follow, service, settings, store, told  # noqa: F401
from tests.stories.test_service import LONG_AGO, groups
from tests.stories.texts import prose

pytestmark = pytest.mark.usefixtures("ended_time")


@pytest.fixture
def db(database_url: str) -> Any:
    with psycopg.connect(database_url) as connection:
        yield connection


def _news(seed: int) -> list[tuple[int, str]]:
    """Texts of which some are copies of others, and some report the same."""
    rng = random.Random(seed)
    made = []
    for number in range(40):
        words = prose(rng.randrange(12), "en", 120).split(" ")
        kind = rng.randrange(4)
        if kind == 1:
            words = words[: rng.randrange(60, 119)]
        elif kind == 2:
            words += prose(100 + number, "en", 60).split(" ")
        elif kind == 3:
            rng.shuffle(words)
        made.append((number, " ".join(words)))
    return made


class Killed(BaseException):
    """Ends a service as `kill -9` does: nothing of it goes on."""


_STEPS = (
    (writer, "lock"), (writer, "write"), (writer, "_write_copies"), (writer, "_write_members"),
    (writer, "_write_signatures"), (writer, "_count"), (writer, "tell"), (writer, "advance"),
    (batches, "_leave"), (state, "refill"),
)  # fmt: skip


@pytest.mark.parametrize(("module", "step"), _STEPS, ids=[step for _, step in _STEPS])
def test_a_service_that_is_killed_at_a_step_loses_and_doubles_nothing(
    database_url: str, db: Any, module: Any, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, text in _news(1):
        store(db, number, text, minute=number / 8)
    follow(database_url)
    quiet, said = told(db), events(db)
    _forget_all(db)
    real = getattr(module, step)
    for nth in (1, 2):
        calls = 0

        def killed(*arguments: Any, nth: int = nth, **named: Any) -> Any:
            nonlocal calls
            calls += 1
            found = real(*arguments, **named)
            if calls == nth:
                raise Killed
            return found

        with monkeypatch.context() as patch, connect(database_url) as leading:
            patch.setattr(module, step, killed)
            patch.setattr(batches, "MOST", 7)
            try:
                service_of(database_url).follow(leading)
            except Killed:
                leading.close()
    follow(database_url)
    assert told(db) == quiet and events(db) == said


def service_of(url: str) -> Any:
    with service(url) as (follower, _):
        return follower


def _forget_all(db: Any) -> None:
    db.execute(f"TRUNCATE {', '.join(rebuild.TABLES)}")
    db.commit()


@given(seed=st.integers(0, 10_000), cuts=st.lists(st.integers(1, 39), max_size=6, unique=True))
@options(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_restarts_change_nothing(postgres: Any, seed: int, cuts: list[int]) -> None:
    """Articles that come, change and are deleted, followed by one service, and by one after each cut."""
    results = []
    for stops in ([], cuts):
        database = TestDatabase(postgres.url, "restarts")
        url = database.ready()
        with psycopg.connect(url) as db, connect(url) as leading:
            rng = random.Random(seed)
            follower = service_of(url)
            ids: list[int] = []
            for number, text in _news(seed):
                ids.append(store(db, number, text, minute=number))
                if number % 9 == 8:
                    store(db, rng.randrange(number), prose(200 + number), minute=number + 0.2)
                if number % 11 == 10:
                    delete(db, ids[rng.randrange(number)], number + 0.4)
                if number in stops:
                    follower = service_of(url)
                follower.follow(leading)
            results.append(told(db) | {"events": events(db)})
        database.empty()
    assert results[0] == results[1]


@given(seed=st.integers(0, 10_000))
@options(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_within_a_slice_of_time_and_a_rebuild_change_nothing(postgres: Any, seed: int) -> None:
    results = []
    for shuffled in (False, True):
        database = TestDatabase(postgres.url, "orders")
        url = database.ready()
        with psycopg.connect(url) as db:
            news = [(n, text, n // 10) for n, text in _news(seed)]
            if shuffled:
                random.Random(seed).shuffle(news)
                news.sort(key=lambda one: one[2])
            for number, text, minute in news:
                store(db, number, text, minute=minute)
                if number % 10 == 9 and not shuffled:
                    follow(url)
            follow(url)
            before = told(db)
            with connect(url) as leading:
                changed = rebuild.run(leading, settings(url), LONG_AGO)
            assert not any(changed.values()) and told(db) == before
            name = dict(db.execute("SELECT id, substring(url from '[0-9]+$')::int FROM articles").fetchall())
            results.append(sorted(sorted(name[a] for a in group) for group in groups(before["members"])))
            results.append(sorted((name[c[0]], name[c[1]], c[3]) for c in before["copies"]))
        database.empty()
    assert results[:2] == results[2:]


def test_of_two_services_one_leads_and_the_other_takes_over(database_url: str, db: Any) -> None:
    environ = {
        "PATH": "", "DATELINE_DATABASE_URL": database_url, "DATELINE_REDIS_URL": "redis://127.0.0.1:1/0",
        "DATELINE_STORIES_SLICE_S": "1", "DATELINE_LOG_FORMAT": "json",
    }  # fmt: skip
    command = [sys.executable, "-m", "services.stories"]
    running = [
        subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(2)
    ]
    try:
        news = _news(3)
        for number, text in news[:10]:
            store(db, number, text)
        eventually("all are taken in", lambda: len(told(db)["members"]) == 10)
        (pid,) = db.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = 229105952"
        ).fetchone()
        assert pid == 1
        for process in running[:1]:
            process.send_signal(signal.SIGKILL)
            process.wait()
        for number, text in news[10:20]:
            store(db, number, text)
        eventually("the other goes on", lambda: len(told(db)["members"]) == 20)
        assert len({m[0] for m in told(db)["members"]}) == 20
    finally:
        for process in running:
            process.kill()
            process.wait()
