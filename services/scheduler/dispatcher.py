"""The dispatcher: publishes due URLs, with backpressure by a high-water mark for each queue."""

from __future__ import annotations

import time
from typing import Any

from psycopg import Connection
from psycopg_pool import ConnectionPool
from redis import Redis
from redis.exceptions import RedisError

from services.contract.errors import Unavailable
from services.contract.limits import MAX_URLS_A_MESSAGE
from services.contract.messages import UrlSubmitted
from services.contract.routes import queue_of
from services.contract.urls import front_stripped
from services.net.hosts import BOOKED_KEY, HOLDS_KEY, HostLimits
from services.runtime import broker
from services.runtime.publish import Publisher
from services.runtime.queue_depth import Queues
from services.store import ledger

_HOSTS_A_TICK = 500
_MESSAGES = 12
"""Least messages in the queue before URLs are batched: as many as one ingest worker prefetches by default."""
_REFILL = 4
"""The queue is refilled when 1/_REFILL of it is free: a claim costs about the same for 1 URL as for 100."""


class Dispatcher:
    """Claims due URLs from the ledger and publishes them."""

    def __init__(
        self,
        pool: ConnectionPool[Any],
        client: Redis,
        queues: Queues,
        publisher: Publisher,
        *,
        high_water: int,
        suspects_at_once: int = 16,
        limits: HostLimits | None = None,
    ) -> None:
        self._pool = pool
        self._client = client
        self._queues = queues
        self._publisher = publisher
        self._high_water = high_water
        self._suspects_at_once = suspects_at_once
        self._limits = limits or HostLimits()
        self._after = ""
        self._together = 1
        self._batches_high_water = max(10, high_water // 10)
        self.paused_by: str | None = None

    def tick(self) -> int:
        """Publishes due URLs up to the high-water mark; returns their number.

        Raises Unavailable if the broker does not answer; the URLs are then given back, and no attempt is
        counted.
        """
        room = self._room()
        if room < max(1, self._high_water // _REFILL):
            return 0
        with self._pool.connection() as connection:
            turns = self._turns(connection)
            messages = ledger.claim(
                connection, room, turns, booked=self._booked(turns), suspects_at_once=self._suspects_at_once
            )
        if not messages:
            return 0
        try:
            self._publish(messages, waiting=self._high_water - room)
        except Unavailable:
            with self._pool.connection() as connection:
                ledger.unclaim(connection, [m.submission_id for m in messages])
            raise
        return len(messages)

    def _publish(self, urls: list[UrlSubmitted], waiting: int) -> None:
        """Batches URLs only while the queue is long, so that a short one is shared by all workers.

        A suspect always has a message of its own.
        """
        self._together = min(MAX_URLS_A_MESSAGE, max(1, (waiting + len(urls)) // _MESSAGES))
        self._publisher.send([u for u in urls if not u.suspect], batch=self._together)
        self._publisher.send([u for u in urls if u.suspect], batch=1)

    def _turns(self, connection: Connection[Any]) -> dict[str, int]:
        """The next hosts in round-robin order, without those on hold, and how many URLs of each may be in
        flight.
        """
        hosts = ledger.waiting_hosts(connection, self._after, _HOSTS_A_TICK)
        if len(hosts) < _HOSTS_A_TICK and self._after:
            hosts += [
                h
                for h in ledger.waiting_hosts(connection, "", _HOSTS_A_TICK - len(hosts))
                if h <= self._after
            ]
        # The next tick begins after the first host of this one, so that each host is first once a round.
        self._after = (hosts[0] if len(hosts) < _HOSTS_A_TICK else hosts[-1]) if hosts else ""
        held = self._until_now(HOLDS_KEY)
        return {host: self._limits.of(host).in_flight for host in hosts if front_stripped(host) not in held}

    def _booked(self, turns: dict[str, int]) -> set[str]:
        booked = self._until_now(BOOKED_KEY)
        return {host for host in turns if front_stripped(host) in booked}

    def _until_now(self, key: str) -> set[str]:
        """The hosts of a Redis sorted set whose time (score, ms) has not passed; expired ones are removed."""
        try:
            self._client.zremrangebyscore(key, "-inf", int(time.time() * 1000))
            hosts: list[bytes] = self._client.zrange(key, 0, -1)  # type: ignore[assignment]
        except RedisError as error:
            raise broker.explain(error) from error
        return {host.decode(errors="replace") for host in hosts}

    def _room(self) -> int:
        """How many URLs may be published now; 0 from when a queue is full
        until it is half empty (hysteresis).
        """
        waiting = self._queues.backlog()
        ingest = queue_of("ingest")
        # An upper bound: older messages, which may hold more URLs each, are consumed first.
        waiting[ingest] *= self._together
        # A message of another queue is a batch of many articles.
        marks = {
            queue: self._high_water if queue == ingest else self._batches_high_water for queue in waiting
        }
        full = next((queue for queue, count in waiting.items() if count >= marks[queue]), None)
        if full:
            self.paused_by = full
        elif self.paused_by and waiting[self.paused_by] <= marks[self.paused_by] // 2:
            self.paused_by = None
        return 0 if self.paused_by else self._high_water - waiting[ingest]
