-- Restarts only URLs that have ended.
UPDATE submissions SET state = 'pending', reason = NULL, detail = NULL, attempts = 0, from_archive = false,
    next_attempt_at = now(), updated_at = now()
WHERE url_hash = ANY(%(hashes)s) AND state IN ('stored', 'skipped', 'failed')
