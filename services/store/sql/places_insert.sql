INSERT INTO article_places (
    article_id, start, "end", quote, name, geonameid, kind, country, admin1, lat, lon, score, tagger_version)
SELECT article_id, start, "end", text, name, geonameid, kind, country, admin1, lat, lon, coalesce(score, 0), tagger_version
FROM json_to_recordset(%(rows)s) AS r (
    article_id bigint, start integer, "end" integer, text text, name text, geonameid bigint, kind text, country text,
    admin1 text, lat float8, lon float8, score float8, tagger_version text)
