-- Locks rows in the order of ids, as all writers do, so that two writers cannot deadlock. Deleted articles
-- are skipped.
WITH batch AS (
    SELECT * FROM jsonb_to_recordset(%(rows)s) AS r (id bigint, language text, topics_version text,
        regions_version text, names_version text)
), locked AS (
    SELECT a.id FROM articles a JOIN batch USING (id) ORDER BY a.url_hash FOR UPDATE OF a
)
UPDATE articles a SET language = coalesce(b.language, a.language), topics_version = b.topics_version,
    regions_version = b.regions_version, names_version = b.names_version
FROM batch b JOIN locked USING (id) WHERE a.id = b.id
RETURNING a.id
