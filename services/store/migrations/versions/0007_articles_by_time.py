"""An index for the newest articles first, by when they were published or, if that is unknown, fetched.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        # An interrupted build leaves an invalid index.
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS articles_newest")
        op.execute(
            "CREATE INDEX CONCURRENTLY articles_newest ON articles (coalesce(published_at, fetched_at), id)"
        )


def downgrade() -> None:
    op.execute("DROP INDEX articles_newest")
