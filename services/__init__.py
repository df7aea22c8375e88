"""Dateline: URLs in, clean news articles tagged with topics and regions out, in Postgres."""

__version__ = "0.1.0"
