"""Deletion by the API: by admins only, in the change feed, and in the audit log."""

from __future__ import annotations

import json

import pytest
from fastapi.testclient import TestClient
from psycopg_pool import ConnectionPool
from redis import Redis

from services.desk.delivery import Deliverer
from services.local.valkey import EmbeddedRedis
from services.store import deletion
from services.store.search_query import Query
from tests.articles import enriched, stored
from tests.conftest import eventually
from tests.desk.conftest import ELSEWHERE, desk_client, ready
from tests.desk.test_access import _token
from tests.desk.test_webhooks import Receiver, _add, _drain, deliverer, receiver

__all__ = ["deliverer", "receiver"]


def test_an_article_is_deleted_by_id_and_is_gone_everywhere(client: TestClient, pool: ConnectionPool) -> None:
    gone, kept = stored(pool, enriched(), enriched())
    eventually("both are listed", lambda: client.get("/articles").json()["total"] == 2, within_s=20)
    done = client.delete(f"/articles/{gone}", params={"reason": "asked"})
    assert (done.status_code, done.json()["articles"]) == (200, 1)
    assert client.get(f"/articles/{gone}").status_code == 404
    assert client.delete(f"/articles/{gone}").status_code == 404
    eventually("it is listed no more", lambda: client.get("/articles").json()["total"] == 1, within_s=20)
    assert client.get("/changes").json()["changes"][-1] | {"seq": 0, "changed_at": ""} == {
        "seq": 0, "article_id": gone, "kind": "deleted", "changed_at": "", "article": None,
        "story_id": None, "other_id": None, "mark": 0, "story": None,
    }  # fmt: skip
    (act,) = client.get("/audit", params={"since": "1h"}).json()["acts"]
    assert (act["who"], act["action"], act["detail"]["reason"]) == (
        "this machine",
        "article_deleted",
        "asked",
    )
    assert str(kept) not in act["subject"]


def test_addresses_are_barred_listed_and_let_back(client: TestClient, pool: ConnectionPool) -> None:
    url = "https://news.example.org/never"
    (article,) = stored(pool, enriched("https://news.example.org/story"))
    body = {"urls": [url, "https://www.news.example.org/story/"], "reason": "court order"}
    assert client.post("/deletions", json=body).json() == {
        "articles": 1,
        "submissions": 0,
        "raw": 0,
        "addresses": 2,
    }
    listed = client.get("/deletions").json()["deletions"]
    assert [(row["reason"], row["article_id"]) for row in listed] == [("court order", article)] * 2
    assert client.delete("/deletions", params={"url": url}).json() == {"addresses": 2}
    assert client.delete("/deletions", params={"url": url}).status_code == 404
    assert client.delete("/deletions", params={"url": "nonsense"}).status_code == 422
    assert client.post("/deletions", json={"urls": ["nonsense"]}).status_code == 422


@pytest.mark.parametrize(
    "method, path",
    [("DELETE", "/articles/1"), ("POST", "/deletions"), ("GET", "/deletions"), ("DELETE", "/deletions?url=x"),
    ("GET", "/audit")]
)  # fmt: skip
def test_only_an_admin_may(
    pool: ConnectionPool, database_url: str, redis_server: EmbeddedRedis, redis: Redis, method: str, path: str
) -> None:
    with desk_client(database_url, redis_server.url, client=ELSEWHERE) as far:
        ready(far)
        for scope in ("read", "submit"):
            assert far.request(method, path, json={}, headers=_token(pool, scope)).status_code == 403
        assert far.request(method, path, json={}, headers=_token(pool, "admin")).status_code in (
            200,
            404,
            422,
        )


def test_an_act_by_token_carries_its_name(
    pool: ConnectionPool, database_url: str, redis_server: EmbeddedRedis, redis: Redis
) -> None:
    with desk_client(database_url, redis_server.url, client=ELSEWHERE) as far:
        ready(far)
        admin = _token(pool, "admin")
        assert far.post("/dead-letters/replay", json={"reason": "http_500"}, headers=admin).status_code == 200
        hook = far.post(
            "/webhooks", json={"name": "n", "url": "https://hooks.example/x", "filters": {}}, headers=admin
        )
        number = hook.json()["id"]
        assert far.post(f"/webhooks/{number}/resume", headers=admin).status_code == 204
        assert far.delete(f"/webhooks/{number}", headers=admin).status_code == 204
        acts = far.get("/audit", headers=admin).json()["acts"]
    assert [(act["who"], act["action"]) for act in reversed(acts)] == [
        ("token:test", what)
        for what in ("letters_replayed", "webhook_added", "webhook_resumed", "webhook_removed")
    ]


def test_webhooks_are_told_of_what_was_deleted(
    pool: ConnectionPool, receiver: Receiver, deliverer: Deliverer
) -> None:
    _add(pool, receiver.url, Query())
    gone, kept = stored(pool, enriched(), enriched())
    _drain(pool, deliverer)
    with pool.connection() as connection:
        deletion.delete(connection, ids=[gone], reason="asked", who="test")
    _drain(pool, deliverer)
    told = [json.loads(body) for _, body in receiver.got]
    assert receiver.articles() == [gone, kept]
    assert [article for delivery in told for article in delivery["deleted"]] == [gone]
