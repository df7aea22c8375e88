"""Renames source_homes to source_priors, and its column home to prior.

The view source_homes keeps the former names: the version before this one reads and writes through it.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE source_homes RENAME TO source_priors;
        ALTER TABLE source_priors RENAME COLUMN home TO prior;
        ALTER INDEX source_homes_pkey RENAME TO source_priors_pkey;
        CREATE VIEW source_homes AS
            SELECT source_domain, prior AS home, articles, learned_at FROM source_priors;
        """
    )


def downgrade() -> None:
    op.execute(
        """
        DROP VIEW source_homes;
        ALTER INDEX source_priors_pkey RENAME TO source_homes_pkey;
        ALTER TABLE source_priors RENAME COLUMN prior TO home;
        ALTER TABLE source_priors RENAME TO source_homes;
        """
    )
