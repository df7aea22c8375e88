"""Copies, stories and their events, and what the stories service keeps to go on from where it was.

None of these tables refers to `articles` by a foreign key, since its check would lock rows of articles that
the store may want. A trigger deletes what an article leaves behind; the service then puts its family and
story in order.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE article_copies (
            article_id   bigint PRIMARY KEY,
            root_id      bigint NOT NULL,
            parent_id    bigint NOT NULL,
            kind         text NOT NULL,
            share        double precision NOT NULL,
            parent_share double precision NOT NULL,
            passages     integer[] NOT NULL,
            reason       text NOT NULL,
            also_id      bigint,
            score        double precision NOT NULL,
            version      text NOT NULL,
            related_at   timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT article_copies_bounds CHECK (
                kind IN ('verbatim', 'cut', 'extended', 'edited', 'joined') AND score BETWEEN 0 AND 1 AND
                share BETWEEN 0 AND 1 AND parent_share BETWEEN 0 AND 1 AND cardinality(passages) % 4 = 0 AND
                article_id <> root_id AND article_id <> parent_id AND char_length(reason) <= 4000)
        );
        CREATE INDEX article_copies_root_id ON article_copies (root_id);
        CREATE INDEX article_copies_parent_id ON article_copies (parent_id);
        CREATE INDEX article_copies_also_id ON article_copies (also_id) WHERE also_id IS NOT NULL;

        CREATE TABLE stories (
            id               bigint PRIMARY KEY,
            first_article_id bigint NOT NULL,
            language         text,
            articles         integer NOT NULL,
            reports          integer NOT NULL,
            sources          integer NOT NULL,
            first_at         timestamptz NOT NULL,
            last_at          timestamptz NOT NULL,
            merged_into      bigint,
            created_at       timestamptz NOT NULL DEFAULT now(),
            updated_at       timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT stories_bounds CHECK (
                articles >= 0 AND reports BETWEEN 0 AND articles AND sources BETWEEN 0 AND articles AND
                merged_into <> id AND char_length(language) <= 40)
        );
        CREATE INDEX stories_by_size ON stories (articles, id) WHERE articles > 1;
        CREATE INDEX stories_by_time ON stories (last_at, id) WHERE articles > 1;
        CREATE INDEX stories_by_start ON stories (first_at, id) WHERE articles > 1;
        CREATE INDEX stories_merged_into ON stories (merged_into) WHERE merged_into IS NOT NULL;

        CREATE TABLE story_articles (
            article_id bigint PRIMARY KEY,
            story_id   bigint NOT NULL,
            at         timestamptz NOT NULL,
            source     text NOT NULL,
            score      double precision,
            evidence   jsonb NOT NULL DEFAULT '{}',
            version    integer NOT NULL,
            joined_at  timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT story_articles_bounds CHECK (score BETWEEN 0 AND 1 AND char_length(source) <= 1000)
        );
        CREATE INDEX story_articles_story_id ON story_articles (story_id, at);
        CREATE INDEX story_articles_joined_at ON story_articles USING brin (joined_at);

        CREATE TABLE story_events (
            seq      bigint PRIMARY KEY,
            kind     text NOT NULL,
            story_id bigint NOT NULL,
            other_id bigint,
            mark     integer NOT NULL DEFAULT 0,
            articles integer NOT NULL,
            reports  integer NOT NULL,
            sources  integer NOT NULL,
            at       timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT story_events_kind CHECK (
                kind IN ('story_created', 'story_grew', 'story_merged', 'story_split'))
        );
        CREATE UNIQUE INDEX story_events_once ON story_events (story_id, kind, mark, coalesce(other_id, 0));
        CREATE INDEX story_events_at ON story_events (at);

        CREATE TABLE story_signatures (
            article_id bigint PRIMARY KEY,
            position   bigint NOT NULL,
            seen_at    timestamptz NOT NULL,
            rank       smallint NOT NULL,
            agency     text,
            provider   text,
            samples    bytea NOT NULL
        );
        CREATE INDEX story_signatures_seen_at ON story_signatures (seen_at);
        CREATE TABLE story_vectors (
            article_id bigint PRIMARY KEY,
            places     text[] NOT NULL,
            vector     bytea NOT NULL
        );
        ALTER TABLE story_signatures ALTER COLUMN samples SET STORAGE EXTERNAL;
        ALTER TABLE story_vectors ALTER COLUMN vector SET STORAGE EXTERNAL;
        CREATE TABLE story_frequencies (
            position bigint PRIMARY KEY,
            whole    boolean NOT NULL,
            counts   bytea NOT NULL
        );
        ALTER TABLE story_frequencies ALTER COLUMN counts SET STORAGE EXTERNAL;
        CREATE TABLE stories_progress (
            id               integer PRIMARY KEY DEFAULT 1 CONSTRAINT stories_progress_once CHECK (id = 1),
            method           text NOT NULL,
            cursor           bigint NOT NULL,
            position         bigint NOT NULL,
            next_story       bigint NOT NULL,
            clock            timestamptz NOT NULL,
            rebuild_since    timestamptz,
            rebuild_asked_at timestamptz,
            rebuild_done     bigint NOT NULL DEFAULT 0,
            rebuild_total    bigint NOT NULL DEFAULT 0,
            updated_at       timestamptz NOT NULL DEFAULT now()
        );

        -- Counts of stories, from their articles; a story without any is deleted, unless it became part of
        -- another.
        CREATE FUNCTION dateline_count_stories(which bigint[]) RETURNS void LANGUAGE sql AS $$
            UPDATE stories s SET first_article_id = n.first_article_id, articles = n.articles,
                reports = n.reports, sources = n.sources, first_at = n.first_at, last_at = n.last_at,
                updated_at = now()
            FROM (
                SELECT a.story_id,
                    (array_agg(a.article_id ORDER BY a.at, a.article_id))[1] AS first_article_id,
                    count(*) AS articles, count(DISTINCT coalesce(c.root_id, a.article_id)) AS reports,
                    count(DISTINCT a.source) AS sources, min(a.at) AS first_at, max(a.at) AS last_at
                FROM story_articles a LEFT JOIN article_copies c USING (article_id)
                WHERE a.story_id = ANY (which) GROUP BY a.story_id
            ) n WHERE s.id = n.story_id;
            WITH empty AS (
                DELETE FROM stories s WHERE s.id = ANY (which) AND s.merged_into IS NULL AND NOT EXISTS (
                    SELECT FROM story_articles a WHERE a.story_id = s.id) RETURNING id
            )
            DELETE FROM stories s USING empty WHERE s.merged_into = empty.id;
        $$;

        -- The lock is that of the service's writes: of two transactions which write here one waits, and
        -- neither holds what the other needs.
        CREATE FUNCTION dateline_article_left() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            touched bigint[];
        BEGIN
            PERFORM pg_advisory_xact_lock(4719, 15);
            DELETE FROM article_copies c USING gone WHERE c.article_id = gone.id;
            WITH out_of AS (
                DELETE FROM story_articles s USING gone WHERE s.article_id = gone.id RETURNING s.story_id
            )
            SELECT array_agg(DISTINCT story_id) INTO touched FROM out_of;
            DELETE FROM story_signatures s USING gone WHERE s.article_id = gone.id;
            DELETE FROM story_vectors v USING gone WHERE v.article_id = gone.id;
            PERFORM dateline_count_stories(touched);
            RETURN NULL;
        END
        $$;
        CREATE TRIGGER articles_left AFTER DELETE ON articles REFERENCING OLD TABLE AS gone
            FOR EACH STATEMENT EXECUTE FUNCTION dateline_article_left();
        """
    )


def downgrade() -> None:
    op.execute(
        """
        DROP TRIGGER articles_left ON articles;
        DROP FUNCTION dateline_article_left, dateline_count_stories;
        DROP TABLE stories_progress, story_frequencies, story_vectors, story_signatures, story_events,
            story_articles, stories, article_copies;
        """
    )
