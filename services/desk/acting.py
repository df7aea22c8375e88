"""Who acts, as the audit names them."""

from __future__ import annotations

from typing import Annotated

from services.desk.access import needs
from services.store.tokens import Token

Admin = Annotated[Token, needs("admin")]
"""The caller, who may do everything."""


def who(token: Token) -> str:
    """`token:NAME`, or the machine that needs none."""
    return f"token:{token.name}" if token.id else token.name
