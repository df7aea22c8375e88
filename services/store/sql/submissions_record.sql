-- In the order of hashes, so that two intakes cannot deadlock. Known URLs stay as they are.
INSERT INTO submissions (url, canonical_url, url_hash, host, state, reason, detail, origin, hints,
    next_attempt_at, archived, from_archive)
SELECT url, canonical_url, decode(url_hash, 'hex'), host, state, reason, detail, origin,
    coalesce(hints, '{}'), CASE WHEN state = 'pending' THEN now() END, archived, archived IS NOT NULL
FROM jsonb_to_recordset(%(rows)s) AS r (
    url text, canonical_url text, url_hash text, host text, state text, reason text, detail text,
    origin text, hints jsonb, archived jsonb)
ORDER BY url_hash
ON CONFLICT (url_hash) DO NOTHING
RETURNING encode(url_hash, 'hex')
