"""Thread pool that works on the URLs of a message concurrently.

A message costs Celery and the broker about as much as fetching a page, so a long queue carries several URLs a
message (`services.scheduler.dispatcher`). Each URL still has its own thread, deadline and outcome.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

from services.runtime.heartbeat import extend, watched

T = TypeVar("T")
_LOOK_S = 1.0


class UrlPool:
    """A fixed number of threads, shared by all messages of a worker."""

    def __init__(self, threads: int, *, starts_within_s: float) -> None:
        """An item for which no thread becomes free in `starts_within_s` is given back: its message must
        end before it counts as lost."""
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="pool")
        self._starts_within_s = starts_within_s

    def work(
        self, items: Sequence[T], do: Callable[[T], Future[None]], late: Callable[[T], Future[None]]
    ) -> None:
        """Processes the items and returns when the results of all are sent.

        `do(item)`, or `late(item)` where it starts too late, returns a future that ends with the sending.
        Raises the first exception of any of them, after all have ended.
        """
        latest = time.monotonic() + self._starts_within_s

        def one(item: T) -> Future[None]:
            with watched():
                return late(item) if time.monotonic() > latest else do(item)

        begun = [self._pool.submit(one, item) for item in items]
        while wait(begun, timeout=_LOOK_S).not_done:
            extend()  # the items have hang timers of their own
        sent = [future.result() for future in begun if future.exception() is None]
        wait(sent)
        for started in begun:
            started.result()
        for sending in sent:
            sending.result()
