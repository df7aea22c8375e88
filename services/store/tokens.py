"""Tokens for the read API: made once, stored only as a hash, with scopes, an end and a way to take them back."""

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
    """Who asks, and what they may."""

    id: int
    name: str
    scopes: frozenset[str]


def add(
    connection: Connection[Any], name: str, scopes: Iterable[str], *, expires_at: datetime | None = None
) -> tuple[int, str]:
    """Make a token; returns its id and the token itself, which is told only here (256 random bits).

    Raises PermanentError for a scope that there is not.
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
    """The token, while it is valid; notes that it was used, at most once a minute."""
    row = connection.execute(
        "SELECT id, name, scopes, last_used_at IS NULL OR last_used_at < now() - interval '1 minute' FROM api_tokens "
        "WHERE token_hash = %s AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())",
        (_hash(token),),
    ).fetchone()
    if row is None:
        return None
    if row[3]:
        connection.execute("UPDATE api_tokens SET last_used_at = now() WHERE id = %s", (row[0],))
    return Token(row[0], row[1], frozenset(row[2]))


def is_valid(connection: Connection[Any], token_id: int) -> bool:
    """Whether a token that was found before is valid still."""
    found = connection.execute(
        "SELECT 1 FROM api_tokens WHERE id = %s AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())",
        (token_id,),
    )
    return found.fetchone() is not None


def listed(connection: Connection[Any]) -> list[dict[str, Any]]:
    """All tokens, without what would let one use them."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(
            "SELECT id, name, scopes, created_at, expires_at, last_used_at, revoked_at FROM api_tokens ORDER BY id"
        ).fetchall()


def revoke(connection: Connection[Any], token_id: int) -> bool:
    """Take a token back; False when there is none, or it was taken back before."""
    done = connection.execute(
        "UPDATE api_tokens SET revoked_at = now() WHERE id = %s AND revoked_at IS NULL", (token_id,)
    )
    return done.rowcount == 1


def _hash(token: str) -> bytes:
    # A random token of 256 bits needs no slow hash: there is nothing to guess.
    return hashlib.sha256(token.encode()).digest()
