"""Sources as doors: feeds, sitemaps and front pages, read for the URLs that they name."""
