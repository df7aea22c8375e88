"""With which taggers an article was tagged, so that those of an older version are found, tags or none.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE articles ADD COLUMN topics_version text, ADD COLUMN regions_version text")


def downgrade() -> None:
    op.execute("ALTER TABLE articles DROP COLUMN topics_version, DROP COLUMN regions_version")
