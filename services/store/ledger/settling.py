"""Settling: records how attempts ended; retries, or turns failures into dead letters."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from psycopg import Connection
from psycopg.types.json import Jsonb

from services.contract.limits import MAX_DETAIL_CHARS, MAX_TRACEBACK_CHARS
from services.contract.messages import SUSPICIOUS, UrlSettled
from services.contract.unsendable import printable
from services.store.database import sql

_SETTLE = sql("submissions_settle")
_SEEN = sql("articles_seen")
_ATTEMPTS = sql("attempts_insert")
_DEAD = sql("dead_letters_insert")
_OUTCOMES = {"pending": "retry", "failed": "failed"}


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Retries with capped exponential backoff: attempts in all, first wait and longest wait in seconds."""

    max_attempts: int = 5
    base_s: float = 30.0
    cap_s: float = 3600.0

    def wait_s(self, attempt: int, asked_s: float | None, draw: Callable[[], float] = random.random) -> float:
        """Seconds until the next attempt: capped exponential backoff with
        "equal jitter" (half fixed, half random).

        At least `asked_s` (Retry-After), up to a day. See M. Brooker,
        "Exponential Backoff And Jitter", AWS, 2015.
        """
        backoff = min(self.cap_s, self.base_s * 2 ** max(0, attempt - 1))
        return float(max(backoff * (0.5 + draw() / 2), min(asked_s or 0.0, 24 * 3600.0)))


def settle(connection: Connection[Any], batch: Sequence[UrlSettled], policy: RetryPolicy) -> dict[str, int]:
    """Records how attempts ended: a retry waits, a permanent failure becomes a dead letter. Returns counts.

    Idempotent: only the current attempt of a URL is settled, and each attempt once.
    """
    rows, dead, attempts = [], [], []
    for message in batch:
        ticket = message.ticket
        spent = ticket.attempt >= policy.max_attempts
        deferred = message.outcome == "deferred"
        state = {"retry": "failed" if spent else "pending", "deferred": "pending", "unchanged": "stored"}.get(
            message.outcome, message.outcome
        )
        detail = printable(message.detail)[:MAX_DETAIL_CHARS]
        wait_s = _wait_s(message, policy) if state == "pending" else None
        rows.append(
            {
                "submission_id": ticket.submission_id,
                "attempt": ticket.attempt,
                "dispatched_at": ticket.dispatched_at,
                "deferred": deferred,
                "state": state,
                "reason": message.reason,
                "detail": detail,
                "wait_s": wait_s,
            }
        )
        if not deferred:
            attempts.append(_attempt_row(message, _OUTCOMES.get(state, message.outcome), detail))
        if state == "failed":
            dead.append(_dead_row(message))
    values = {"rows": Jsonb(rows), "suspicious": sorted(SUSPICIOUS)}
    settled = {row[0] for row in connection.execute(_SETTLE, values)}
    if unchanged := [m.ticket.submission_id for m in batch if m.outcome == "unchanged"]:
        connection.execute(_SEEN, {"ids": [i for i in unchanged if i in settled]})
    connection.execute(_ATTEMPTS, {"rows": Jsonb([a for a in attempts if a["submission_id"] in settled])})
    letters = [d for d in dead if d["submission_id"] in settled]
    if letters:
        connection.execute(_DEAD, {"rows": Jsonb(letters)})
    return {"settled": len(settled), "late": len(batch) - len(settled), "dead": len(letters)}


def _wait_s(message: UrlSettled, policy: RetryPolicy) -> float:
    if message.outcome == "deferred":
        return message.retry_after_s or 1.0
    # A lost worker is no sign that the site needs a pause.
    if message.reason in SUSPICIOUS:
        return 0.0
    return policy.wait_s(message.ticket.attempt, message.retry_after_s)


def _attempt_row(message: UrlSettled, outcome: str, detail: str) -> dict[str, Any]:
    return {
        "submission_id": message.ticket.submission_id,
        "attempt": message.ticket.attempt,
        "stage": message.stage,
        "outcome": outcome,
        "reason": message.reason,
        "detail": detail,
        "stamps": msgspec.to_builtins(message.stamps),
    }


def _dead_row(message: UrlSettled) -> dict[str, Any]:
    return {
        "submission_id": message.ticket.submission_id,
        "url": message.ticket.url,
        "stage": message.stage,
        "error": printable(message.error or message.detail)[:MAX_DETAIL_CHARS],
        "reason": message.reason,
        "traceback": printable(message.traceback or "")[-MAX_TRACEBACK_CHARS:] or None,
        "payload": message.payload,
        "attempts": message.ticket.attempt,
    }
