"""Fetcher: one page over connections to public addresses only, within bounds of time and size."""

from services.ingest.fetch.client import Fetched, Fetcher, FetchPolicy

__all__ = ["FetchPolicy", "Fetched", "Fetcher"]
