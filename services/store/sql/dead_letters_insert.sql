INSERT INTO dead_letters (submission_id, url, stage, error, reason, traceback, payload, attempts)
SELECT submission_id, url, stage, error, reason, traceback, payload, attempts
FROM jsonb_to_recordset(%(rows)s) AS r (
    submission_id bigint, url text, stage text, error text, reason text, traceback text, payload jsonb,
        attempts integer)
