"""The form of a mention of a place: by name, by an adjective, by an institution, or as a dateline.

Rows that are there become names, until `dateline retag` tags their articles again. The default is a constant,
so that no row is rewritten; the constraint is validated apart, which does not block writers.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("ALTER TABLE article_places ADD COLUMN IF NOT EXISTS form text NOT NULL DEFAULT 'name'")
        op.execute(
            "ALTER TABLE article_places DROP CONSTRAINT IF EXISTS article_places_form, "
            "ADD CONSTRAINT article_places_form "
            "CHECK (form IN ('name', 'adjective', 'institution', 'dateline')) NOT VALID"
        )
        op.execute("ALTER TABLE article_places VALIDATE CONSTRAINT article_places_form")


def downgrade() -> None:
    op.execute("ALTER TABLE article_places DROP COLUMN form")
