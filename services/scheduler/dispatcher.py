"""Publishing due URLs, with back-pressure: nothing is sent while a queue stands above its high-water mark."""

from __future__ import annotations

from typing import Any

from psycopg_pool import ConnectionPool
from redis import Redis

from services.contract.errors import Unavailable
from services.contract.routes import queue_of
from services.runtime import broker
from services.runtime.publish import Publisher
from services.store import ledger


class Dispatcher:
    """Claims due URLs and publishes them."""

    def __init__(
        self,
        pool: ConnectionPool[Any],
        client: Redis,
        publisher: Publisher,
        *,
        high_water: int,
        suspects_at_once: int = 8,
    ) -> None:
        self._pool = pool
        self._client = client
        self._publisher = publisher
        self._high_water = high_water
        self._suspects_at_once = suspects_at_once
        self._batches_high_water = max(10, high_water // 10)
        self.paused_by: str | None = None

    def tick(self) -> int:
        """Publish what is due, as far as the queues have room; returns how many URLs were sent."""
        room = self._room()
        if room <= 0:
            return 0
        with self._pool.connection() as connection:
            messages = ledger.claim(connection, room, suspects_at_once=self._suspects_at_once)
        if not messages:
            return 0
        try:
            self._publisher.send(messages, batch=1)
        except Unavailable:
            with self._pool.connection() as connection:
                ledger.unclaim(connection, [m.submission_id for m in messages])
            raise
        return len(messages)

    def _room(self) -> int:
        """How many URLs the queues take now; once full, not before they are half empty again."""
        waiting = {depth.queue: depth.waiting for depth in broker.depths(self._client)}
        ingest = queue_of("ingest")
        # Other queues hold batches of many articles a message.
        marks = {queue: self._high_water if queue == ingest else self._batches_high_water for queue in waiting}
        full = next((queue for queue, count in waiting.items() if count >= marks[queue]), None)
        if full:
            self.paused_by = full
        elif self.paused_by and waiting[self.paused_by] <= marks[self.paused_by] // 2:
            self.paused_by = None
        return 0 if self.paused_by else self._high_water - waiting[ingest]
