INSERT INTO article_topics (article_id, code, name, path, score, evidence, provenance, tagger_version)
SELECT article_id, code, name, path, score, coalesce(evidence, '[]'), coalesce(provenance, '{}'), tagger_version
FROM json_to_recordset(%(rows)s) AS r (
    article_id bigint, code text, name text, path text[], score float8, evidence jsonb, provenance text[],
    tagger_version text)
