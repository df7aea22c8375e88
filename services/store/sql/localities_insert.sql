INSERT INTO article_localities (
    article_id, position, name, kind, country, admin1, geonameid, lat, lon, score, mentions, evidence, tagger_version)
SELECT article_id, position, name, kind, country, admin1, geonameid, lat, lon, coalesce(score, 0), coalesce(mentions, 0),
    coalesce(evidence, '[]'), tagger_version
FROM json_to_recordset(%(rows)s) AS r (
    article_id bigint, position integer, name text, kind text, country text, admin1 text, geonameid bigint, lat float8,
    lon float8, score float8, mentions integer, evidence jsonb, tagger_version text)
