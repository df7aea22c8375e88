"""People and organisations of articles, and quotations.

Revision ID: 0014
Revises: 0012
"""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_CHANGED = """
    DROP TRIGGER articles_changed ON articles;
    CREATE CONSTRAINT TRIGGER articles_changed
        AFTER INSERT OR DELETE OR UPDATE OF title, text, content_hash, topics_version, regions_version,
            {names}published_at ON articles
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION dateline_article_changed();
"""


def upgrade() -> None:
    op.execute("ALTER TABLE articles ADD COLUMN names_version text")
    op.execute(
        """
        CREATE TABLE article_names (
            article_id     bigint NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
            label          text NOT NULL,
            key            text NOT NULL,
            name           text NOT NULL,
            role           text,
            score          double precision NOT NULL,
            mentions       integer NOT NULL,
            spans          integer[] NOT NULL,
            tagger_version text NOT NULL,
            PRIMARY KEY (article_id, label, key),
            CONSTRAINT article_names_bounds CHECK (label IN ('PER', 'ORG') AND key <> '' AND
                score BETWEEN 0 AND 1 AND mentions >= 0 AND cardinality(spans) <= 4000 AND
                char_length(key) <= 2000 AND char_length(name) <= 2000 AND char_length(role) <= 2000)
        );
        CREATE INDEX article_names_key ON article_names (key, label, article_id);
        CREATE TABLE article_quotes (
            article_id     bigint NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
            start          integer NOT NULL,
            "end"          integer NOT NULL,
            quote          text NOT NULL,
            speaker        text,
            key            text,
            cue            text,
            cue_start      integer,
            cue_end        integer,
            tagger_version text NOT NULL,
            PRIMARY KEY (article_id, start),
            CONSTRAINT article_quotes_bounds CHECK (start >= 0 AND "end" >= start AND
                char_length(quote) <= 4000 AND char_length(speaker) <= 2000 AND char_length(key) <= 2000 AND
                char_length(cue) <= 2000)
        );
        CREATE INDEX article_quotes_key ON article_quotes (key, article_id) WHERE key IS NOT NULL;
        """
    )
    op.execute(_CHANGED.format(names="names_version, "))


def downgrade() -> None:
    op.execute(_CHANGED.format(names=""))
    op.execute("DROP TABLE article_quotes, article_names")
    op.execute("ALTER TABLE articles DROP COLUMN names_version")
