"""Tables of deletions: tombstones, and raw responses that are to be removed."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, LargeBinary, Table, Text, text

from services.store.schema.columns import metadata, moment

tombstones = Table(
    "tombstones",
    metadata,
    Column("url_hash", LargeBinary, primary_key=True),
    Column("article_id", BigInteger),
    Column("reason", Text, nullable=False),
    Column("deleted_by", Text, nullable=False),
    moment("deleted_at", required=True, now=True),
    Index("tombstones_article_id", "article_id"),
)

raw_removals = Table(
    "raw_removals",
    metadata,
    Column("file", Text, primary_key=True),
    Column("offset", BigInteger, primary_key=True, autoincrement=False),
    moment("requested_at", required=True, now=True),
    moment("removed_at"),
    Column("error", Text),
    Index("raw_removals_pending", "requested_at", postgresql_where=text("removed_at IS NULL")),
)
