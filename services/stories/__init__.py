"""Copies of one text, and stories: articles about one event."""
