"""Topics: IPTC Media Topics of an article, with evidence."""
