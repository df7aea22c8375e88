"""Tombstones of deleted articles, pending removals of raw responses, and the audit log.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE tombstones (
            url_hash   bytea PRIMARY KEY,
            article_id bigint,
            reason     text NOT NULL,
            deleted_by text NOT NULL,
            deleted_at timestamptz NOT NULL DEFAULT now()
        );
        CREATE INDEX tombstones_article_id ON tombstones (article_id);
        CREATE TABLE raw_removals (
            file         text NOT NULL,
            "offset"     bigint NOT NULL,
            requested_at timestamptz NOT NULL DEFAULT now(),
            removed_at   timestamptz,
            error        text,
            PRIMARY KEY (file, "offset")
        );
        CREATE INDEX raw_removals_pending ON raw_removals (requested_at) WHERE removed_at IS NULL;
        CREATE TABLE audit (
            id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            at      timestamptz NOT NULL DEFAULT now(),
            who     text NOT NULL,
            action  text NOT NULL,
            subject text NOT NULL DEFAULT '',
            detail  jsonb NOT NULL DEFAULT '{}'
        );
        CREATE INDEX audit_at ON audit (at);
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE audit, raw_removals, tombstones")
