-- The broker did not take the messages: the attempt is not counted.
UPDATE submissions SET state = 'pending', attempts = attempts - 1, next_attempt_at = now(), updated_at = now()
WHERE id = ANY(%(ids)s) AND state = 'in_flight'
