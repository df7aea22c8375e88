DELETE FROM submission_attempts WHERE id IN (
    SELECT a.id FROM submission_attempts a JOIN submissions s ON s.id = a.submission_id
    WHERE a.ended_at < now() - %(successes)s::interval
        AND (s.state <> 'failed' OR a.ended_at < now() - %(failures)s::interval)
    ORDER BY a.ended_at LIMIT %(limit)s)
