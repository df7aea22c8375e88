"""Readers of sources: feeds, sitemaps, front pages and OPML give the URLs that they list."""
