-- The broker came back empty: nothing that was in flight exists any more, and none of it is to blame.
UPDATE submissions SET state = 'pending', attempts = greatest(attempts - 1, 0), next_attempt_at = now(), updated_at = now(),
    reason = 'broker_emptied'
WHERE state = 'in_flight' AND dispatched_at < %(before)s
