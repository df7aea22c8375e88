-- In flight since before the cutoff: the message is lost.
UPDATE submissions SET updated_at = now(),
    state = CASE WHEN attempts >= %(max_attempts)s THEN 'failed' ELSE 'pending' END,
    reason = 'no_progress',
    detail = 'no stage reported progress on attempt ' || attempts,
    next_attempt_at = CASE WHEN attempts >= %(max_attempts)s THEN NULL ELSE now() END
WHERE id IN (
    SELECT id FROM submissions WHERE state = 'in_flight' AND dispatched_at < %(cutoff)s
    ORDER BY dispatched_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED)
RETURNING id, url, attempts, state
