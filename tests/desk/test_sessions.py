"""Sessions of the page: where they begin and end, what is stored of them, and what ends with them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, expect
from psycopg_pool import ConnectionPool

from services.local.valkey import EmbeddedRedis
from services.store import desk_sessions, tokens
from services.store.retention import prune
from tests.articles import enriched, stored
from tests.conftest import eventually
from tests.desk.conftest import ELSEWHERE, desk_client
from tests.desk.test_page import browser  # noqa: F401  the fixture
from tests.hostile.test_clients import (  # noqa: F401  the fixtures
    Running,
    _nothing_is_held,
    _opened,
    everything,
    large,
    running,
    status,
)  # fmt: skip

NAME = "dateline_session"


@pytest.fixture
def far(pool: ConnectionPool, database_url: str, redis_server: EmbeddedRedis) -> Iterator[TestClient]:
    """A browser on another machine."""
    with desk_client(database_url, redis_server.url, client=ELSEWHERE) as client:
        yield client


def _token(pool: ConnectionPool, *scopes: str, **more: Any) -> tuple[int, str]:
    with pool.connection() as connection:
        return tokens.add(connection, "newsroom", scopes or ("read",), **more)


def _signed_in(client: TestClient, token: str) -> str:
    """The session's id."""
    client.cookies.clear()
    assert client.post("/session", json={"token": token}).status_code == 200
    return str(client.cookies[NAME])


def _bring(client: TestClient, session_id: str) -> None:
    """Have the cookie of another browser."""
    client.cookies.clear()
    client.cookies.set(NAME, session_id, domain="localhost.local")


def _sessions(pool: ConnectionPool) -> list[tuple[Any, ...]]:
    with pool.connection() as connection:
        return connection.execute("SELECT * FROM desk_sessions ORDER BY begun_at, session_hash").fetchall()


def _set(pool: ConnectionPool, change: str, table: str = "desk_sessions") -> None:
    with pool.connection() as connection:
        connection.execute(f"UPDATE {table} SET {change}")


def _ended(client: TestClient) -> bool:
    """Whether the cookie gets 401, and is taken back."""
    refused = client.get("/pipeline")
    if refused.status_code != 401:
        return False
    assert refused.json()["detail"] == "this session has ended: sign in again"
    cookie = refused.headers["set-cookie"].lower()
    assert "max-age=0" in cookie
    assert NAME not in client.cookies
    return True


def test_the_cookie_is_an_id_and_neither_it_nor_the_token_is_stored(
    far: TestClient, pool: ConnectionPool
) -> None:
    number, token = _token(pool)
    first, second = _signed_in(far, token), _signed_in(far, token)
    assert token not in (first, second)
    assert first != second
    assert len(first) == 43, "256 bits"
    (row, _) = rows = _sessions(pool)
    assert {r[1] for r in rows} == {number}
    assert first.encode() not in bytes(row[0])
    assert far.get("/me").json() == {"name": "newsroom", "scopes": ["read"]}
    assert far.post("/submissions", json={"urls": ["https://example.org/"]}).status_code == 403, "its scopes"


def test_an_id_is_no_token_and_a_token_is_no_id(far: TestClient, pool: ConnectionPool) -> None:
    _, token = _token(pool)
    session_id = _signed_in(far, token)
    far.cookies.clear()
    assert far.get("/pipeline", headers={"Authorization": f"Bearer {session_id}"}).status_code == 401
    assert far.get("/pipeline", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    far.cookies.set("dateline_token", token)  # of an earlier version
    assert far.get("/pipeline").status_code == 401
    _bring(far, token)
    assert _ended(far)


@pytest.mark.parametrize(
    "change, table",
    [
        ("seen_at = now() - interval '12 hours 1 second'", "desk_sessions"),
        ("begun_at = now() - interval '30 days 1 second'", "desk_sessions"),
        ("expires_at = now()", "api_tokens"),
        ("revoked_at = now()", "api_tokens"),
        ("session_hash = '\\x00'", "desk_sessions"),
    ],
)
def test_a_session_ends(far: TestClient, pool: ConnectionPool, change: str, table: str) -> None:
    _signed_in(far, _token(pool)[1])
    _set(pool, "seen_at = now() - interval '11 hours', begun_at = now() - interval '29 days'")
    assert far.get("/pipeline").status_code == 200
    _set(pool, change, table)
    assert _ended(far)


def test_a_body_of_an_ended_session_is_refused_likewise(far: TestClient, pool: ConnectionPool) -> None:
    _signed_in(far, _token(pool, "submit")[1])
    _set(pool, "seen_at = now() - interval '13 hours'")
    refused = far.post("/submissions", json={"urls": ["https://example.org/"]})
    assert refused.status_code == 401
    assert "max-age=0" in refused.headers["set-cookie"].lower()


@pytest.mark.parametrize("left, days", [(None, 30), (timedelta(days=90), 30), (timedelta(days=2), 2)])
def test_the_cookie_never_outlasts_the_token(
    far: TestClient, pool: ConnectionPool, left: timedelta | None, days: int
) -> None:
    _, token = _token(pool, expires_at=datetime.now(UTC) + left if left else None)
    cookie = far.post("/session", json={"token": token}).headers["set-cookie"]
    seconds = int(cookie.lower().partition("max-age=")[2].partition(";")[0])
    assert days * 86_400 - 60 <= seconds <= days * 86_400


def test_signing_out_ends_the_session_for_whoever_kept_its_id(far: TestClient, pool: ConnectionPool) -> None:
    _, token = _token(pool)
    kept, other = _signed_in(far, token), _signed_in(far, token)
    _bring(far, kept)
    gone = far.delete("/session")
    assert gone.status_code == 204
    assert "max-age=0" in gone.headers["set-cookie"].lower()
    _bring(far, kept)
    assert _ended(far)
    _bring(far, other)
    assert far.get("/pipeline").status_code == 200, "the token's other sessions go on"
    assert far.delete("/session", headers={"Origin": "https://evil.example"}).status_code == 403
    assert len(_sessions(pool)) == 1


def test_signing_in_again_ends_the_session_before(far: TestClient, pool: ConnectionPool) -> None:
    _, token = _token(pool)
    _signed_in(far, token)
    assert far.post("/session", json={"token": "dl_wrong"}).status_code == 401
    assert far.get("/pipeline").status_code == 200
    (before,) = _sessions(pool)
    assert far.post("/session", json={"token": token}).status_code == 200
    (after,) = _sessions(pool)
    assert before[0] != after[0]


def test_revoking_a_token_ends_its_sessions_and_no_others(far: TestClient, pool: ConnectionPool) -> None:
    number, token = _token(pool)
    other = _signed_in(far, _token(pool)[1])
    _signed_in(far, token)
    with pool.connection() as connection:
        assert tokens.revoke(connection, number)
    assert _ended(far)
    _bring(far, other)
    assert far.get("/pipeline").status_code == 200
    assert len(_sessions(pool)) == 1


def test_use_is_noted_once_a_minute(far: TestClient, pool: ConnectionPool) -> None:
    _signed_in(far, _token(pool)[1])
    (first,) = _sessions(pool)
    far.get("/pipeline")
    assert _sessions(pool) == [first]
    _set(pool, "seen_at = now() - interval '61 seconds'")
    _set(pool, "last_used_at = now() - interval '61 seconds'", "api_tokens")
    far.get("/pipeline")
    (later,) = _sessions(pool)
    assert later[3] >= first[3]
    with pool.connection() as connection:
        used = connection.execute("SELECT last_used_at > now() - interval '1 minute' FROM api_tokens")
        assert used.fetchone() == (True,), "a session's use is its token's"


def test_ended_sessions_are_pruned(far: TestClient, pool: ConnectionPool) -> None:
    for change in ("seen_at = now() - interval '13 hours'", "begun_at = now() - interval '31 days'"):
        _signed_in(far, _token(pool)[1])
        _set(pool, change)
    _signed_in(far, _token(pool)[1])
    with pool.connection() as connection:
        keep = timedelta(days=30)
        counts = prune(connection, keep_successes=keep, keep_failures=keep, limit=1)
        assert counts["sessions"] == 1
        counts = prune(connection, keep_successes=keep, keep_failures=keep)
        assert counts["sessions"] == 1
    assert far.get("/pipeline").status_code == 200
    assert len(_sessions(pool)) == 1


def test_a_token_has_so_many_sessions_and_those_unused_longest_end(
    far: TestClient, pool: ConnectionPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk_sessions, "_MOST_EACH", 2)
    other = _signed_in(far, _token(pool)[1])
    _, token = _token(pool)
    first, *_, last = [_signed_in(far, token) for _ in range(3)]
    assert len(_sessions(pool)) == 3
    for session_id, code in ((first, 401), (last, 200), (other, 200)):
        _bring(far, session_id)
        assert far.get("/pipeline").status_code == code


def test_a_session_goes_with_its_token_s_row(far: TestClient, pool: ConnectionPool) -> None:
    _signed_in(far, _token(pool)[1])
    with pool.connection() as connection:
        with pytest.raises(psycopg.errors.ForeignKeyViolation), connection.transaction():
            connection.execute("INSERT INTO desk_sessions (session_hash, token_id) VALUES ('x', 999)")
        connection.execute("DELETE FROM api_tokens")
    assert _ended(far)


def _cookie(running: Running, pool: ConnectionPool) -> str:  # noqa: F811
    """The header of a new session of the desk's token."""
    with pool.connection() as connection:
        found = tokens.find(connection, running.token)
        assert found is not None
        return f"Cookie: {NAME}={desk_sessions.begin(connection, found).session_id}"


@pytest.mark.parametrize("path", ["/events", "/export"])
@pytest.mark.parametrize("how", ["signed out", "revoked", "idle"])
def test_streams_end_with_their_session(
    running: Running,  # noqa: F811
    pool: ConnectionPool,
    large: None,  # noqa: F811
    path: str,
    how: str,
) -> None:
    cookie = _cookie(running, pool)
    with closing(_opened(running, path, cookie)) as reader:
        if how == "signed out":
            assert status(running.ask("DELETE /session", b"", cookie)) == 204
        with pool.connection() as database:
            if how == "revoked":
                tokens.revoke(database, running.token_id)
            elif how == "idle":
                database.execute("UPDATE desk_sessions SET seen_at = now() - interval '13 hours'")
        eventually("all is given back", lambda: _nothing_is_held(running, pool), within_s=20)
        assert not everything(reader).endswith(b"0\r\n\r\n"), "it does not look whole"


def test_streams_of_other_sessions_go_on(running: Running, pool: ConnectionPool) -> None:  # noqa: F811
    cookie, other = _cookie(running, pool), _cookie(running, pool)
    desk = running.app.state.desk
    with closing(_opened(running, "/events", cookie)), closing(_opened(running, "/events", other)) as stays:
        assert status(running.ask("DELETE /session", b"", cookie)) == 204
        eventually("one is left", lambda: desk.watchers == 1, within_s=20)
        stored(pool, enriched())
        got = b""

        def told() -> bool:
            nonlocal got
            got += stays.recv(65536)
            return b"event: change" in got

        eventually("the other is told of a change", told, within_s=20)


def test_a_user_signs_in_and_out_in_a_browser(
    running: Running,  # noqa: F811
    pool: ConnectionPool,
    browser: Browser,  # noqa: F811
) -> None:
    context = browser.new_context(base_url=f"http://localhost:{running.port}")
    page = context.new_page()
    token, out = page.get_by_label("Token"), page.get_by_role("button", name="Sign out")

    def sign_in() -> None:
        token.fill(running.token)
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator("#live")).to_have_text("live")
        expect(out).to_be_visible()

    page.goto("/?view=pipeline")
    expect(out).to_be_hidden()
    sign_in()
    page.reload()
    expect(out).to_be_visible()
    assert page.evaluate("document.cookie") == "", "no script can read it"
    out.click()
    expect(token).to_be_visible()
    expect(out).to_be_hidden()
    eventually("its stream has ended", lambda: running.app.state.desk.watchers == 0, within_s=20)
    assert _sessions(pool) == []
    sign_in()
    with pool.connection() as connection:
        tokens.revoke(connection, running.token_id)
    expect(page.get_by_text("this session has ended: sign in again")).to_be_visible()
    expect(out).to_be_hidden()
    assert context.cookies() == []
    context.close()
