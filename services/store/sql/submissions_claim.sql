-- The attempt is committed before the work: a page that kills its worker still counts. Suspects, whose last worker
-- was lost, are let through a few at a time, so that they never hold up the others.
WITH room AS (
    SELECT greatest(0, %(suspects_at_once)s - count(*)) AS suspects FROM submissions
    WHERE state = 'in_flight' AND reason = ANY(%(suspicious)s)
), plain AS (
    SELECT id FROM submissions
    WHERE state = 'pending' AND next_attempt_at <= now() AND (reason IS NULL OR reason <> ALL(%(suspicious)s))
    ORDER BY next_attempt_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
), suspects AS (
    SELECT id FROM submissions
    WHERE state = 'pending' AND next_attempt_at <= now() AND reason = ANY(%(suspicious)s)
    ORDER BY next_attempt_at LIMIT (SELECT suspects FROM room) FOR UPDATE SKIP LOCKED
)
UPDATE submissions s SET state = 'in_flight', attempts = s.attempts + 1, dispatched_at = now(), updated_at = now(),
    next_attempt_at = NULL
FROM (SELECT id FROM plain UNION ALL SELECT id FROM suspects) AS due
WHERE s.id = due.id
RETURNING s.id, s.url, s.canonical_url, s.attempts, s.dispatched_at, s.origin, s.hints, s.reason
