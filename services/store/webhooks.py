"""Webhooks: saved searches whose new articles, and stories where these are asked for, are posted to a URL.
Each keeps a cursor in the change feed."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import msgspec
from psycopg import Connection
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from services.contract.errors import PermanentError
from services.store import changes
from services.store.search_query import Query

MAX_FAILURES = 12
"""Consecutive failed deliveries before a webhook is paused: with the
backoff below, after about nine hours.
"""
_BASE_S, _CAP_S = 10.0, 3600.0
_COLUMNS = (
    "id, name, url, query, cursor, paused, failures, next_attempt_at, last_error, last_delivered_at, "
    "delivered, created_at"
)


@dataclass(frozen=True, slots=True)
class DueWebhook:
    """A webhook that is due for a delivery."""

    id: int
    url: str
    secret: str
    query: Query
    cursor: int
    failures: int
    kinds: tuple[changes.Kind, ...] = changes.OF_ARTICLES


def add(
    connection: Connection[Any], name: str, url: str, query: Query, kinds: Sequence[changes.Kind] = ()
) -> tuple[int, str]:
    """Save a search to be told of from now on; returns its id and the secret that its deliveries are signed
    with. `kinds`: of changes to be told of; those of articles where it is empty.

    Raises PermanentError where another webhook has the name.
    """
    with connection.transaction():
        # Until the end of the transaction nobody else adds one: of two with the same name at once, the second
        # is refused.
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
        } | ({"kinds": list(dict.fromkeys(kinds))} if kinds else {})
        row = connection.execute(
            "INSERT INTO webhooks (name, url, secret, query, cursor) VALUES (%s, %s, %s, %s, %s) RETURNING id",  # noqa: E501
            (name, url, secret, Jsonb(saved), changes.newest(connection)),
        ).fetchone()
    assert row is not None
    return int(row[0]), secret


def listed(connection: Connection[Any]) -> list[dict[str, Any]]:
    """All webhooks, without their secrets."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(f"SELECT {_COLUMNS} FROM webhooks ORDER BY id").fetchall()


def remove(connection: Connection[Any], webhook_id: int) -> bool:
    """Removes a webhook; False if there is none."""
    return connection.execute("DELETE FROM webhooks WHERE id = %s", (webhook_id,)).rowcount == 1


def resume(connection: Connection[Any], webhook_id: int) -> bool:
    """Resumes a paused webhook at its cursor, due at once; False if there is none."""
    done = connection.execute(
        "UPDATE webhooks SET paused = false, failures = 0, next_attempt_at = now() WHERE id = %s",
        (webhook_id,),
    )
    return done.rowcount == 1


def due(connection: Connection[Any], *, lease_s: float, limit: int = 20) -> list[DueWebhook]:
    """Claims due webhooks with FOR UPDATE SKIP LOCKED, under a lease of `lease_s` seconds."""
    rows = connection.execute(
        """
        UPDATE webhooks w SET next_attempt_at = now() + make_interval(secs => %(lease_s)s)
        FROM (SELECT id FROM webhooks WHERE NOT paused AND next_attempt_at <= now()
                  AND cursor < greatest((SELECT max(seq) FROM article_changes),
                      (SELECT max(seq) FROM story_events), 0)
              ORDER BY next_attempt_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED) taken
        WHERE w.id = taken.id RETURNING w.id, w.url, w.secret, w.query, w.cursor, w.failures
        """,
        {"lease_s": lease_s, "limit": limit},
    ).fetchall()
    return [
        DueWebhook(
            r[0], r[1], r[2], msgspec.convert(r[3], Query, strict=False), r[4], r[5],
            tuple(kind for kind in r[3].get("kinds", changes.OF_ARTICLES)),
        )
        for r in rows
    ]  # fmt: skip


def delivered(
    connection: Connection[Any], webhook_id: int, cursor: int, articles: int, *, wait_s: float = 0.0
) -> None:
    """Records a delivery of all changes up to `cursor`; the webhook is due again after `wait_s` seconds, for
    more."""
    connection.execute(
        "UPDATE webhooks SET cursor = greatest(cursor, %s), failures = 0, last_error = NULL, "
        "next_attempt_at = now() + make_interval(secs => %s), "
        "delivered = delivered + %s, last_delivered_at = CASE WHEN %s > 0 THEN now() ELSE last_delivered_at "
        "END WHERE id = %s",
        (cursor, wait_s, articles, articles, webhook_id),
    )


def failed(connection: Connection[Any], due: DueWebhook, error: str) -> datetime | None:
    """Records a failed delivery: retries it with capped exponential backoff, or
    pauses the webhook after MAX_FAILURES.

    Returns when it is retried, or None if it was paused.
    """
    failures = due.failures + 1
    wait_s = min(_CAP_S, _BASE_S * 2 ** (failures - 1))
    row = connection.execute(
        "UPDATE webhooks SET failures = %s, last_error = %s, paused = %s, next_attempt_at = now() + "
        "make_interval(secs => %s) "
        "WHERE id = %s RETURNING next_attempt_at",
        (failures, error[:500], failures >= MAX_FAILURES, wait_s, due.id),
    ).fetchone()
    return row[0] if row and failures < MAX_FAILURES else None
