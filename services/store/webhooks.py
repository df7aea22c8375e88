"""Webhooks: saved searches whose new articles are told to a receiver. Their cursor in the change feed is their queue."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import msgspec
from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from services.contract.errors import PermanentError
from services.store import changes
from services.store.reader import Query

MAX_FAILURES = 12
"""Deliveries that fail in a row before a webhook is paused: with the back-off below, about nine hours."""
_BASE_S, _CAP_S = 10.0, 3600.0
_COLUMNS = "id, name, url, query, cursor, paused, failures, next_attempt_at, last_error, last_delivered_at, delivered, created_at"


@dataclass(frozen=True, slots=True)
class Due:
    """A webhook whose time has come."""

    id: int
    url: str
    secret: str
    query: Query
    cursor: int
    failures: int


def add(connection: Connection[Any], name: str, url: str, query: Query) -> tuple[int, str]:
    """Save a search to be told of from now on; returns its id and the secret that its deliveries are signed with.

    Raises PermanentError where another webhook has the name.
    """
    # Until the end of the transaction nobody else adds one: of two with the same name at once the second one is told.
    connection.execute("LOCK TABLE webhooks IN SHARE ROW EXCLUSIVE MODE")
    if other := connection.execute("SELECT id FROM webhooks WHERE name = %s", (name,)).fetchone():
        raise PermanentError(
            "name_taken",
            f"webhook {other[0]} is called {name!r} already: choose another name, or remove that one",
        )
    secret = secrets.token_urlsafe(32)
    saved = {
        k: v
        for k, v in msgspec.to_builtins(asdict(query)).items()
        if k != "limit" and v not in (None, (), [])
    }
    row = connection.execute(
        "INSERT INTO webhooks (name, url, secret, query, cursor) VALUES (%s, %s, %s, %s, %s) RETURNING id",
        (name, url, secret, Jsonb(saved), changes.newest(connection)),
    ).fetchone()
    assert row is not None
    return int(row[0]), secret


def listed(connection: Connection[Any]) -> list[dict[str, Any]]:
    """All webhooks, without their secrets."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(f"SELECT {_COLUMNS} FROM webhooks ORDER BY id").fetchall()


def remove(connection: Connection[Any], webhook_id: int) -> bool:
    """Forget a webhook; False when there is none."""
    return connection.execute("DELETE FROM webhooks WHERE id = %s", (webhook_id,)).rowcount == 1


def resume(connection: Connection[Any], webhook_id: int) -> bool:
    """Go on with a paused webhook, at once and where it stopped; False when there is none."""
    done = connection.execute(
        "UPDATE webhooks SET paused = false, failures = 0, next_attempt_at = now() WHERE id = %s",
        (webhook_id,),
    )
    return done.rowcount == 1


def due(connection: Connection[Any], *, lease_s: float, limit: int = 20) -> list[Due]:
    """Take webhooks that have something to look at; nobody else gets them for `lease_s`."""
    rows = connection.execute(
        """
        UPDATE webhooks w SET next_attempt_at = now() + make_interval(secs => %(lease_s)s)
        FROM (SELECT id FROM webhooks WHERE NOT paused AND next_attempt_at <= now()
                  AND cursor < (SELECT coalesce(max(seq), 0) FROM article_changes)
              ORDER BY next_attempt_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED) taken
        WHERE w.id = taken.id RETURNING w.id, w.url, w.secret, w.query, w.cursor, w.failures
        """,
        {"lease_s": lease_s, "limit": limit},
    ).fetchall()
    return [Due(r[0], r[1], r[2], msgspec.convert(r[3], Query, strict=False), r[4], r[5]) for r in rows]


def delivered(connection: Connection[Any], webhook_id: int, cursor: int, articles: int) -> None:
    """The receiver has everything up to `cursor`; there may be more at once."""
    connection.execute(
        "UPDATE webhooks SET cursor = greatest(cursor, %s), failures = 0, last_error = NULL, next_attempt_at = now(), "
        "delivered = delivered + %s, last_delivered_at = CASE WHEN %s > 0 THEN now() ELSE last_delivered_at END WHERE id = %s",
        (cursor, articles, articles, webhook_id),
    )


def failed(connection: Connection[Any], due: Due, error: str) -> datetime | None:
    """A delivery failed: it is tried again later, or the webhook is paused. Returns when, or None once paused."""
    failures = due.failures + 1
    wait_s = min(_CAP_S, _BASE_S * 2 ** (failures - 1))
    row = connection.execute(
        "UPDATE webhooks SET failures = %s, last_error = %s, paused = %s, next_attempt_at = now() + make_interval(secs => %s) "
        "WHERE id = %s RETURNING next_attempt_at",
        (failures, error[:500], failures >= MAX_FAILURES, wait_s, due.id),
    ).fetchone()
    return row[0] if row and failures < MAX_FAILURES else None
