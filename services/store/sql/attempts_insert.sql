-- The counters are updated last and in one order: their rows are locked only briefly, and two writers cannot
-- deadlock.
WITH ended AS (
    INSERT INTO submission_attempts (submission_id, attempt, stage, outcome, reason, detail, stamps)
    SELECT r.submission_id, r.attempt, r.stage, r.outcome, r.reason, r.detail, coalesce(r.stamps, '[]')
    FROM jsonb_to_recordset(%(rows)s) AS r (
        submission_id bigint, attempt integer, stage text, outcome text, reason text, detail text,
            stamps jsonb)
    WHERE EXISTS (SELECT FROM submissions s WHERE s.id = r.submission_id)
    RETURNING stage, outcome, coalesce(reason, '') AS reason
)
INSERT INTO outcome_counts AS c (hour, stage, outcome, reason, urls)
SELECT date_trunc('hour', now(), 'UTC'), stage, outcome, reason, count(*) FROM ended
GROUP BY stage, outcome, reason ORDER BY stage, outcome, reason
ON CONFLICT (hour, stage, outcome, reason) DO UPDATE SET urls = c.urls + excluded.urls
