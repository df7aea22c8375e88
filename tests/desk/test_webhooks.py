"""Webhooks: matches are delivered, signed and in order; a failing receiver is retried with backoff, then
paused."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient
from psycopg_pool import ConnectionPool

from services.cli import main
from services.desk.delivery import Deliverer
from services.desk.settings import DeskSettings
from services.runtime.settings import load
from services.store import webhooks
from services.store.search_query import Query
from tests.articles import enriched, stored
from tests.conftest import eventually
from tests.story_rows import copy, event, printed, story, taken_in


class Receiver:
    """A server that takes deliveries, or answers with `status`."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((dict(self.headers), body))
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def articles(self) -> list[int]:
        return [a["id"] for _, body in self.got for a in json.loads(body)["articles"]]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    yield running
    running.server.shutdown()


@pytest.fixture
def deliverer(pool: ConnectionPool, database_url: str) -> Deliverer:
    environ = {"DATELINE_DATABASE_URL": database_url, "DATELINE_REDIS_URL": "redis://127.0.0.1:1/0"}
    return Deliverer(pool, load(DeskSettings, environ | {"DATELINE_ALLOW_HOSTS": "127.0.0.1"}))


def _add(pool: ConnectionPool, url: str, query: Query) -> tuple[int, str]:
    with pool.connection() as connection:
        return webhooks.add(connection, f"test {len(webhooks.listed(connection))}", url, query)


def _row(pool: ConnectionPool) -> dict[str, Any]:
    with pool.connection() as connection:
        return webhooks.listed(connection)[0]


def _due_now(pool: ConnectionPool) -> None:
    with pool.connection() as connection:
        connection.execute("UPDATE webhooks SET next_attempt_at = now()")


def _drain(pool: ConnectionPool, deliverer: Deliverer) -> None:
    while deliverer.tick():
        _due_now(pool)


def test_a_receiver_gets_what_matches_from_then_on_once_and_signed(
    pool: ConnectionPool, receiver: Receiver, deliverer: Deliverer
) -> None:
    stored(pool, enriched(countries={"ML": ("about",)}))
    _, secret = _add(pool, receiver.url, Query(areas=("Sahel",)))
    mali, _, niger = stored(
        pool,
        enriched(countries={"ML": ("about",)}),
        enriched(countries={"FR": ("about",)}),
        enriched(countries={"NE": ("about",)}),
    )
    _drain(pool, deliverer)
    _drain(pool, deliverer)
    assert sorted(receiver.articles()) == sorted([mali, niger]), (
        "not what was stored before, not what does not match, not twice"
    )
    headers, body = receiver.got[0]
    parts = dict(part.split("=") for part in headers["Dateline-Signature"].split(","))
    assert (
        parts["v1"] == hmac.new(secret.encode(), f"{parts['t']}.".encode() + body, hashlib.sha256).hexdigest()
    )
    assert _row(pool)["delivered"] == 2


def test_a_receiver_is_told_of_stories_where_it_asked_for_them(
    pool: ConnectionPool, receiver: Receiver, deliverer: Deliverer
) -> None:
    with pool.connection() as connection:
        webhooks.add(
            connection, "stories", receiver.url, Query(source="house1.example"),
            ("story_created", "story_merged"),
        )  # fmt: skip
    ids = stored(pool, *(printed(n) for n in range(4)))
    with pool.connection() as connection:
        story(connection, 71, ids[:2])
        story(connection, 72, ids[2:])
        event(connection, 71, "story_grew", mark=5)
        event(connection, 73, "story_merged", other=71)
        connection.execute(
            "INSERT INTO stories (id, first_article_id, articles, reports, sources, first_at, last_at, "
            "merged_into) VALUES (73, 1, 0, 0, 0, now(), now(), 71)"
        )
    _drain(pool, deliverer)
    told = [(s["id"], s["change"], s["other_id"]) for _, b in receiver.got for s in json.loads(b)["stories"]]
    assert told == [(71, "story_created", None), (73, "story_merged", 71)], "of stories that match, once"
    assert receiver.articles() == []


def test_a_receiver_that_wants_no_copies_waits_until_they_are_known(
    pool: ConnectionPool, receiver: Receiver, deliverer: Deliverer
) -> None:
    _add(pool, receiver.url, Query(collapse="copies"))
    ids = stored(pool, *(printed(n) for n in range(3)))
    assert deliverer.tick() == 1
    assert (receiver.got, deliverer.tick()) == ([], 0), "it is not due again at once"
    with pool.connection() as connection:
        copy(connection, ids[1], ids[0], [])
        taken_in(connection)
    _due_now(pool)
    _drain(pool, deliverer)
    assert receiver.articles() == [ids[0], ids[2]]


def test_a_failed_delivery_comes_again_later_and_nothing_is_lost(
    pool: ConnectionPool, receiver: Receiver, deliverer: Deliverer
) -> None:
    _add(pool, receiver.url, Query())
    receiver.status = 500
    (first,) = stored(pool, enriched())
    assert deliverer.tick() == 1
    row = _row(pool)
    assert (row["failures"], row["last_error"]) == (1, "the receiver answered 500")
    assert row["next_attempt_at"] > row["created_at"]
    assert deliverer.tick() == 0, "not before its time"
    receiver.status = 200
    (second,) = stored(pool, enriched())
    _due_now(pool)
    _drain(pool, deliverer)
    assert receiver.articles() == [first, first, second]
    assert json.loads(receiver.got[0][1])["articles"][0]["id"] == first
    assert _row(pool)["failures"] == 0


def test_a_receiver_that_keeps_failing_is_paused_and_resumed_where_it_stopped(
    pool: ConnectionPool,
    receiver: Receiver,
    deliverer: Deliverer,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number, _ = _add(pool, receiver.url, Query())
    receiver.status = 404
    (kept,) = stored(pool, enriched())
    for _ in range(webhooks.MAX_FAILURES):
        _due_now(pool)
        deliverer.tick()
    assert _row(pool)["paused"]
    _due_now(pool)
    assert deliverer.tick() == 0
    monkeypatch.setenv("DATELINE_DATABASE_URL", database_url)
    listed = CliRunner().invoke(main, ["webhooks", "list", "--json"])
    assert json.loads(listed.output)["last_error"] == "the receiver answered 404"
    assert "secret" not in listed.output
    receiver.status = 200
    assert CliRunner().invoke(main, ["webhooks", "resume", str(number)]).exit_code == 0
    _drain(pool, deliverer)
    assert receiver.articles()[-1] == kept


def test_a_private_address_is_not_spoken_to_unless_it_is_allowed(
    pool: ConnectionPool, receiver: Receiver, database_url: str
) -> None:
    environ = {"DATELINE_DATABASE_URL": database_url, "DATELINE_REDIS_URL": "redis://127.0.0.1:1/0"}
    _add(pool, receiver.url, Query())
    stored(pool, enriched())
    Deliverer(pool, load(DeskSettings, environ)).tick()
    assert receiver.got == []
    assert "not public" in _row(pool)["last_error"]


def test_several_desks_tell_each_article_once(
    pool: ConnectionPool, receiver: Receiver, database_url: str
) -> None:
    for n in range(8):
        _add(pool, f"{receiver.url}/{n}", Query())
    stored(pool, *(enriched() for _ in range(20)))
    environ = {"DATELINE_DATABASE_URL": database_url, "DATELINE_REDIS_URL": "redis://127.0.0.1:1/0"}
    settings = load(DeskSettings, environ | {"DATELINE_ALLOW_HOSTS": "127.0.0.1"})
    ticks = [threading.Thread(target=Deliverer(pool, settings).tick) for _ in range(4)]
    for thread in ticks:
        thread.start()
    for thread in ticks:
        thread.join()
    ids = [json.loads(body)["id"] for _, body in receiver.got]
    assert len(ids) == len(set(ids)) == 8


def test_a_webhook_is_made_and_taken_away_over_the_api(client: TestClient, pool: ConnectionPool) -> None:
    body = {
        "name": "floods",
        "url": "https://hooks.example.org/x",
        "filters": {"text": "flood", "region": ["Sahel"], "since": "2026-01-01"},
    }
    made = client.post("/webhooks", json=body)
    assert made.status_code == 201
    assert client.post("/webhooks", json=body).status_code == 409
    (row,) = client.get("/webhooks").json()["webhooks"]
    assert (row["query"]["text"], row["query"]["areas"]) == ("flood", ["Sahel"])
    with pool.connection() as connection:
        stored(pool, enriched(countries={"ML": ("about",)}))
        (due,) = webhooks.due(connection, lease_s=1)
    assert due.query == Query(text="flood", areas=("Sahel",), since=due.query.since)
    wrong = client.post("/webhooks", json=body | {"filters": {"region": ["Atlantis"]}})
    assert wrong.status_code == 422
    assert "Atlantis" in json.dumps(wrong.json())
    assert client.post("/webhooks", json=body | {"filters": {"colour": "red"}}).status_code == 422
    number = made.json()["id"]
    assert client.delete(f"/webhooks/{number}").status_code == 204
    assert client.delete(f"/webhooks/{number}").status_code == 404
    eventually("none is left", lambda: client.get("/webhooks").json() == {"webhooks": []}, within_s=5)
