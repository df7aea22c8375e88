"""Publishes sources that are due for a poll."""

from __future__ import annotations

from typing import Any

from psycopg_pool import ConnectionPool

from services.contract.errors import Unavailable
from services.runtime.publish import Publisher
from services.store import sources


class SourceClock:
    """Publishes due sources. Each is leased: if its message is lost, it is due again when the lease ends."""

    def __init__(self, pool: ConnectionPool[Any], publisher: Publisher) -> None:
        self._pool = pool
        self._publisher = publisher

    def tick(self) -> int:
        """Publishes due sources; returns their number. Raises Unavailable if the broker does not answer."""
        with self._pool.connection() as connection:
            due = sources.due(connection)
        if not due:
            return 0
        try:
            self._publisher.send(due, batch=1)
        except Unavailable:
            with self._pool.connection() as connection:
                sources.unclaim(connection, [one.source_id for one in due])
            raise
        return len(due)
