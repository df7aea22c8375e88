"""API tokens with scopes, expiry and revocation; only their SHA-256 hashes are stored."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from services.contract.errors import PermanentError

SCOPES = ("read", "submit", "admin")
_PREFIX = "dl_"


@dataclass(frozen=True, slots=True)
class Token:
    """An authenticated client: the token's name and its scopes.

    `session`: the hash of the desk's session that it came by; empty where the client sent the token itself.
    """

    id: int
    name: str
    scopes: frozenset[str]
    session: bytes = b""


def add(
    connection: Connection[Any], name: str, scopes: Iterable[str], *, expires_at: datetime | None = None
) -> tuple[int, str]:
    """Creates a token of 256 random bits; returns its id and the token, which cannot be read again.

    Raises PermanentError for an unknown scope.
    """
    wanted = list(dict.fromkeys(scopes))
    if unknown := [scope for scope in wanted if scope not in SCOPES]:
        raise PermanentError("bad_scope", f"there is no scope {unknown[0]!r}: use {', '.join(SCOPES)}")
    token = _PREFIX + secrets.token_urlsafe(32)
    row = connection.execute(
        "INSERT INTO api_tokens (name, token_hash, scopes, expires_at) VALUES (%s, %s, %s, %s) RETURNING id",
        (name, _hash(token), wanted, expires_at),
    ).fetchone()
    assert row is not None
    return int(row[0]), token


def find(connection: Connection[Any], token: str) -> Token | None:
    """The token if it is valid, else None; updates `last_used_at` at most once a minute."""
    row = connection.execute(
        "SELECT id, name, scopes, last_used_at IS NULL OR last_used_at < now() - interval '1 minute' "
        "FROM api_tokens "
        "WHERE token_hash = %s AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())",
        (_hash(token),),
    ).fetchone()
    if row is None:
        return None
    if row[3]:
        connection.execute("UPDATE api_tokens SET last_used_at = now() WHERE id = %s", (row[0],))
    return Token(row[0], row[1], frozenset(row[2]))


def is_valid(connection: Connection[Any], token_id: int) -> bool:
    """Whether a token, found before, is still valid."""
    found = connection.execute(
        "SELECT 1 FROM api_tokens WHERE id = %s AND revoked_at IS NULL AND (expires_at IS NULL "
        "OR expires_at > now())",
        (token_id,),
    )
    return found.fetchone() is not None


def listed(connection: Connection[Any]) -> list[dict[str, Any]]:
    """All tokens, without their hashes."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT id, name, scopes, created_at, expires_at, last_used_at, revoked_at FROM api_tokens "
            "ORDER BY id"
        ).fetchall()


def revoke(connection: Connection[Any], token_id: int) -> bool:
    """Revokes a token and ends its sessions; False if there is none, or it was revoked before."""
    done = connection.execute(
        "UPDATE api_tokens SET revoked_at = now() WHERE id = %s AND revoked_at IS NULL", (token_id,)
    )
    connection.execute("DELETE FROM desk_sessions WHERE token_id = %s", (token_id,))
    return done.rowcount == 1


def _hash(token: str) -> bytes:
    # A random token of 256 bits cannot be guessed, so it needs no slow password hash.
    return hashlib.sha256(token.encode()).digest()
