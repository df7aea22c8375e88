DELETE FROM dead_letters WHERE id IN (
    SELECT id FROM dead_letters WHERE replayed_at < now() - %(failures)s::interval ORDER BY replayed_at
        LIMIT %(limit)s)
