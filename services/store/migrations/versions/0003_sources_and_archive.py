"""Sources, validators and archive positions in the ledger, signals of publishers, an index by host.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        ALTER TABLE submissions ADD COLUMN etag text, ADD COLUMN last_modified text,
            ADD COLUMN archived jsonb,
            ADD COLUMN from_archive boolean NOT NULL DEFAULT false;
        ALTER TABLE articles ADD COLUMN signals jsonb NOT NULL DEFAULT '{}';
        CREATE TABLE sources (
            id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            url             text NOT NULL,
            kind            text NOT NULL CONSTRAINT sources_kind
                            CHECK (kind IN ('auto', 'rss', 'atom', 'json', 'sitemap', 'page')),
            title           text,
            paused          boolean NOT NULL DEFAULT false,
            added_at        timestamptz NOT NULL DEFAULT now(),
            next_poll_at    timestamptz NOT NULL DEFAULT now(),
            interval_s      double precision NOT NULL DEFAULT 900,
            etag            text,
            last_modified   text,
            last_polled_at  timestamptz,
            last_success_at timestamptz,
            last_new_at     timestamptz,
            polls           bigint NOT NULL DEFAULT 0,
            items           bigint NOT NULL DEFAULT 0,
            items_a_day     double precision,
            errors_in_row   integer NOT NULL DEFAULT 0,
            reason          text,
            detail          text
        );
        CREATE UNIQUE INDEX sources_url_key ON sources (url);
        CREATE INDEX sources_due ON sources (next_poll_at) WHERE NOT paused;
        """
    )
    # Without a lock on writers: the version before this one works on meanwhile.
    with op.get_context().autocommit_block():
        op.execute(
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS submissions_due_host "
            "ON submissions (host, next_attempt_at) WHERE state = 'pending'"
        )
        op.execute(
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS submissions_due_slot "
            "ON submissions (host, next_attempt_at) WHERE state = 'pending' AND reason = 'host_wait'"
        )


def downgrade() -> None:
    op.execute(
        """
        DROP INDEX submissions_due_host, submissions_due_slot;
        DROP TABLE sources;
        ALTER TABLE articles DROP COLUMN signals;
        ALTER TABLE submissions DROP COLUMN etag, DROP COLUMN last_modified, DROP COLUMN archived,
            DROP COLUMN from_archive;
        """
    )
