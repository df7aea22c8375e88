"""Ingest: fetch a page and extract its article."""
