-- Claimed, but the broker did not take them: the attempt never began.
UPDATE submissions SET state = 'pending', attempts = attempts - 1, next_attempt_at = now(), updated_at = now()
WHERE id = ANY(%(ids)s) AND state = 'in_flight'
