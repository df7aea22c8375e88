"""How many attempts ended how, by hour: counters that outlive the attempts themselves.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE outcome_counts (
            hour    timestamptz NOT NULL,
            stage   text NOT NULL,
            outcome text NOT NULL,
            reason  text NOT NULL,
            urls    bigint NOT NULL,
            PRIMARY KEY (hour, stage, outcome, reason)
        )
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE outcome_counts")
