-- Returns the states before: a redelivered message ends no attempt; a late success resolves a dead letter.
WITH batch AS (
    SELECT DISTINCT ON (submission_id) *
    FROM jsonb_to_recordset(%(rows)s) AS r (
        submission_id bigint, article_id bigint, etag text, last_modified text, archived jsonb)
), before AS (
    SELECT id, state FROM submissions WHERE id IN (SELECT submission_id FROM batch) ORDER BY id FOR UPDATE
)
UPDATE submissions s SET state = 'stored', reason = NULL, detail = NULL, article_id = batch.article_id,
    next_attempt_at = NULL, updated_at = now(), from_archive = false,
    etag = batch.etag, last_modified = batch.last_modified, archived = coalesce(batch.archived, s.archived)
FROM batch, before
WHERE s.id = batch.submission_id AND before.id = s.id AND before.state <> 'stored'
RETURNING s.id, before.state
