INSERT INTO article_quotes (
    article_id, start, "end", quote, speaker, key, cue, cue_start, cue_end, tagger_version)
SELECT r.article_id, q.start, q."end", q.text, q.speaker, q.key, q.cue, q.cue_start, q.cue_end,
    r.tagger_version
FROM json_to_recordset(%(rows)s) AS r (article_id bigint, tagger_version text, tags json),
    json_to_recordset(r.tags) AS q (
    start integer, "end" integer, text text, speaker text, key text, cue text, cue_start integer,
    cue_end integer)
