-- Only the current attempt settles its URL; a late message of an earlier one changes nothing. A deferral
-- counts no attempt, and a deferred suspect stays a suspect.
UPDATE submissions s SET state = r.state, detail = r.detail, updated_at = now(),
    reason = CASE WHEN r.deferred AND s.reason = ANY(%(suspicious)s) THEN s.reason ELSE r.reason END,
    attempts = s.attempts - r.deferred::int,
    next_attempt_at = CASE WHEN r.state = 'pending' THEN now() + make_interval(secs => r.wait_s) END
FROM jsonb_to_recordset(%(rows)s) AS r (
    submission_id bigint, attempt integer, dispatched_at timestamptz, state text, reason text, detail text,
    wait_s float8, deferred boolean)
WHERE s.id = r.submission_id AND s.attempts = r.attempt AND s.state = 'in_flight'
    AND s.dispatched_at = r.dispatched_at
RETURNING s.id
