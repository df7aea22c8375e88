"""The change feed, written by a trigger; tokens, webhooks, and the items that a source listed.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE SEQUENCE article_changes_seq;
        CREATE TABLE article_changes (
            article_id bigint PRIMARY KEY,
            seq        bigint NOT NULL,
            kind       text NOT NULL CONSTRAINT article_changes_kind
                CHECK (kind IN ('stored', 'changed', 'retagged', 'deleted')),
            changed_at timestamptz NOT NULL DEFAULT now()
        );
        CREATE UNIQUE INDEX article_changes_seq_key ON article_changes (seq);
        CREATE TABLE api_tokens (
            id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            name         text NOT NULL,
            token_hash   bytea NOT NULL,
            scopes       text[] NOT NULL,
            created_at   timestamptz NOT NULL DEFAULT now(),
            expires_at   timestamptz,
            last_used_at timestamptz,
            revoked_at   timestamptz
        );
        CREATE UNIQUE INDEX api_tokens_token_hash_key ON api_tokens (token_hash);
        CREATE TABLE webhooks (
            id                bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            name              text NOT NULL,
            url               text NOT NULL,
            secret            text NOT NULL,
            query             jsonb NOT NULL,
            cursor            bigint NOT NULL,
            paused            boolean NOT NULL DEFAULT false,
            failures          integer NOT NULL DEFAULT 0,
            next_attempt_at   timestamptz NOT NULL DEFAULT now(),
            last_error        text,
            last_delivered_at timestamptz,
            delivered         bigint NOT NULL DEFAULT 0,
            created_at        timestamptz NOT NULL DEFAULT now()
        );
        CREATE TABLE source_items (
            source_id     bigint NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
            url_hash      bytea NOT NULL,
            first_seen_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (source_id, url_hash)
        );
        CREATE INDEX source_items_first_seen_at ON source_items (first_seen_at);
        INSERT INTO source_items (source_id, url_hash, first_seen_at)
            SELECT s.id, u.url_hash, u.submitted_at FROM submissions u JOIN sources s
                ON u.origin = 'source:' || s.id;

        -- Deferred: runs at commit. The lock is held until the commit is visible, so that sequence numbers
        -- are in the order of commits: a reader that has read up to a number has missed nothing below it.
        CREATE FUNCTION dateline_article_changed() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            what text := CASE TG_OP WHEN 'INSERT' THEN 'stored' WHEN 'DELETE' THEN 'deleted'
                ELSE 'retagged' END;
            changed bigint := CASE TG_OP WHEN 'DELETE' THEN OLD.id ELSE NEW.id END;
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                IF OLD.content_hash IS DISTINCT FROM NEW.content_hash THEN
                    what := 'changed';
                END IF;
            END IF;
            PERFORM pg_advisory_xact_lock(4719, 6);
            INSERT INTO article_changes AS c (article_id, seq, kind)
                VALUES (changed, nextval('article_changes_seq'), what)
            ON CONFLICT (article_id) DO UPDATE SET seq = excluded.seq, changed_at = excluded.changed_at,
                kind = excluded.kind;
            RETURN NULL;
        END
        $$;
        CREATE CONSTRAINT TRIGGER articles_changed
            AFTER INSERT OR DELETE OR UPDATE OF title, text, content_hash, topics_version, regions_version,
                published_at ON articles
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION dateline_article_changed();

        -- After the trigger: creating it waits for all transactions that write articles, and blocks new ones
        -- until this one ends. Articles that this statement does not see go through the trigger.
        INSERT INTO article_changes (article_id, seq, kind, changed_at)
            SELECT id, nextval('article_changes_seq'), 'stored', stored_at
            FROM (SELECT id, stored_at FROM articles ORDER BY stored_at, id) a;

        -- The index on points serves everything that this one did.
        DROP INDEX IF EXISTS article_places_lat_lon;
        """
    )


def downgrade() -> None:
    op.execute(
        """
        CREATE INDEX article_places_lat_lon ON article_places (lat, lon);
        DROP TRIGGER articles_changed ON articles;
        DROP FUNCTION dateline_article_changed;
        DROP TABLE source_items, webhooks, api_tokens, article_changes;
        DROP SEQUENCE article_changes_seq;
        """
    )
