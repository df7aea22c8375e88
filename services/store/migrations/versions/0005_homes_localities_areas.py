"""Source priors, localities of articles, areas of several countries, and search by distance.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

from pathlib import Path

from alembic import op
from sqlalchemy import text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_AREAS = Path(__file__).parents[1] / "areas_0005.tsv"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE source_homes (
            source_domain text PRIMARY KEY,
            home          jsonb,
            articles      integer NOT NULL,
            learned_at    timestamptz NOT NULL DEFAULT now()
        );
        CREATE TABLE article_localities (
            article_id     bigint NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
            position       integer NOT NULL,
            name           text NOT NULL,
            kind           text NOT NULL,
            country        text NOT NULL,
            admin1         text,
            geonameid      bigint,
            lat            double precision,
            lon            double precision,
            score          double precision NOT NULL,
            mentions       integer NOT NULL,
            evidence       jsonb NOT NULL DEFAULT '[]',
            tagger_version text NOT NULL,
            PRIMARY KEY (article_id, position)
        );
        CREATE INDEX article_localities_geonameid ON article_localities (geonameid);
        CREATE INDEX article_localities_admin1 ON article_localities (admin1);
        CREATE TABLE areas (
            name    text PRIMARY KEY,
            m49     integer NOT NULL,
            members text[] NOT NULL
        );
        -- Member countries of an area by its name (in any case) or its M49 code.
        CREATE FUNCTION dateline_members(area text) RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
            SELECT coalesce(array_agg(DISTINCT member), '{}') FROM areas, unnest(members) AS member
            WHERE lower(name) = lower(area) OR (m49 > 0 AND m49::text = ltrim(area, '0'))
        $$;
        -- Great-circle distance in km, on a sphere of radius 6,371 km.
        CREATE FUNCTION dateline_km(lat1 float8, lon1 float8, lat2 float8, lon2 float8) RETURNS float8
            LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT 12742 * asin(least(1, sqrt(
                power(sin(radians(lat2 - lat1) / 2), 2)
                + cos(radians(lat1)) * cos(radians(lat2)) * power(sin(radians(lon2 - lon1) / 2), 2))))
        $$;
        -- A box that holds all points within that distance: what the index on points can look up.
        CREATE FUNCTION dateline_box(lat float8, lon float8, km float8) RETURNS box
            LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
            SELECT box(
                point(lon - degrees(km / 6371 / greatest(0.01, cos(radians(lat)))), lat - degrees(km / 6371)),
                point(lon + degrees(km / 6371 / greatest(0.01, cos(radians(lat)))), lat + degrees(km / 6371)))
        $$;
        """
    )
    rows = [
        line.split("\t")
        for line in _AREAS.read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    ]
    op.get_bind().execute(
        text("INSERT INTO areas (name, m49, members) VALUES (:name, :m49, :members)"),
        [{"name": name, "m49": int(m49), "members": members.split()} for name, m49, members in rows],
    )
    # Concurrently, without a lock on writers: the version before this one keeps running.
    with op.get_context().autocommit_block():
        op.execute(
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS article_places_point ON article_places USING gist "
            "(point(lon, lat))"
        )


def downgrade() -> None:
    op.execute(
        """
        DROP INDEX article_places_point;
        DROP FUNCTION dateline_box, dateline_km, dateline_members;
        DROP TABLE areas, article_localities, source_homes;
        """
    )
