"""Requeueing: makes URLs due again that were lost, or that are to be read from the archive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from psycopg import Connection
from psycopg.types.json import Jsonb

from services.contract.messages import NO_PROGRESS
from services.store.database import sql
from services.store.ledger.entries import Entry
from services.store.ledger.settling import RetryPolicy

_STUCK = sql("submissions_stuck")
_REQUEUE_ALL = sql("submissions_requeue_all")
_REPLAY = sql("submissions_replay")
_ARCHIVE_AGAIN = sql("submissions_archive_again")
_ATTEMPTS = sql("attempts_insert")
_DEAD = sql("dead_letters_insert")


def requeue_stuck(
    connection: Connection[Any], cutoff: datetime, policy: RetryPolicy, *, limit: int = 1000
) -> dict[str, int]:
    """Makes URLs due again that were dispatched before `cutoff` and are still in flight; returns counts.

    A URL without attempts left becomes a dead letter.
    """
    rows = connection.execute(
        _STUCK, {"cutoff": cutoff, "max_attempts": policy.max_attempts, "limit": limit}
    ).fetchall()
    dead = [row for row in rows if row[3] == "failed"]
    error = (
        "no stage reported progress: its worker was lost in each attempt (does the page crash its worker?)"
    )
    if rows:
        attempts = [
            {
                "submission_id": r[0],
                "attempt": r[2],
                "stage": "dispatch",
                "outcome": "failed" if r[3] == "failed" else "retry",
                "reason": NO_PROGRESS,
            }
            for r in rows
        ]
        connection.execute(_ATTEMPTS, {"rows": Jsonb(attempts)})
    if dead:
        letters = [
            {
                "submission_id": r[0],
                "url": r[1],
                "stage": "dispatch",
                "error": error,
                "reason": NO_PROGRESS,
                "attempts": r[2],
            }
            for r in dead
        ]
        connection.execute(_DEAD, {"rows": Jsonb(letters)})
    return {"requeued": len(rows) - len(dead), "dead": len(dead)}


def requeue_all(connection: Connection[Any], before: datetime) -> int:
    """Makes all URLs due again that were dispatched `before` the broker
    was found empty; returns their number.
    """
    return connection.execute(_REQUEUE_ALL, {"before": before}).rowcount


def replay(connection: Connection[Any], ids: Sequence[int]) -> int:
    """Makes URLs due again, to be read from the archive; returns their number."""
    return connection.execute(_REPLAY, {"ids": list(ids)}).rowcount


def archive_again(connection: Connection[Any], entries: Sequence[Entry]) -> int:
    """Makes known URLs that have ended due again, to be read from the archive at
    `entries.archived`; returns the number.
    """
    rows = [
        {"url_hash": e.url.hash.hex(), "archived": msgspec.to_builtins(e.archived)}
        for e in entries
        if e.archived
    ]
    return connection.execute(_ARCHIVE_AGAIN, {"rows": Jsonb(rows)}).rowcount
