"""The first tables: ledger, articles with their tags and links, dead letters.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    op.execute(
        "DROP TABLE dead_letters, submission_attempts, submissions, article_links, article_places, "
        "article_countries, article_topics, article_versions, articles; "
        "DROP FUNCTION dateline_search(text, text, text)"
    )
