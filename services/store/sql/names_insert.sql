INSERT INTO article_names (article_id, label, key, name, role, score, mentions, spans, tagger_version)
SELECT r.article_id, n.label, n.key, n.name, n.role, n.score, n.mentions, n.spans, r.tagger_version
FROM json_to_recordset(%(rows)s) AS r (article_id bigint, tagger_version text, tags json),
    json_to_recordset(r.tags) AS n (
    label text, key text, name text, role text, score float8, mentions integer, spans integer[])
