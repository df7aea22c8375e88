-- After a permanent redirect the URL is updated, unless another source has the new URL already.
UPDATE sources s SET polls = polls + 1, last_polled_at = %(polled_at)s,
    url = CASE WHEN %(url)s::text IS NULL OR EXISTS (SELECT FROM sources o
        WHERE o.url = %(url)s) THEN s.url ELSE %(url)s END,
    kind = CASE WHEN %(ok)s THEN %(kind)s ELSE s.kind END,
    title = coalesce(s.title, %(title)s),
    last_success_at = CASE WHEN %(ok)s THEN %(polled_at)s ELSE last_success_at END,
    last_new_at = CASE WHEN %(new)s > 0 THEN %(polled_at)s ELSE last_new_at END,
    etag = CASE WHEN %(ok)s THEN %(etag)s ELSE etag END,
    last_modified = CASE WHEN %(ok)s THEN %(last_modified)s ELSE last_modified END,
    items = items + %(new)s, items_a_day = %(items_a_day)s, interval_s = %(interval_s)s,
    errors_in_row = %(errors)s, next_poll_at = now() + make_interval(secs => %(wait_s)s),
        reason = %(reason)s, detail = %(detail)s
WHERE id = %(id)s
