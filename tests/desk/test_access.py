"""Authentication and authorisation: tokens, scopes, local access in development and nothing wider, the
rate limit, headers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from fastapi.testclient import TestClient
from psycopg_pool import ConnectionPool

from services.cli import main
from services.contract.errors import BadSettings, PermanentError
from services.desk.access import RateLimiter
from services.desk.settings import DeskSettings
from services.local.valkey import EmbeddedRedis
from services.runtime.settings import load
from services.store import tokens
from tests.desk.conftest import ELSEWHERE, desk_client

READS = [
    "/articles",
    "/facets",
    "/topics",
    "/regions",
    "/export",
    "/changes",
    "/pipeline",
    "/sources",
    "/sources/report",
    "/dead-letters",
]


@pytest.fixture
def far(pool: ConnectionPool, database_url: str, redis_server: EmbeddedRedis) -> Iterator[TestClient]:
    """A caller from another machine."""
    with desk_client(database_url, redis_server.url, client=ELSEWHERE) as client:
        yield client


def _token(pool: ConnectionPool, *scopes: str, **more: datetime) -> dict[str, str]:
    with pool.connection() as connection:
        return {"Authorization": f"Bearer {tokens.add(connection, 'test', scopes, **more)[1]}"}


@pytest.mark.parametrize("path", READS)
def test_nothing_is_read_without_a_token(far: TestClient, path: str) -> None:
    refused = far.get(path)
    assert refused.status_code == 401
    assert "dateline tokens add" in refused.json()["detail"]


def test_a_token_may_what_its_scopes_say(far: TestClient, pool: ConnectionPool) -> None:
    read, submit, admin = (_token(pool, scope) for scope in ("read", "submit", "admin"))
    assert far.get("/pipeline", headers=read).status_code == 200
    body = {"urls": ["https://example.org/a"]}
    assert far.post("/submissions", json=body, headers=read).status_code == 403
    assert far.post("/submissions", json=body, headers=submit).status_code == 202
    assert far.get("/pipeline", headers=submit).status_code == 403
    assert far.post("/dead-letters/replay", json={"reason": "x"}, headers=submit).status_code == 403
    assert far.post("/dead-letters/replay", json={"reason": "x"}, headers=admin).status_code == 200
    assert far.get("/webhooks", headers=read).status_code == 403
    assert far.get("/me", headers=admin).json() == {"name": "test", "scopes": ["admin"]}


def test_a_token_ends_or_is_taken_back(far: TestClient, pool: ConnectionPool) -> None:
    ended = _token(pool, "read", expires_at=datetime.now(UTC) - timedelta(seconds=1))
    assert far.get("/pipeline", headers=ended).status_code == 401
    with pool.connection() as connection:
        number, token = tokens.add(connection, "gone", ["read"])
    headers = {"Authorization": f"Bearer {token}"}
    assert far.get("/pipeline", headers=headers).status_code == 200
    with pool.connection() as connection:
        assert tokens.revoke(connection, number)
        assert not tokens.revoke(connection, number)
        rows = connection.execute(
            "SELECT token_hash, last_used_at IS NOT NULL FROM api_tokens WHERE id = %s", (number,)
        ).fetchall()
    assert far.get("/pipeline", headers=headers).status_code == 401
    assert token.encode() not in bytes(rows[0][0])
    assert rows[0][1], "its use was noted"


def test_a_scope_that_there_is_not_is_refused_by_name(pool: ConnectionPool) -> None:
    with pool.connection() as connection, pytest.raises(PermanentError, match="no scope 'root'"):
        tokens.add(connection, "x", ["root"])


def test_the_machine_itself_needs_none_but_only_under_a_name_of_its_own(
    client: TestClient, database_url: str, redis_server: EmbeddedRedis
) -> None:
    assert client.get("/me").json()["name"] == "this machine"
    # DNS rebinding: a name of another site that resolves to this machine.
    assert client.get("/me", headers={"Host": "evil.example"}).status_code == 401
    with desk_client(
        database_url, redis_server.url, DATELINE_DESK_HOSTS="desk.example", host="desk.example"
    ) as named:
        assert named.get("/me").status_code == 200


def test_production_is_open_to_nobody(database_url: str, redis_server: EmbeddedRedis) -> None:
    environ = {
        "DATELINE_PROFILE": "production",
        "DATELINE_DATABASE_URL": database_url,
        "DATELINE_REDIS_URL": "redis://:a-good-password@127.0.0.1:6379/0",
    }
    assert not load(DeskSettings, environ).is_open
    with pytest.raises(BadSettings, match="DATELINE_DESK_OPEN_TO"):
        load(DeskSettings, environ | {"DATELINE_DESK_OPEN_TO": "the office"})


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": "https://evil.example"},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
    ],
)
def test_another_site_cannot_act_through_the_browser(client: TestClient, headers: dict[str, str]) -> None:
    sent = {"Content-Type": "application/json"} | headers
    assert (
        client.post("/submissions", content='{"urls": ["https://example.org/"]}', headers=sent).status_code
        == 403
    )


def test_signing_in_keeps_the_token_where_no_script_sees_it(far: TestClient, pool: ConnectionPool) -> None:
    token = _token(pool, "read")["Authorization"].removeprefix("Bearer ")
    assert far.post("/session", json={"token": "dl_wrong"}).status_code == 401
    done = far.post("/session", json={"token": token})
    cookie = done.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert far.get("/pipeline").status_code == 200
    far.delete("/session")
    assert far.get("/pipeline").status_code == 401


def test_another_site_signs_nobody_in_or_out(far: TestClient, pool: ConnectionPool) -> None:
    token = _token(pool, "read")["Authorization"].removeprefix("Bearer ")
    foreign = {"Origin": "https://evil.example"}
    assert far.post("/session", json={"token": token}, headers=foreign).status_code == 403
    assert far.post("/session", json={"token": token}).status_code == 200
    assert far.delete("/session", headers=foreign).status_code == 403
    assert far.get("/pipeline").status_code == 200


def test_every_answer_keeps_the_page_to_itself(client: TestClient) -> None:
    for path in ("/", "/static/js/app.js", "/articles", "/nowhere", "/openapi.json"):
        headers = client.get(path).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"


def test_a_caller_that_hurries_is_slowed_down_and_told_for_how_long(
    database_url: str, redis_server: EmbeddedRedis
) -> None:
    with desk_client(database_url, redis_server.url, DATELINE_DESK_RATE="1") as client:
        answers = [client.get("/health") for _ in range(6)]
    assert [a.status_code for a in answers][-1] == 429
    assert int(answers[-1].headers["retry-after"]) >= 1


def test_the_pace_fills_up_again_with_time() -> None:
    now = 0.0
    pace = RateLimiter(10, clock=lambda: now)
    assert [pace.wait_s("a") for _ in range(40)] == [0.0] * 40
    assert pace.wait_s("a") == pytest.approx(0.1)
    assert pace.wait_s("b") == 0.0, "each caller has a pace of its own"
    now = 0.1
    assert pace.wait_s("a") == 0.0


def test_an_old_cookie_keeps_nobody_out_of_their_own_machine(client: TestClient) -> None:
    client.cookies.set("dateline_session", "of_another_desk")
    assert client.get("/me").json()["name"] == "this machine"


def test_tokens_are_made_listed_and_taken_back_on_the_command_line(
    far: TestClient, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATELINE_DATABASE_URL", database_url)
    runner = CliRunner()
    made = runner.invoke(main, ["tokens", "add", "newsroom", "--scope", "read", "--days", "2"]).output
    token = next(line for line in made.splitlines() if line.startswith("dl_"))
    assert far.get("/pipeline", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    listed = runner.invoke(main, ["tokens", "list"]).output
    assert "newsroom" in listed
    assert token not in listed
    lines = runner.invoke(main, ["tokens", "list", "--json"]).output.splitlines()
    number = json.loads(next(line for line in lines if line.startswith("{")))["id"]
    assert runner.invoke(main, ["tokens", "revoke", str(number)]).exit_code == 0
    again = runner.invoke(main, ["tokens", "revoke", str(number)])
    assert again.exit_code == 2
    assert "dateline tokens list" in again.output
    assert far.get("/pipeline", headers={"Authorization": f"Bearer {token}"}).status_code == 401
