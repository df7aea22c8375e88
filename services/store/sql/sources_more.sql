-- For a message that holds only a part of the entries of a poll.
UPDATE sources SET items = items + %(new)s,
    last_new_at = CASE WHEN %(new)s > 0 THEN %(polled_at)s ELSE last_new_at END
WHERE id = %(id)s
