UPDATE sources SET next_poll_at = now() + make_interval(secs => %(lease_s)s)
WHERE id IN (
    SELECT id FROM sources WHERE NOT paused AND next_poll_at <= now() ORDER BY next_poll_at LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED)
RETURNING id, url, kind, etag, last_modified, polls
