UPDATE dead_letters SET replayed_at = now() WHERE submission_id = ANY(%(ids)s) AND replayed_at IS NULL
