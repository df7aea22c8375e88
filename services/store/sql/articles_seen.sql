-- After a 304 response.
UPDATE articles a SET last_seen_at = now() FROM submissions s WHERE s.id = ANY(%(ids)s)
    AND a.id = s.article_id
