-- The broker has lost its data: all that was in flight is due again, and no attempt is counted.
UPDATE submissions SET state = 'pending', attempts = greatest(attempts - 1, 0), next_attempt_at = now(),
    updated_at = now(), reason = 'broker_emptied'
WHERE state = 'in_flight' AND dispatched_at < %(before)s
