"""The ledger: every submitted URL, its state, its attempts and, where it failed for good, its dead letter."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
from psycopg import Connection
from psycopg.types.json import Jsonb

from services.contract.bounds import bounded_hints, hints_from
from services.contract.errors import DatelineError, PermanentError
from services.contract.limits import MAX_DETAIL_CHARS, MAX_TRACEBACK_CHARS, MAX_URL_CHARS
from services.contract.messages import (
    NO_PROGRESS,
    SUSPICIOUS,
    Archived,
    Hints,
    UrlSettled,
    UrlSubmitted,
    Validators,
)
from services.contract.unsendable import printable
from services.contract.urls import Url, domain_of
from services.store import deletion
from services.store.database import sql
from services.store.homes import homes_of

_RECORD = sql("submissions_record")
_AGAIN = sql("submissions_again")
_CLAIM = sql("submissions_claim")
_UNCLAIM = sql("submissions_unclaim")
_SETTLE = sql("submissions_settle")
_STUCK = sql("submissions_stuck")
_REQUEUE_ALL = sql("submissions_requeue_all")
_ATTEMPTS = sql("attempts_insert")
_DEAD = sql("dead_letters_insert")
_HOSTS = sql("submissions_hosts")
_SEEN = sql("articles_seen")
_REPLAY = sql("submissions_replay")
_ARCHIVE_AGAIN = sql("submissions_archive_again")
_OUTCOMES = {"pending": "retry", "failed": "failed"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A URL that a door accepts; `archived`: its page is read there, not fetched."""

    url: Url
    origin: str
    hints: Hints = field(default_factory=Hints)
    archived: Archived | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that a door does not accept: what it was, and the error that says why."""

    raw: str
    error: DatelineError
    origin: str


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often an attempt is repeated, and the waits between, in seconds."""

    max_attempts: int = 5
    base_s: float = 30.0
    cap_s: float = 3600.0

    def wait_s(self, attempt: int, asked_s: float | None, draw: Callable[[], float] = random.random) -> float:
        """Capped exponential back-off with full jitter over its upper half; never under what was asked for."""
        backoff = min(self.cap_s, self.base_s * 2 ** max(0, attempt - 1))
        return float(max(backoff * (0.5 + draw() / 2), min(asked_s or 0.0, 24 * 3600.0)))


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many lines were new, already known, started again and refused."""

    new: int = 0
    known: int = 0
    again: int = 0
    refused: int = 0

    def __add__(self, other: Recorded) -> Recorded:
        return Recorded(
            self.new + other.new,
            self.known + other.known,
            self.again + other.again,
            self.refused + other.refused,
        )


def record(
    connection: Connection[Any],
    entries: Sequence[Entry],
    refusals: Sequence[Refusal] = (),
    *,
    again: bool = False,
) -> Recorded:
    """Put URLs into the ledger, and refused lines beside them, in the caller's transaction.

    With `again`, known URLs that had ended are due once more. Nothing is published here: the
    dispatcher sends what stands in the ledger.
    """
    if entries and deletion.any_barred(connection):
        gone = deletion.barred(connection, {entry.url.hash for entry in entries}).hashes
        refusals = [*refusals, *(_deleted(entry) for entry in entries if entry.url.hash in gone)]
        entries = [entry for entry in entries if entry.url.hash not in gone]
    accepted = {entry.url.hash.hex(): _row(entry) for entry in entries}
    refused = {row["url_hash"]: row for row in map(_refused_row, refusals)}
    fresh: set[str] = set()
    if accepted or refused:
        rows = list(accepted.values()) + list(refused.values())
        fresh = {r[0] for r in connection.execute(_RECORD, {"rows": Jsonb(rows)})}
    new = len(fresh & accepted.keys())
    restarted = 0
    if again and (old := accepted.keys() - fresh):
        restarted = connection.execute(_AGAIN, {"hashes": [bytes.fromhex(h) for h in old]}).rowcount
    return Recorded(new=new, known=len(entries) - new - restarted, again=restarted, refused=len(refusals))


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "url": entry.url.url,
        "canonical_url": entry.url.canonical,
        "url_hash": entry.url.hash.hex(),
        "host": entry.url.host,
        "state": "pending",
        "origin": entry.origin,
        "hints": msgspec.to_builtins(bounded_hints(entry.hints, datetime.now(UTC))[0]),
        "archived": msgspec.to_builtins(entry.archived) if entry.archived else None,
    }


def _deleted(entry: Entry) -> Refusal:
    return Refusal(entry.url.url, PermanentError(deletion.REASON, deletion.DETAIL), entry.origin)


def _refused_row(refusal: Refusal) -> dict[str, Any]:
    raw = printable(refusal.raw)[:MAX_URL_CHARS]
    return {
        "url": raw,
        "canonical_url": raw,
        "url_hash": hashlib.sha256(b"refused\n" + raw.encode()).digest()[:16].hex(),
        "host": "",
        "state": "refused",
        "reason": refusal.error.reason,
        "detail": printable(str(refusal.error))[:MAX_DETAIL_CHARS],
        "origin": refusal.origin,
    }


def waiting_hosts(connection: Connection[Any], after: str, limit: int) -> list[str]:
    """Up to `limit` hosts with pending URLs, in order, those behind `after`."""
    return [row[0] for row in connection.execute(_HOSTS, {"after": after, "limit": limit})]


def claim(
    connection: Connection[Any],
    limit: int,
    most: Mapping[str, int],
    *,
    booked: Collection[str] = (),
    suspects_at_once: int = 8,
) -> list[UrlSubmitted]:
    """Take up to `limit` due URLs, count their attempt, and return them as messages to publish.

    `most` names the hosts whose turn it is, and how many URLs of each may be in flight; of those that are
    `booked` only URLs whose slot has come. URLs whose last worker was lost come beside these, as long as no
    more than `suspects_at_once` are in flight.
    """
    values = {
        "limit": limit,
        "hosts": list(most),
        "most": list(most.values()),
        "booked": [host in booked for host in most],
        "suspects_at_once": suspects_at_once,
        "suspicious": sorted(SUSPICIOUS),
    }
    rows = connection.execute(_CLAIM, values).fetchall()
    homes = homes_of(connection, {domain_of(row[2]) for row in rows}) if rows else {}
    now = datetime.now(UTC)
    return [
        UrlSubmitted(
            submission_id=row[0],
            url=row[1],
            canonical_url=row[2],
            attempt=row[3],
            dispatched_at=row[4],
            origin=row[5],
            hints=hints_from(row[6], now),
            suspect=row[7] in SUSPICIOUS,
            validators=Validators(etag=row[8], last_modified=row[9]) if row[8] or row[9] else None,
            archived=_archived(row[10]),
            home=homes.get(domain_of(row[2])),
        )
        for row in rows
    ]


def _archived(value: Any) -> Archived | None:
    """Where a page stands in the archive, if what is stored says so in a way that can be read; else it is fetched."""
    try:
        return msgspec.convert(value, Archived) if value else None
    except msgspec.ValidationError:
        return None


def unclaim(connection: Connection[Any], ids: Sequence[int]) -> None:
    """Give back URLs that could not be published; the attempt is not counted."""
    connection.execute(_UNCLAIM, {"ids": list(ids)})


def settle(connection: Connection[Any], batch: Sequence[UrlSettled], policy: RetryPolicy) -> dict[str, int]:
    """Record how attempts ended. What may be tried again waits; what failed becomes a dead letter."""
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
    # A lost worker says nothing of the site: no reason to keep it waiting.
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


def requeue_stuck(
    connection: Connection[Any], cutoff: datetime, policy: RetryPolicy, *, limit: int = 1000
) -> dict[str, int]:
    """Make URLs due again that have been in flight since before `cutoff`; after the last attempt, a dead letter."""
    rows = connection.execute(
        _STUCK, {"cutoff": cutoff, "max_attempts": policy.max_attempts, "limit": limit}
    ).fetchall()
    dead = [row for row in rows if row[3] == "failed"]
    error = "no stage reported progress: the worker that had it was lost each time (a page that kills its worker?)"
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
    """Make everything due again that was in flight `before` a moment at which the broker was found empty."""
    return connection.execute(_REQUEUE_ALL, {"before": before}).rowcount


def replay(connection: Connection[Any], ids: Sequence[int]) -> int:
    """Make archived URLs due again, to be read from the archive; returns how many."""
    return connection.execute(_REPLAY, {"ids": list(ids)}).rowcount


def archive_again(connection: Connection[Any], entries: Sequence[Entry]) -> int:
    """Make known, ended URLs due again, to be read where `entries` say that they stand; returns how many."""
    rows = [
        {"url_hash": e.url.hash.hex(), "archived": msgspec.to_builtins(e.archived)}
        for e in entries
        if e.archived
    ]
    return connection.execute(_ARCHIVE_AGAIN, {"rows": Jsonb(rows)}).rowcount
