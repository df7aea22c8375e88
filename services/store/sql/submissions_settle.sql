-- Only the attempt that is under way may settle its URL: a late copy of an earlier one changes nothing.
UPDATE submissions s SET state = r.state, reason = r.reason, detail = r.detail, updated_at = now(),
    next_attempt_at = CASE WHEN r.state = 'pending' THEN now() + make_interval(secs => r.wait_s) END
FROM jsonb_to_recordset(%(rows)s) AS r (
    submission_id bigint, attempt integer, state text, reason text, detail text, wait_s float8)
WHERE s.id = r.submission_id AND s.attempts = r.attempt AND s.state = 'in_flight'
RETURNING s.id
