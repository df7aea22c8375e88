"""Celery's consumer, but that events for Flower travel in company."""

from __future__ import annotations

import time
from typing import Any

from celery.worker.consumer import Consumer

EVENTS_S = 0.5
"""How long task events gather. Each publishing is a trip to Redis, whether it takes one event or two dozen."""


class CalmConsumer(Consumer):  # type: ignore[misc]  # Celery has no types
    """Publishes a task's events with those of others, at most EVENTS_S later (or as soon as Celery's two dozen are there)."""

    _flushed_at = 0.0
    _flush_waits = False

    def _flush_events(self) -> None:
        """In the thread of the event loop, on its next turn after an event was buffered."""
        left_s = self._flushed_at + EVENTS_S - time.monotonic()
        if left_s <= 0:
            self._flush_now()
        elif not self._flush_waits:
            self._flush_waits = True
            self.hub.call_later(left_s, self._flush_now)

    def _flush_now(self) -> None:
        self._flush_waits = False
        self._flushed_at = time.monotonic()
        super()._flush_events()

    def shutdown(self) -> Any:
        """Nothing that happened is left untold."""
        super()._flush_events()
        return super().shutdown()
