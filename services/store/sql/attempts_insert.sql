INSERT INTO submission_attempts (submission_id, attempt, stage, outcome, reason, detail, stamps)
SELECT r.submission_id, r.attempt, r.stage, r.outcome, r.reason, r.detail, coalesce(r.stamps, '[]')
FROM jsonb_to_recordset(%(rows)s) AS r (
    submission_id bigint, attempt integer, stage text, outcome text, reason text, detail text, stamps jsonb)
WHERE EXISTS (SELECT FROM submissions s WHERE s.id = r.submission_id)
