"""The names under which clients of the desk stand in the audit log."""

from __future__ import annotations

from typing import Annotated

from services.desk.access import needs
from services.store.tokens import Token

Admin = Annotated[Token, needs("admin")]
"""A client with the scope admin."""


def who(token: Token) -> str:
    """`token:NAME`, or `this machine` for local access without a token."""
    return f"token:{token.name}" if token.id else token.name
