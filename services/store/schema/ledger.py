"""Tables of the ledger: submissions, their attempts and dead letters."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.store.schema.columns import chars, check, id_column, metadata, moment

STATES = ("pending", "in_flight", "stored", "skipped", "failed", "refused")
"""States of a submission; the last four are terminal."""

submissions = Table(
    "submissions",
    metadata,
    id_column(),
    Column("url", Text, nullable=False),
    Column("canonical_url", Text, nullable=False),
    Column("url_hash", LargeBinary, nullable=False),
    Column("host", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("detail", Text),
    Column("attempts", SmallInteger, nullable=False, server_default=text("0")),
    moment("next_attempt_at"),
    moment("submitted_at", required=True, now=True),
    moment("updated_at", required=True, now=True),
    moment("dispatched_at"),
    Column("origin", Text, nullable=False),
    Column("hints", JSONB, nullable=False, server_default=text("'{}'")),
    Column("article_id", BigInteger, ForeignKey("articles.id", ondelete="SET NULL")),
    CheckConstraint(
        f"state IN {STATES}",
        name="submissions_state",
    ),
    Index("submissions_url_hash_key", "url_hash", unique=True),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("archived", JSONB),
    Column("from_archive", Boolean, nullable=False, server_default=text("false")),
    Index("submissions_due", "next_attempt_at", postgresql_where=text("state = 'pending'")),
    Index("submissions_due_host", "host", "next_attempt_at", postgresql_where=text("state = 'pending'")),
    Index(
        "submissions_due_slot",
        "host",
        "next_attempt_at",
        postgresql_where=text("state = 'pending' AND reason = 'host_wait'"),
    ),
    Index("submissions_in_flight", "dispatched_at", postgresql_where=text("state = 'in_flight'")),
    Index("submissions_state", "state", "reason"),
    Index("submissions_article_id", "article_id"),
    check(
        "submissions_bounds",
        "attempts >= 0",
        chars(
            url=32768,
            canonical_url=32768,
            host=1000,
            origin=1000,
            reason=1000,
            detail=20000,
            etag=8192,
            last_modified=8192,
        ),
    ),
)

submission_attempts = Table(
    "submission_attempts",
    metadata,
    id_column(),
    Column("submission_id", BigInteger, ForeignKey("submissions.id", ondelete="CASCADE"), nullable=False),
    Column("attempt", SmallInteger, nullable=False),
    Column("stage", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("reason", Text),
    Column("detail", Text),
    moment("ended_at", required=True, now=True),
    Column("stamps", JSONB, nullable=False, server_default=text("'[]'")),
    Index("submission_attempts_submission_id", "submission_id"),
    Index("submission_attempts_ended_at", "ended_at"),
)

dead_letters = Table(
    "dead_letters",
    metadata,
    id_column(),
    Column("submission_id", BigInteger, ForeignKey("submissions.id", ondelete="CASCADE")),
    Column("url", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("error", Text),
    Column("reason", Text, nullable=False),
    Column("traceback", Text),
    Column("payload", JSONB),
    Column("attempts", SmallInteger, nullable=False),
    moment("failed_at", required=True, now=True),
    moment("replayed_at"),
    Index("dead_letters_failed_at", "failed_at"),
    Index("dead_letters_reason", "reason", "stage"),
    Index("dead_letters_submission_id", "submission_id"),
)

outcome_counts = Table(
    "outcome_counts",
    metadata,
    Column("hour", DateTime(timezone=True), primary_key=True),
    Column("stage", Text, primary_key=True),
    Column("outcome", Text, primary_key=True),
    Column("reason", Text, primary_key=True),
    Column("urls", BigInteger, nullable=False),
)
