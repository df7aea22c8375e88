INSERT INTO article_countries (article_id, code, name, m49, score, focus, roles, mentions, evidence, tagger_version)
SELECT article_id, code, name, m49, score, focus, roles, mentions, coalesce(evidence, '[]'), tagger_version
FROM json_to_recordset(%(rows)s) AS r (
    article_id bigint, code text, name text, m49 integer, score float8, focus boolean, roles text[], mentions integer,
    evidence jsonb, tagger_version text)
