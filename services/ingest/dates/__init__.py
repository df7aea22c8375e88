"""Parser of dates as sites write them: any form, any language, one moment or None."""

from __future__ import annotations

from services.ingest.dates.read import read_date

__all__ = ["read_date"]
