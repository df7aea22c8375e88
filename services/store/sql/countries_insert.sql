INSERT INTO article_countries (article_id, code, name, m49, score, focus, roles, mentions, evidence,
    tagger_version)
SELECT r.article_id, c.code, c.name, c.m49, c.score, c.focus, c.roles, c.mentions,
    coalesce(c.evidence, '[]'), r.tagger_version
FROM json_to_recordset(%(rows)s) AS r (article_id bigint, tagger_version text, tags json),
    json_to_recordset(r.tags) AS c (
    code text, name text, m49 integer, score float8, focus boolean, roles text[], mentions integer,
        evidence jsonb)
