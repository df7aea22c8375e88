"""Tables of API tokens, sessions of the desk, webhooks and the audit log."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)  # fmt: skip
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.store.schema.columns import id_column, metadata, moment

api_tokens = Table(
    "api_tokens",
    metadata,
    id_column(),
    Column("name", Text, nullable=False),
    Column("token_hash", LargeBinary, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    moment("created_at", required=True, now=True),
    moment("expires_at"),
    moment("last_used_at"),
    moment("revoked_at"),
    Index("api_tokens_token_hash_key", "token_hash", unique=True),
)

desk_sessions = Table(
    "desk_sessions",
    metadata,
    Column("session_hash", LargeBinary, primary_key=True),
    Column("token_id", BigInteger, ForeignKey("api_tokens.id", ondelete="CASCADE"), nullable=False),
    moment("begun_at", required=True, now=True),
    moment("seen_at", required=True, now=True),
    Index("desk_sessions_token_id", "token_id"),
)

webhooks = Table(
    "webhooks",
    metadata,
    id_column(),
    Column("name", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),
    Column("query", JSONB, nullable=False),
    Column("cursor", BigInteger, nullable=False),
    Column("paused", Boolean, nullable=False, server_default=text("false")),
    Column("failures", Integer, nullable=False, server_default=text("0")),
    moment("next_attempt_at", required=True, now=True),
    Column("last_error", Text),
    moment("last_delivered_at"),
    Column("delivered", BigInteger, nullable=False, server_default=text("0")),
    moment("created_at", required=True, now=True),
)

audit = Table(
    "audit",
    metadata,
    id_column(),
    moment("at", required=True, now=True),
    Column("who", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False, server_default=text("''")),
    Column("detail", JSONB, nullable=False, server_default=text("'{}'")),
    Index("audit_at", "at"),
)
