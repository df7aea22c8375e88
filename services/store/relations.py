"""The story and the copy relation of an article, as columns of a statement on `articles a`."""

from __future__ import annotations

STORY = """
    (SELECT jsonb_build_object('id', s.id, 'articles', s.articles, 'reports', s.reports,
        'sources', s.sources, 'first_at', s.first_at, 'last_at', s.last_at)
        FROM story_articles m JOIN stories s ON s.id = m.story_id
        WHERE m.article_id = a.id AND s.articles > 1) AS story
"""
"""The size of its story, NULL for an article alone."""
COPY = """
    (SELECT jsonb_build_object('root_id', k.root_id, 'parent_id', k.parent_id, 'kind', k.kind,
        'share', k.share, 'reason', k.reason) FROM article_copies k WHERE k.article_id = a.id) AS copy
"""
"""What it is a copy of, NULL for one that is none."""
