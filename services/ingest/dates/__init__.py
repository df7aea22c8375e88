"""Dates as the world's sites write them: any form, any language, read to one moment or to none."""

from __future__ import annotations

from services.ingest.dates.read import read_date

__all__ = ["read_date"]
