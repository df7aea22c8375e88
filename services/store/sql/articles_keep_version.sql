INSERT INTO article_versions (article_id, version, title, text, content_hash, extractor_version, fetched_at)
SELECT id, version, title, text, content_hash, extractor_version, last_seen_at FROM articles
    WHERE id = ANY(%(ids)s)
ON CONFLICT DO NOTHING
