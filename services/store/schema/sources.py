"""Tables of sources: polls, listed items and source priors."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.store.schema.columns import id_column, metadata, moment

sources = Table(
    "sources",
    metadata,
    id_column(),
    Column("url", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", Text),
    Column("paused", Boolean, nullable=False, server_default=text("false")),
    moment("added_at", required=True, now=True),
    moment("next_poll_at", required=True, now=True),
    Column("interval_s", Double, nullable=False, server_default=text("900")),
    Column("etag", Text),
    Column("last_modified", Text),
    moment("last_polled_at"),
    moment("last_success_at"),
    moment("last_new_at"),
    Column("polls", BigInteger, nullable=False, server_default=text("0")),
    Column("items", BigInteger, nullable=False, server_default=text("0")),
    Column("items_a_day", Double),
    Column("errors_in_row", Integer, nullable=False, server_default=text("0")),
    Column("reason", Text),
    Column("detail", Text),
    CheckConstraint("kind IN ('auto', 'rss', 'atom', 'json', 'sitemap', 'page')", name="sources_kind"),
    Index("sources_url_key", "url", unique=True),
    Index("sources_due", "next_poll_at", postgresql_where=text("NOT paused")),
)

source_items = Table(
    "source_items",
    metadata,
    Column("source_id", BigInteger, ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True),
    Column("url_hash", LargeBinary, primary_key=True),
    moment("first_seen_at", required=True, now=True),
    Index("source_items_first_seen_at", "first_seen_at"),
)

source_priors = Table(
    "source_priors",
    metadata,
    Column("source_domain", Text, primary_key=True),
    Column("prior", JSONB),
    Column("articles", Integer, nullable=False),
    moment("learned_at", required=True, now=True),
)
