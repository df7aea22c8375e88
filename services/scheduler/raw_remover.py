"""Removes raw responses of deleted articles from the WARC archive, if the scheduler has access to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from psycopg_pool import ConnectionPool

from services.store import deletion
from services.warc.erasure import erase

_AT_ONCE = 200


class RawRemover:
    """Each tick removes up to `_AT_ONCE` responses; one that fails stays pending, with its error."""

    def __init__(self, pool: ConnectionPool[Any], folder: Path) -> None:
        self._pool = pool
        self._folder = folder

    def tick(self) -> dict[str, int] | None:
        """Returns how many were removed and how many failed, or None. Idempotent."""
        if not self._folder.is_dir():
            return None
        with self._pool.connection() as connection:
            done, failed = deletion.clear_raw(connection, self._folder, erase, limit=_AT_ONCE)
        return {"removed": done, "failed": failed} if done or failed else None
