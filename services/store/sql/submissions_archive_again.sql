UPDATE submissions s SET state = 'pending', archived = r.archived, from_archive = true, reason = NULL,
    detail = NULL, attempts = 0, next_attempt_at = now(), updated_at = now()
FROM jsonb_to_recordset(%(rows)s) AS r (url_hash text, archived jsonb)
WHERE s.url_hash = decode(r.url_hash, 'hex') AND s.state IN ('stored', 'skipped', 'failed')
