-- For each of the latest articles of a source: its places, each once, with the highest score.
WITH latest AS (
    SELECT id FROM articles WHERE source_domain = %(domain)s ORDER BY published_at DESC NULLS LAST, id DESC
        LIMIT %(articles)s
)
SELECT l.id, p.country, p.admin1, CASE WHEN p.kind IN ('city', 'admin2') THEN p.geonameid END AS place,
    max(p.lat), max(p.lon), max(p.score)
FROM latest l LEFT JOIN article_places p ON p.article_id = l.id AND p.country IS NOT NULL AND p.score >= 0.3
    AND p.kind <> 'landmark'
GROUP BY 1, 2, 3, 4 ORDER BY 1
