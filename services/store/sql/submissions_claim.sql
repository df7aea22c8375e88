-- The attempt is committed before the work starts, so that a page that crashes its worker uses up its
-- attempts. Fair to hosts: each gets what its limit leaves, URLs whose slot has come first; of a booked host
-- only those. At most suspects_at_once suspects (URLs whose last worker was lost) are in flight.
WITH flying AS (
    SELECT host, count(*) AS urls, count(*) FILTER (WHERE reason = ANY(%(suspicious)s)) AS suspects
    FROM submissions WHERE state = 'in_flight' GROUP BY host
), turns AS (
    SELECT t.host, t.booked, greatest(0, t.most - coalesce(f.urls, 0)) AS room, t.turn
    FROM unnest(%(hosts)s::text[], %(most)s::int[], %(booked)s::boolean[])
        WITH ORDINALITY AS t (host, most, booked, turn)
    LEFT JOIN flying f USING (host)
), slotted AS (
    SELECT d.id, t.host, t.turn FROM turns t CROSS JOIN LATERAL (
        SELECT id FROM submissions
        WHERE state = 'pending' AND reason = 'host_wait' AND host = t.host AND next_attempt_at <= now()
        ORDER BY next_attempt_at LIMIT t.room FOR UPDATE SKIP LOCKED) d
), fresh AS (
    SELECT d.id, t.turn FROM turns t CROSS JOIN LATERAL (
        SELECT id FROM submissions
        WHERE state = 'pending' AND host = t.host AND next_attempt_at <= now()
            AND (reason IS NULL OR reason <> ALL(%(suspicious)s || ARRAY['host_wait']))
        ORDER BY next_attempt_at
        LIMIT greatest(0, t.room - (SELECT count(*) FROM slotted s WHERE s.host = t.host))
            FOR UPDATE SKIP LOCKED) d
    WHERE NOT t.booked
), plain AS (
    SELECT id FROM (SELECT id, turn FROM slotted UNION ALL SELECT id, turn FROM fresh) AS both_kinds
    ORDER BY turn LIMIT %(limit)s
), suspects AS (
    SELECT id FROM submissions
    WHERE state = 'pending' AND next_attempt_at <= now() AND reason = ANY(%(suspicious)s)
    ORDER BY next_attempt_at
    LIMIT greatest(0, %(suspects_at_once)s - (SELECT coalesce(sum(f.suspects), 0) FROM flying f))
        FOR UPDATE SKIP LOCKED
)
UPDATE submissions s SET state = 'in_flight', attempts = s.attempts + 1, dispatched_at = now(),
    updated_at = now(), next_attempt_at = NULL
FROM (SELECT id FROM plain UNION ALL SELECT id FROM suspects) AS due
WHERE s.id = due.id
RETURNING s.id, s.url, s.canonical_url, s.attempts, s.dispatched_at, s.origin, s.hints, s.reason,
    CASE WHEN s.article_id IS NOT NULL THEN s.etag END, CASE WHEN s.article_id IS NOT NULL THEN
    s.last_modified END, CASE WHEN s.from_archive THEN s.archived END
