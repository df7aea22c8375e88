"""Recording: puts submitted URLs and refused lines into the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
from psycopg import Connection
from psycopg.types.json import Jsonb

from services.contract.bounds import bounded_hints
from services.contract.errors import DatelineError, PermanentError
from services.contract.limits import MAX_DETAIL_CHARS, MAX_URL_CHARS
from services.contract.messages import Archived, Hints
from services.contract.unsendable import printable
from services.contract.urls import Url
from services.store import deletion
from services.store.database import sql

_RECORD = sql("submissions_record")
_AGAIN = sql("submissions_again")


@dataclass(frozen=True, slots=True)
class Entry:
    """An accepted line. `origin`: the intake or source; `archived`: the
    page is read from there, not fetched.
    """

    url: Url
    origin: str
    hints: Hints = field(default_factory=Hints)
    archived: Archived | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused line: its text, and the error with the reason."""

    raw: str
    error: DatelineError
    origin: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """Counts of lines: new URLs, known ones, restarted ones, refused lines."""

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
    """Records URLs as pending, and refused lines as refused. Idempotent: a known URL stays as it is.

    With `again`, known URLs that have ended are due again. URLs with a tombstone are refused. Nothing is
    published: the dispatcher does that after the commit.
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
