"""Stores an article's links in its own row: as rows of a table they were half of all that was written for it.

`article_links` becomes a view of both. Links stored before are not moved, which would rewrite a table of
millions of articles. The version before this one can still write: a trigger on the view redirects its
statements to the former table.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_SHOWN = """
    SELECT a.id AS article_id, (l.position - 1)::integer AS position, l.url, l.title, l.kind
    FROM articles a, ROWS FROM (jsonb_to_recordset(a.links) AS (url text, title text, kind text))
        WITH ORDINALITY AS l (url, title, kind, position)
"""


def upgrade() -> None:
    op.execute(
        f"""
        ALTER TABLE articles ADD COLUMN links jsonb NOT NULL DEFAULT '[]';
        ALTER TABLE articles ALTER COLUMN links SET STORAGE EXTERNAL;
        ALTER TABLE article_links RENAME TO article_links_former;
        CREATE VIEW article_links AS {_SHOWN}
            UNION ALL SELECT article_id, position, url, title, kind FROM article_links_former;

        CREATE FUNCTION dateline_links_of_former_version() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'DELETE' THEN
                DELETE FROM article_links_former WHERE article_id = OLD.article_id
                    AND position = OLD.position;
                UPDATE articles SET links = '[]' WHERE id = OLD.article_id AND links <> '[]';
                RETURN OLD;
            END IF;
            INSERT INTO article_links_former (article_id, position, url, title, kind)
                VALUES (NEW.article_id, NEW.position, NEW.url, NEW.title, NEW.kind);
            RETURN NEW;
        END
        $$;
        CREATE TRIGGER article_links_of_former_version INSTEAD OF INSERT OR DELETE ON article_links
            FOR EACH ROW EXECUTE FUNCTION dateline_links_of_former_version();
        """
    )


def downgrade() -> None:
    op.execute(
        f"""
        DROP VIEW article_links;
        DROP FUNCTION dateline_links_of_former_version;
        ALTER TABLE article_links_former RENAME TO article_links;
        INSERT INTO article_links (article_id, position, url, title, kind) {_SHOWN} ON CONFLICT DO NOTHING;
        ALTER TABLE articles DROP COLUMN links;
        """
    )
