"""Sessions of the desk's page: server-side, of random ids, with an idle timeout and an absolute timeout.

Only SHA-256 hashes of the ids are stored. A session is valid while its token is: it ends when the token is
revoked or expires.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from psycopg import Connection

from services.store.tokens import Token

IDLE = timedelta(hours=12)
"""Idle timeout: the longest time between two requests of a session."""
LONGEST = timedelta(days=30)
"""Absolute timeout: the longest life of a session, however it is used."""
_MOST_EACH = 1_000  # sessions of one token; those unused for longest end first
_VALID = (
    "s.seen_at > now() - %(idle)s AND s.begun_at > now() - %(longest)s AND t.revoked_at IS NULL "
    "AND (t.expires_at IS NULL OR t.expires_at > now())"
)
_TIMEOUTS = {"idle": IDLE, "longest": LONGEST}


@dataclass(frozen=True, slots=True)
class Begun:
    """A new session: its id, which cannot be read again, and the time after which it ends in any case."""

    session_id: str
    lasts: timedelta


def begin(connection: Connection[Any], token: Token) -> Begun:
    """Begins a session of a valid token, with an id of 256 random bits."""
    session_id = secrets.token_urlsafe(32)
    row = connection.execute(
        "INSERT INTO desk_sessions (session_hash, token_id) VALUES (%(hash)s, %(token)s) RETURNING "
        "(SELECT least(%(longest)s, expires_at - now()) FROM api_tokens WHERE id = %(token)s)",
        {"hash": _hash(session_id), "token": token.id, "longest": LONGEST},
    ).fetchone()
    assert row is not None
    connection.execute(
        "DELETE FROM desk_sessions WHERE session_hash IN (SELECT session_hash FROM desk_sessions "
        "WHERE token_id = %s ORDER BY seen_at DESC, begun_at DESC OFFSET %s)",
        (token.id, _MOST_EACH),
    )
    return Begun(session_id, row[0])


def find(connection: Connection[Any], session_id: str) -> Token | None:
    """The token of a valid session, else None; updates `seen_at`, and the token's `last_used_at`, at most
    once a minute.
    """
    key = _hash(session_id)
    row = connection.execute(
        "SELECT t.id, t.name, t.scopes, s.seen_at < now() - interval '1 minute' "
        f"FROM desk_sessions s JOIN api_tokens t ON t.id = s.token_id WHERE s.session_hash = %(hash)s AND "
        f"{_VALID}",
        _TIMEOUTS | {"hash": key},
    ).fetchone()
    if row is None:
        return None
    if row[3]:
        connection.execute("UPDATE desk_sessions SET seen_at = now() WHERE session_hash = %s", (key,))
        connection.execute("UPDATE api_tokens SET last_used_at = now() WHERE id = %s", (row[0],))
    return Token(row[0], row[1], frozenset(row[2]), session=key)


def is_valid(connection: Connection[Any], session: bytes) -> bool:
    """Whether a session, found before (`Token.session`), is still valid."""
    found = connection.execute(
        f"SELECT 1 FROM desk_sessions s JOIN api_tokens t ON t.id = s.token_id "
        f"WHERE s.session_hash = %(hash)s AND {_VALID}",
        _TIMEOUTS | {"hash": session},
    )
    return found.fetchone() is not None


def end(connection: Connection[Any], session_id: str) -> str | None:
    """Ends a session; returns the name of its token, or None if there was no such session."""
    row = connection.execute(
        "DELETE FROM desk_sessions s USING api_tokens t WHERE t.id = s.token_id AND s.session_hash = %s "
        "RETURNING t.name",
        (_hash(session_id),),
    ).fetchone()
    return row[0] if row else None


def prune(connection: Connection[Any], limit: int) -> int:
    """Deletes up to `limit` sessions that are no longer valid; returns how many."""
    return connection.execute(
        "DELETE FROM desk_sessions WHERE session_hash IN (SELECT s.session_hash FROM desk_sessions s "
        f"JOIN api_tokens t ON t.id = s.token_id WHERE NOT ({_VALID}) LIMIT %(limit)s)",
        _TIMEOUTS | {"limit": limit},
    ).rowcount


def _hash(session_id: str) -> bytes:
    # An id of 256 random bits cannot be guessed, so it needs no slow password hash.
    return hashlib.sha256(session_id.encode()).digest()
