"""A minute's share of `make hostile`, and what its judge must notice."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from chaos.hostile import judge, pages
from chaos.hostile.attack import Rates
from chaos.hostile.clients import Desk, asked
from chaos.hostile.feeds import FEEDS
from chaos.hostile.honest import Submitted
from chaos.hostile.run import Plan, Run
from chaos.hostile.watch import Lost, Watch
from chaos.site import path_of, story_of
from services.local.stack import Stack
from services.local.valkey import EmbeddedRedis

pytestmark = [pytest.mark.pipeline, pytest.mark.timeout(600)]
SITE = "http://127.0.0.1:9"
SHORT = {"DATELINE_FETCH_TIMEOUT_S": "3", "DATELINE_MAX_ATTEMPTS": "2"}


@pytest.mark.long
def test_honest_urls_are_stored_among_hostile_input(tmp_path: Path) -> None:
    """Times are not judged here: other tests share the machine."""
    said: list[str] = []
    run = Run(
        tmp_path, 7, Plan(2, 8, 1), said.append, Rates(sources=0.3, hooks=0.3), timed=False, settings=SHORT
    )
    verdict = run.run()
    assert not verdict.findings, "\n".join(verdict.findings)
    assert verdict.calm.count > 1
    assert verdict.hostile.count > 6
    assert sum(run.clients.values()) > 5
    assert all(run.counts[kind] for kind in ("pages", "broken", "lines", "messages", "sources", "hooks"))
    assert {kind for kind, _, _ in verdict.ends} & {"grown", "told", "mine", "junk", "dated"}


def test_a_path_names_one_page() -> None:
    dice = random.Random(3)
    for path in [pages.drawn(dice) for _ in range(5)]:
        assert pages.page(path) == pages.page(path)
    assert pages.drawn(random.Random(3)) == pages.drawn(random.Random(3)) != pages.drawn(random.Random(4))
    assert pages.page("/h/none/0/1") is None
    assert pages.page("/chaos/1") is None


@pytest.mark.parametrize("family", [name for name in pages.FAMILIES if name.endswith("/0")])
def test_each_group_of_pages_can_be_made(family: str) -> None:
    assert pages.page(f"/h/{family}/5")


@pytest.mark.parametrize("kind", FEEDS)
def test_each_kind_of_feed_can_be_made(kind: str) -> None:
    body, told = FEEDS[kind](random.Random(5), SITE)
    assert body
    assert "/" in told


def test_turns_fit_the_minutes() -> None:
    assert Plan.of(60) == Plan(60, 240, 12)
    assert Plan.of(1) == Plan(4, 16, 3)


def _submitted(number: int, *, calm: bool) -> Submitted:
    return Submitted(SITE + path_of(number), number, time.time(), calm)


def _ended(seconds: float | None, *, calm: bool, state: str = "stored") -> judge.Ended:
    return judge.Ended(_submitted(0, calm=calm), seconds, state)


def test_the_judge_compares_hostile_stretches_with_calm_ones() -> None:
    calm = [_ended(1.0 + n / 100, calm=True) for n in range(100)]
    as_usual = [_ended(1.8 + n / 100, calm=False) for n in range(100)]
    assert judge.pace(calm + as_usual, judge.Verdict(), timed=True) == []
    slow = [_ended(4.0, calm=False) for _ in range(100)]
    assert any("median" in said for said in judge.pace(calm + slow, judge.Verdict(), timed=True))
    some = as_usual[:90] + slow[:10]
    assert [said.split(" of ")[0] for said in judge.pace(calm + some, judge.Verdict(), timed=True)] == [
        "the 95th percentile"
    ]
    one = [*as_usual, _ended(31.0, calm=False)]
    assert any("after 31.0 s" in said for said in judge.pace(calm + one, judge.Verdict(), timed=True))
    assert judge.pace(calm + slow, judge.Verdict(), timed=False) == []
    assert judge.pace([*calm, _ended(None, calm=False, state="failed x")], judge.Verdict(), timed=False)


@pytest.fixture
def watch(tmp_path: Path, redis_server: EmbeddedRedis) -> Iterator[Watch]:
    with Redis.from_url(redis_server.url) as client:
        client.flushall()  # other tests leave messages
    stack = Stack(tmp_path)
    stack.redis = redis_server
    yield Watch(stack)


def test_the_judge_notices_growth_but_not_warm_up(watch: Watch) -> None:
    mib = 2**20
    watch.memory = {
        "ingest 1": [(n * 300.0, (100 + 50 * n) * mib) for n in range(12)],
        "ingest 4": [(n * 300.0, (100 + 20 * n) * mib) for n in range(12)],
        "enrich 5": [(n * 300.0, (100 + 10 * n) * mib) for n in range(12)],
        "store 2": [(n * 300.0, (100 if n == 0 else 300) * mib) for n in range(12)],
        "desk 3": [(0.0, 0), (1.0, 500 * mib)],
    }
    assert [" ".join(said.split()[:5]) for said in judge.grown(watch, 0)] == [
        "ingest 1 grew by 550",
        "enrich 5 grew by 100",
    ]


def test_the_judge_notices_what_was_lost_what_is_silent_and_what_waits(
    watch: Watch, ledger: psycopg.Connection
) -> None:
    watch.lost = [Lost("enrich", 0.0, "its end")]
    assert judge.lost_twice(ledger, watch) == []
    watch.lost *= 2
    assert "enrich was lost 2 times" in judge.lost_twice(ledger, watch)[0]
    assert judge.desk(watch) == []
    watch.longest_silence_s = judge.SILENCE_S + 1
    assert "no answer" in judge.desk(watch)[0]
    assert judge.left_waiting(watch) == []
    watch.most_waiting["dateline:quarantine"] = 5000
    assert "over its" in judge.left_waiting(watch)[0]


@pytest.fixture
def ledger(database_url: str) -> Iterator[psycopg.Connection]:
    """A database in which twelve honest pages are stored."""
    with psycopg.connect(database_url) as connection:
        for number in range(12):
            url = SITE + path_of(number)
            row = connection.execute(
                "INSERT INTO articles (url_hash, url, canonical_url, source_domain, title, text, word_count, "
                "content_hash, extractor, "
                "extractor_version, fetched_at) VALUES (%s, %s, %s, 'x', 't', %s, 1, 'h', 'e', '1', now()) "
                "RETURNING id",
                (number.to_bytes(16, "big"), url, url, story_of(number).text),
            ).fetchone()
            connection.execute(
                "INSERT INTO submissions (url, canonical_url, url_hash, host, state, origin, article_id) "
                "VALUES (%s, %s, %s, 'x', 'stored', 'honest', %s)",
                (url, url, number.to_bytes(16, "big"), row[0] if row else None),
            )
        yield connection


@pytest.mark.parametrize(
    ("damage", "noticed"),
    [
        ("SELECT 1", ""),
        ("UPDATE submissions SET state = 'failed', reason = 'x' WHERE url LIKE '%/3'", "honest one"),
        ("DELETE FROM submissions WHERE url LIKE '%/3'", "not in the ledger"),
        ("UPDATE articles SET text = 'mine' WHERE url LIKE '%/3'", "not what its page says"),
        ("UPDATE articles SET version = 2 WHERE url LIKE '%/3'", "never changed"),
        ("UPDATE submissions SET state = 'pending', submitted_at = now() - interval '1 h' WHERE url LIKE "
            "'%/3'", "is still pending"),
        ("UPDATE submissions SET state = 'skipped' WHERE url LIKE '%/3'", "nothing says why"),
        ("INSERT INTO sources (url, kind, added_at) VALUES ('x', 'auto', now() - interval '1 h')",
        "was not polled"),
        ("INSERT INTO submission_attempts (submission_id, attempt, stage, outcome, reason) SELECT id, n, "
            "'ingest', 'retry', 'worker_lost' "
         "FROM submissions, generate_series(1, 2) n WHERE url LIKE '%/3'", "lost 2 times"),
    ],
)  # fmt: skip
def test_the_judge_notices_in_the_ledger(
    ledger: psycopg.Connection, watch: Watch, damage: str, noticed: str
) -> None:
    ledger.execute(damage)
    honest = [_submitted(number, calm=False) for number in range(12)]
    found = judge.pace(judge.honest_ends(ledger, honest), judge.Verdict(), timed=False)
    found += [*judge.altered(ledger, honest), *judge.open_too_long(ledger), *judge.lost_twice(ledger, watch)]
    assert any(noticed in said for said in found) if noticed else not found, found


def test_a_desk_that_is_not_there_is_no_answer() -> None:
    assert asked(Desk(1, "token", "127.0.0.1"), b"GET / HTTP/1.1\r\n\r\n")[0][0] == 0
