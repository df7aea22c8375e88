"""Bringing back what was lost: a broker that came back empty, and URLs that made no progress."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg_pool import ConnectionPool

from services.runtime.queues import Queues
from services.store import ledger


class Reconciler:
    """Compares the ledger with the broker. Every tick is idempotent."""

    def __init__(
        self,
        pool: ConnectionPool[Any],
        queues: Queues,
        policy: ledger.RetryPolicy,
        *,
        visibility_timeout_s: int,
    ) -> None:
        self._pool = pool
        self._queues = queues
        self._policy = policy
        self._patience = timedelta(seconds=2 * visibility_timeout_s)

    def check_epoch(self) -> int:
        """When the broker has lost its data, make all that was in flight due again; returns how many."""
        if self._queues.has_epoch():
            return 0
        noticed = datetime.now(UTC)
        with self._pool.connection() as connection:
            requeued = ledger.requeue_all(connection, noticed)
        self._queues.begin_epoch()
        return requeued

    def requeue_stuck(self) -> dict[str, int]:
        """Make URLs due again that no queue holds any more and no stage has settled.

        Queues are first in, first out: what was dispatched well before the oldest message still
        waiting is in no queue, so a long queue is never taken for a loss.
        """
        oldest = [depth.oldest for depth in self._queues.depths() if depth.oldest is not None]
        newest_possible = min([datetime.now(UTC).timestamp(), *oldest])
        cutoff = datetime.fromtimestamp(newest_possible, UTC) - self._patience
        with self._pool.connection() as connection:
            return ledger.requeue_stuck(connection, cutoff, self._policy)
