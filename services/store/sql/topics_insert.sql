INSERT INTO article_topics (article_id, code, name, path, score, evidence, provenance, tagger_version)
SELECT r.article_id, t.code, t.name, t.path, t.score, coalesce(t.evidence, '[]'),
    coalesce(t.provenance, '{}'), r.tagger_version
FROM json_to_recordset(%(rows)s) AS r (article_id bigint, tagger_version text, tags json),
    json_to_recordset(r.tags) AS t (
    code text, name text, path text[], score float8, evidence jsonb, provenance text[])
