-- Only URLs that have ended and are in the archive.
UPDATE submissions SET state = 'pending', from_archive = true, reason = NULL, detail = NULL, attempts = 0,
    next_attempt_at = now(), updated_at = now()
WHERE id = ANY(%(ids)s) AND archived IS NOT NULL AND state IN ('stored', 'skipped', 'failed')
