"""What the desk keeps has a bound that no client can push past: caches, paces, answers about tokens, bodies,
last changes."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest
from psycopg_pool import ConnectionPool

import services.desk.app  # noqa: F401  so that all modules of the desk are there
from services.contract import urls
from services.desk import access, bounds, state
from services.desk.access import RateLimiter
from services.desk.columns import MOST_TOPICS, _Dictionary
from services.desk.proxies import caller_key
from services.desk.state import Desk, Follower
from services.net.guard import CheckedResolver, Gate
from services.store.tokens import Token
from tests.conftest import eventually
from tests.hostile.test_clients import Running, running, status  # noqa: F401  the fixture

_OTHERS = ("services.ingest", "services.enrich.topics.multilingual", "services.scheduler", "services.cli")
"""Packages that the desk does not import; other tests of this process may have."""


def _cached() -> Iterator[tuple[str, Any]]:
    for name, module in list(sys.modules.items()):
        if name.startswith("services.") and not name.startswith(_OTHERS):
            for key, value in vars(module).items():
                if hasattr(value, "cache_info") and value.__module__ == name:
                    yield f"{name}.{key}", value


def test_every_cached_function_of_something_keeps_so_many() -> None:
    found = dict(_cached())
    assert {"services.contract.urls._stripped", "services.desk.proxies.caller_key"} <= set(found)
    for name, function in found.items():
        if inspect.signature(function.__wrapped__).parameters:
            assert (function.cache_info().maxsize or 10**9) <= 10_000, name


def test_a_url_is_not_kept_with_what_stands_around_it() -> None:
    """2 MB of blanks before each of 2,000 URLs would be 4 GB."""
    urls._stripped.cache_clear()
    assert urls.parse_url(" " * 100_000 + "https://example.org/a\n").url == "https://example.org/a"
    assert urls._stripped.cache_info().currsize == 1
    urls.parse_url("https://example.org/a")
    assert urls._stripped.cache_info().hits == 1


def test_paces_are_of_so_many_callers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "_MOST_CALLERS", 100)
    pace = RateLimiter(10)
    for n in range(1000):
        pace.wait_s(f"caller {n}")
    assert len(pace._buckets) <= 100
    assert "caller 999" in pace._buckets


def test_a_caller_is_a_short_word() -> None:
    assert len(caller_key("x" * 100_000)) <= 64
    assert caller_key("2001:db8::1") == caller_key("2001:db8::ffff"), "one subscriber is one caller"


def test_answers_about_tokens_are_of_so_many(monkeypatch: pytest.MonkeyPatch, pool: ConnectionPool) -> None:
    monkeypatch.setattr(state, "_MOST_TOKENS", 100)
    nothing: Any = None
    desk = Desk(nothing, pool, nothing, nothing, nothing, nothing, nothing)
    for n in range(1, 251):
        desk.is_valid(Token(n, "x", frozenset()))
    assert len(desk._valid) <= 100


def test_last_changes_are_so_many() -> None:
    nothing: Any = None
    assert Follower(nothing, nothing).recent.maxlen == 1000


def test_words_behind_their_room_are_as_one() -> None:
    words = _Dictionary(3)
    words.number("")
    numbers = [words.number(f"word {n}") for n in range(100)]
    assert len(words.words) == 3
    assert set(numbers[2:]) == {0}
    assert MOST_TOPICS <= 2**15, "topics are numbers of sixteen bits"


def test_addresses_of_names_are_of_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.net.guard._KEEP_MOST", 50)
    resolver = CheckedResolver(Gate(lookup=lambda *_: ["93.184.216.34"]))
    for n in range(200):
        resolver.addresses(f"{n}.example", 80)
    assert len(resolver._known) <= 50


def test_bodies_have_one_room_for_all(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    """Who says that much is to come and sends none of it takes no room; who sends it and does not
    end does."""
    monkeypatch.setattr(bounds, "ALL_BODIES_BYTES", 300_000)
    limits: Any = running.app.middleware_stack
    while not isinstance(limits, bounds.RequestLimitsMiddleware):
        limits = getattr(limits, "_app", None) or limits.app
    small = json.dumps({"urls": ["https://example.org/a"]}).encode()
    kind = "Content-Type: application/json"

    def ask() -> int:
        return status(
            running.ask("POST /submissions", small, f"Content-Length: {len(small)}", kind, running.bearer)
        )

    with ExitStack() as stack:
        for sent in (0, 0, 0, 0, 250_000, 49_990):
            connection = stack.enter_context(closing(running.connect()))
            connection.sendall(
                running.head("POST /submissions", "Content-Length: 1000000", kind, running.bearer)
            )
            if not sent:
                assert ask() == 202
            connection.sendall(b" " * sent)
        # Whichever body comes last is refused: that must be none of these.
        eventually("they are read", lambda: limits._held == 299_990, within_s=15)
        assert ask() == 503
    eventually("there is room again", lambda: ask() == 202, within_s=20)
