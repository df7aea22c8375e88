"""The Redis list as an intake: each line becomes an entry or a refusal, and does not affect the others."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg_pool import ConnectionPool
from redis import Redis

from chaos.poison import LINES
from services.contract.errors import Unavailable
from services.contract.routes import URL_LIST
from services.scheduler import list_intake
from services.scheduler.list_intake import CLAIMED, ListIntake
from services.store.intake import LINE_CAP_BYTES
from tests.thinning import examples


def _reasons(pool: ConnectionPool) -> list[str]:
    with pool.connection() as connection:
        return [
            r[0]
            for r in connection.execute("SELECT reason FROM submissions WHERE state = 'refused' ORDER BY id")
        ]


def test_poisoned_lines_are_refused_and_the_ones_behind_them_recorded(
    pool: ConnectionPool, redis: Redis
) -> None:
    redis.rpush(URL_LIST, *LINES, "https://example.org/behind")
    recorded = ListIntake(pool, redis).tick()
    assert (recorded.new, recorded.refused) == (1, len(LINES))
    assert redis.exists(URL_LIST, CLAIMED) == 0


def test_a_line_over_the_cap_is_refused_with_its_length_and_only_its_beginning(
    pool: ConnectionPool, redis: Redis
) -> None:
    redis.rpush(URL_LIST, b"https://example.org/" + b"x" * LINE_CAP_BYTES)
    ListIntake(pool, redis).tick()
    with pool.connection() as connection:
        ((url, reason, detail),) = connection.execute(
            "SELECT url, reason, detail FROM submissions"
        ).fetchall()
    assert (len(url), reason) == (500, "line_too_long")
    assert f"{LINE_CAP_BYTES + 20:,} bytes" in detail


def test_a_line_that_breaks_its_reader_is_refused(
    pool: ConnectionPool, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = list_intake.parse_line

    def fragile(text: bytes, origin: str) -> object:
        if b"odd" in text:
            raise AssertionError("nobody thought of that")
        return read(text, origin)

    monkeypatch.setattr(list_intake, "parse_line", fragile)
    redis.rpush(URL_LIST, "https://example.org/a", "https://example.org/odd", "https://example.org/b")
    recorded = ListIntake(pool, redis).tick()
    assert (recorded.new, recorded.refused, _reasons(pool)) == (2, 1, ["unreadable_line"])


def test_a_line_that_postgres_refuses_costs_no_other(pool: ConnectionPool, redis: Redis) -> None:
    with pool.connection() as connection:
        connection.execute(
            "ALTER TABLE submissions ADD CONSTRAINT odd CHECK (state = 'refused' OR url NOT LIKE '%odd%')"
        )
    redis.rpush(URL_LIST, *(f"https://example.org/{'odd' if n == 5 else n}" for n in range(9)))
    recorded = ListIntake(pool, redis).tick()
    assert (recorded.new, recorded.refused, _reasons(pool)) == (8, 1, ["unreadable_line"])


def test_a_key_of_another_kind_is_named(pool: ConnectionPool, redis: Redis) -> None:
    redis.set(URL_LIST, "https://example.org/a")
    with pytest.raises(Unavailable, match="does another program use a key of ours"):
        ListIntake(pool, redis).tick()


_JSON_LINE = st.builds(
    lambda url, title: json.dumps({"url": url, "title": title}).encode(),
    st.text(max_size=60).map(lambda t: f"https://example.org/{t}"),
    st.text(max_size=20) | st.integers() | st.none(),
)
_TEXT_LINE = st.text(max_size=200).map(lambda t: t.encode("utf-8", "surrogatepass"))


@settings(
    max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lines=st.lists(st.binary(max_size=200) | _TEXT_LINE | _JSON_LINE, max_size=12))
def test_every_line_is_recorded_or_refused_and_none_stays(
    pool: ConnectionPool, redis: Redis, lines: list[bytes]
) -> None:
    if lines:
        redis.rpush(URL_LIST, *lines)
    recorded = ListIntake(pool, redis).tick()
    assert redis.exists(URL_LIST, CLAIMED) == 0
    assert recorded.new + recorded.known + recorded.refused == len([line for line in lines if line.strip()])
