"""Sessions of the desk's page.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE desk_sessions (
            session_hash bytea PRIMARY KEY,
            token_id     bigint NOT NULL REFERENCES api_tokens (id) ON DELETE CASCADE,
            begun_at     timestamptz NOT NULL DEFAULT now(),
            seen_at      timestamptz NOT NULL DEFAULT now()
        );
        CREATE INDEX desk_sessions_token_id ON desk_sessions (token_id);
        """
    )


def downgrade() -> None:
    op.execute("DROP TABLE desk_sessions")
