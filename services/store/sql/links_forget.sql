-- Links of an article that was written again, stored before they moved to the article itself.
DELETE FROM article_links_former WHERE article_id = ANY(%(ids)s)
