UPDATE submissions s SET state = 'stored', reason = NULL, detail = NULL, article_id = r.article_id,
    next_attempt_at = NULL, updated_at = now()
FROM jsonb_to_recordset(%(rows)s) AS r (submission_id bigint, article_id bigint)
WHERE s.id = r.submission_id
