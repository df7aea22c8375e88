-- The attempt is committed before the work: a page that kills its worker still counts.
UPDATE submissions s SET state = 'in_flight', attempts = s.attempts + 1, dispatched_at = now(), updated_at = now(),
    next_attempt_at = NULL
FROM (
    SELECT id FROM submissions WHERE state = 'pending' AND next_attempt_at <= now()
    ORDER BY next_attempt_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
) AS due
WHERE s.id = due.id
RETURNING s.id, s.url, s.canonical_url, s.attempts, s.dispatched_at, s.origin, s.hints
