-- Hosts with pending URLs, after one host: a loose index scan, one probe for each host, however many URLs it
-- has.
WITH RECURSIVE found AS (
    (SELECT host FROM submissions WHERE state = 'pending' AND host > %(after)s ORDER BY host LIMIT 1)
    UNION ALL
    SELECT (SELECT s.host FROM submissions s WHERE s.state = 'pending' AND s.host > f.host ORDER BY s.host
        LIMIT 1)
    FROM found f WHERE f.host IS NOT NULL
)
SELECT host FROM found WHERE host IS NOT NULL LIMIT %(limit)s
