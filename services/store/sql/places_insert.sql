INSERT INTO article_places (
    article_id, start, "end", quote, name, geonameid, kind, country, admin1, lat, lon, score, form, tagger_version)
SELECT r.article_id, p.start, p."end", p.text, p.name, p.geonameid, p.kind, p.country, p.admin1, p.lat, p.lon,
    coalesce(p.score, 0), coalesce(p.form, 'name'), r.tagger_version
FROM json_to_recordset(%(rows)s) AS r (article_id bigint, tagger_version text, tags json),
    json_to_recordset(r.tags) AS p (
    start integer, "end" integer, text text, name text, geonameid bigint, kind text, country text,
    admin1 text, lat float8, lon float8, score float8, form text)
