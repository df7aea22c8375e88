"""The reconciler: makes URLs due again that the broker lost, or that no stage settled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg_pool import ConnectionPool

from services.runtime.queue_depth import Queues
from services.store import ledger


class Reconciler:
    """Compares the ledger with the broker. Each method is idempotent."""

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
        """If the broker has lost its data, makes all URLs in flight due again; returns their number.

        The loss shows by a marker key that is gone. Raises Unavailable if the broker does not answer.
        """
        if self._queues.has_epoch():
            return 0
        noticed = datetime.now(UTC)
        with self._pool.connection() as connection:
            requeued = ledger.requeue_all(connection, noticed)
        self._queues.begin_epoch()
        return requeued

    def requeue_stuck(self) -> dict[str, int]:
        """Makes URLs due again that no queue holds and no stage has settled; returns counts.

        Queues are FIFO: a URL that was dispatched at least two visibility timeouts before the oldest waiting
        message is in no queue. A long queue is therefore never taken for a loss.
        """
        oldest = [depth.oldest for depth in self._queues.depths() if depth.oldest is not None]
        newest_possible = min([datetime.now(UTC).timestamp(), *oldest])
        cutoff = datetime.fromtimestamp(newest_possible, UTC) - self._patience
        with self._pool.connection() as connection:
            return ledger.requeue_stuck(connection, cutoff, self._policy)
