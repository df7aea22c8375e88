"""Working on the URLs of a message side by side: a message brings several, a fixed number of threads works on all of them.

A message costs Celery and the broker about as much as a page costs to fetch, so a long queue travels in
company (`services.scheduler.dispatcher`). Each URL still has a thread, a deadline and an end of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

from services.runtime.heartbeat import extend, watched

T = TypeVar("T")
_LOOK_S = 1.0


class Crew:
    """Threads shared by all messages of a worker."""

    def __init__(self, threads: int, *, starts_within_s: float) -> None:
        """An item that no thread was free for in `starts_within_s` is given up: its message must end before it counts as lost."""
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="crew")
        self._starts_within_s = starts_within_s

    def work(
        self, items: Sequence[T], do: Callable[[T], Future[None]], late: Callable[[T], Future[None]]
    ) -> None:
        """Return when every item is done: `do`, or `late` where it came too late, gives a future that ends with the sending.

        Raises the first of what they raised, after all have ended.
        """
        latest = time.monotonic() + self._starts_within_s

        def one(item: T) -> Future[None]:
            with watched():
                return late(item) if time.monotonic() > latest else do(item)

        begun = [self._pool.submit(one, item) for item in items]
        while wait(begun, timeout=_LOOK_S).not_done:
            extend()  # who hangs is one of the crew, and they are watched themselves
        sent = [future.result() for future in begun if future.exception() is None]
        wait(sent)
        for started in begun:
            started.result()
        for sending in sent:
            sending.result()
