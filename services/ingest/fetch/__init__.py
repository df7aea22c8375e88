"""Fetching: one URL, over connections that lead to public addresses only, within bounds."""

from services.ingest.fetch.client import Fetched, Fetcher, FetchPolicy

__all__ = ["FetchPolicy", "Fetched", "Fetcher"]
