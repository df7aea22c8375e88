"""Topics: IPTC Media Topics of an article, each with its evidence."""
