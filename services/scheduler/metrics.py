"""Prometheus metrics of the pipeline, read from Postgres, Redis and the broker at each scrape."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from psycopg_pool import ConnectionPool
from redis import Redis
from redis.exceptions import RedisError

from services.contract.errors import DatelineError
from services.runtime import logs, worker_states
from services.runtime.quarantine import Quarantine
from services.runtime.queue_depth import Queues
from services.store import completeness, story_progress
from services.store.database import AWAY
from services.store.status import database_bytes, outcome_totals, pipeline_state

_FRESH_S = 5.0
log = logs.get(__name__)


class PipelineCollector(Collector):
    """Collects at most every five seconds, however many scrape. An unavailable server is `dateline_server_up
    0`.
    """

    def __init__(self, pool: ConnectionPool[Any], client: Redis, queues: Queues) -> None:
        self._pool = pool
        self._client = client
        self._queues = queues
        self._lock = threading.Lock()
        self._seen: list[Metric] = []
        self._seen_at = 0.0

    def collect(self) -> Iterable[Metric]:
        """All metric families."""
        with self._lock:
            if time.monotonic() - self._seen_at > _FRESH_S:
                up = GaugeMetricFamily("dateline_server_up", "Whether a server answers.", labels=["server"])
                self._seen = [up, *self._redis(up), *self._broker(up), *self._database(up)]
                self._seen_at = time.monotonic()
            return self._seen

    def describe(self) -> Iterable[Metric]:
        """Empty, so that registering does not call `collect` and does not need the servers."""
        return []

    def _redis(self, up: GaugeMetricFamily) -> Iterator[Metric]:
        try:
            workers, quarantined = worker_states.workers(self._client), Quarantine(self._client).count()
            memory: dict[str, Any] = self._client.info("memory")  # type: ignore[assignment]
        except (RedisError, DatelineError) as error:
            log.warning("metrics_without_redis", error=str(error)[:200])
            up.add_metric(["redis"], 0)
            return
        up.add_metric(["redis"], 1)
        yield GaugeMetricFamily(
            "dateline_redis_memory_bytes", "Memory that Redis uses.", value=memory["used_memory"]
        )
        yield GaugeMetricFamily(
            "dateline_redis_memory_limit_bytes", "Its limit; 0: none.", value=memory["maxmemory"]
        )
        yield GaugeMetricFamily(
            "dateline_quarantined_messages", "Messages that no worker could read.", value=quarantined
        )
        yield from _worker_metrics(workers)

    def _broker(self, up: GaugeMetricFamily) -> Iterator[Metric]:
        other = self._queues.server != "redis"  # `_redis` reports whether Redis is up
        try:
            depths = self._queues.depths()
        except DatelineError as error:
            log.warning("metrics_without_broker", error=str(error)[:200])
            if other:
                up.add_metric([self._queues.server], 0)
            return
        if other:
            up.add_metric([self._queues.server], 1)
        waiting = GaugeMetricFamily(
            "dateline_queue_messages", "Messages waiting in a queue.", labels=["queue"]
        )
        taken = GaugeMetricFamily(
            "dateline_queue_unacknowledged", "Messages taken and not acknowledged.", labels=["queue"]
        )
        age = GaugeMetricFamily(
            "dateline_queue_oldest_seconds",
            "Age of the oldest waiting message, from its dispatch.",
            labels=["queue"],
        )
        for depth in depths:
            waiting.add_metric([depth.queue], depth.waiting)
            if depth.unacknowledged is not None:
                taken.add_metric([depth.queue], depth.unacknowledged)
            age.add_metric([depth.queue], max(0.0, time.time() - depth.oldest) if depth.oldest else 0.0)
        yield from (waiting, taken, age)

    def _database(self, up: GaugeMetricFamily) -> Iterator[Metric]:
        try:
            with self._pool.connection(timeout=5) as connection:
                state = pipeline_state(connection)
                totals = outcome_totals(connection)
                sources = completeness.habits(connection)
                size_bytes = database_bytes(connection)
                behind, behind_s = story_progress.lag(connection)
        except AWAY as error:
            log.warning("metrics_without_database", error=str(error)[:200])
            up.add_metric(["postgres"], 0)
            return
        up.add_metric(["postgres"], 1)
        urls = GaugeMetricFamily("dateline_urls", "URLs in the ledger by state.", labels=["state"])
        for name, count in state["states"].items():
            urls.add_metric([name], count)
        yield urls
        oldest = GaugeMetricFamily("dateline_urls_oldest_seconds", "Age of the oldest URL.", labels=["which"])
        for name, moment in (state["oldest"] or {}).items():
            oldest.add_metric([name], (datetime.now(UTC) - moment).total_seconds() if moment else 0.0)
        yield oldest
        attempts = CounterMetricFamily(
            "dateline_attempts",
            "Attempts that ended, by where, how and why.",
            labels=["stage", "outcome", "reason"],
        )
        for row in totals:
            attempts.add_metric([row["stage"], row["outcome"], row["reason"]], row["urls"])
        yield attempts
        yield from _source_metrics(sources)
        yield GaugeMetricFamily(
            "dateline_stories_behind", "Changes that stories have not taken in.", value=behind
        )
        yield GaugeMetricFamily(
            "dateline_stories_behind_seconds", "Age of the oldest of them.", value=behind_s
        )
        yield GaugeMetricFamily("dateline_database_bytes", "Size of the database.", value=size_bytes)
        yield GaugeMetricFamily(
            "dateline_dead_letters", "Dead letters not replayed.", value=state["dead_letters"]
        )
        yield GaugeMetricFamily("dateline_articles", "Articles stored.", value=state["articles"]["articles"])


def _worker_metrics(workers: dict[str, worker_states.WorkerState]) -> Iterator[Metric]:
    healthy = GaugeMetricFamily(
        "dateline_worker_healthy", "1 while a worker reports and is not stuck.", labels=["service", "worker"]
    )
    silent = GaugeMetricFamily(
        "dateline_worker_silent_seconds", "Time since a worker's last report.", labels=["service", "worker"]
    )
    for name, said in workers.items():
        healthy.add_metric([said.service, name], float(said.healthy))
        silent.add_metric([said.service, name], max(0.0, time.time() - said.at))
    free = GaugeMetricFamily(
        "dateline_disk_free_bytes",
        "Free space of the disk that a service writes to.",
        labels=["service"],
    )
    for service, left in sorted(
        {(w.service, w.disk_free_bytes) for w in workers.values() if w.disk_free_bytes is not None}
    ):
        free.add_metric([service], left or 0)
    yield from (healthy, silent, free)


def _source_metrics(sources: list[dict[str, Any]]) -> Iterator[Metric]:
    still = GaugeMetricFamily(
        "dateline_source_still_seconds", "Time since a source last had a new item.", labels=["source"]
    )
    habit = GaugeMetricFamily(
        "dateline_source_habit_seconds",
        "Longest usual time between new items of that source.",
        labels=["source"],
    )
    errors = GaugeMetricFamily(
        "dateline_source_errors", "Consecutive failed polls of a source.", labels=["source"]
    )
    for row in sources:
        name = row["title"] or row["url"]
        errors.add_metric([name], row["errors_in_row"])
        if row["habit_s"] is not None:
            still.add_metric([name], row["still_s"])
            habit.add_metric([name], row["habit_s"])
    yield from (still, habit, errors)


def serve(
    pool: ConnectionPool[Any], client: Redis, queues: Queues, *more: Collector, address: str, port: int
) -> None:
    """Serves /metrics over HTTP from a thread of this process: the pipeline's and `more` collectors'."""
    registry = CollectorRegistry()
    for collector in (PipelineCollector(pool, client, queues), *more):
        registry.register(collector)
    start_http_server(port, addr=address, registry=registry)
    log.info("metrics_served", address=address, port=port)
