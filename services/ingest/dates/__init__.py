"""Parser of dates as sites write them: any form, any language, one moment or None."""

from __future__ import annotations

from services.ingest.dates.order import is_month_first
from services.ingest.dates.read import Written, read_date, read_moment

__all__ = ["Written", "is_month_first", "read_date", "read_moment"]
