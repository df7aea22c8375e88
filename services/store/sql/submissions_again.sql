-- Only what has ended starts again; what is under way is left alone.
UPDATE submissions SET state = 'pending', reason = NULL, detail = NULL, attempts = 0, from_archive = false, next_attempt_at = now(),
    updated_at = now()
WHERE url_hash = ANY(%(hashes)s) AND state IN ('stored', 'skipped', 'failed')
