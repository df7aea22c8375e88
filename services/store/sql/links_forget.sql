-- Links of a rewritten article that were stored in the former table.
DELETE FROM article_links_former WHERE article_id = ANY(%(ids)s)
