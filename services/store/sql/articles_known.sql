SELECT url_hash, id, content_hash FROM articles WHERE url_hash = ANY(%(hashes)s) ORDER BY url_hash FOR UPDATE
