INSERT INTO article_localities (
    article_id, position, name, kind, country, admin1, geonameid, lat, lon, score, mentions, evidence,
        tagger_version)
SELECT r.article_id, l.position - 1, l.name, l.kind, l.country, l.admin1, l.geonameid, l.lat, l.lon,
    coalesce(l.score, 0), coalesce(l.mentions, 0), coalesce(l.evidence, '[]'), r.tagger_version
FROM json_to_recordset(%(rows)s) AS r (article_id bigint, tagger_version text, tags json), ROWS FROM (
    json_to_recordset(r.tags) AS (
        name text, kind text, country text, admin1 text, geonameid bigint, lat float8, lon float8,
        score float8, mentions integer, evidence jsonb)
    ) WITH ORDINALITY AS l (
        name, kind, country, admin1, geonameid, lat, lon, score, mentions, evidence, position)
