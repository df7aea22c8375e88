"""Batches results into one message.

A result waits up to `wait_s` for others; where no other is being made, only until half of that after the
message before: one that comes alone is sent at once, and a stream still travels together. Where results
arrive fast enough to fill half a message in that time, the batcher waits once more for the other half: each
message costs the later stages a fixed amount. A task waits until its result is sent, so its own message is
acknowledged only after that.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from services.contract.messages import ArticleFetched, SourcePolled, UrlSettled
from services.runtime.publish import Publisher

Result = ArticleFetched | UrlSettled | SourcePolled


class Batcher:
    """Collects the results of many threads and publishes them in batches of up to `limit`, from a thread
    of its own.

    `wait_s`: seconds that a result waits for others. `patience_s`: seconds for which publishing is retried
    while the broker is away. `clock`: seconds, of which only differences count.
    """

    def __init__(
        self,
        publisher: Publisher,
        *,
        wait_s: float,
        limit: int,
        patience_s: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._publisher = publisher
        self._clock = clock
        self._taken_at = clock()
        self._wait_s = wait_s
        self._limit = max(1, limit)
        self._patience_s = patience_s
        self._pending: list[tuple[Result, Future[None]]] = []
        self._being_made = 0  # results that are announced and not sent yet
        self._changed = threading.Condition()
        threading.Thread(target=self._run, name="batcher", daemon=True).start()

    @contextmanager
    def making(self) -> Iterator[None]:
        """Announces a result for as long as it is being made, its sending included: what is sent meanwhile
        waits for it. Whoever announces nothing is not waited for."""
        with self._changed:
            self._being_made += 1
        try:
            yield
        finally:
            with self._changed:
                self._being_made -= 1
                if not self._being_made:
                    self._changed.notify()

    def send(self, result: Result) -> Future[None]:
        """Adds a result. The future ends when it is on its queue, or with the exception of the publisher."""
        future: Future[None] = Future()
        with self._changed:
            self._pending.append((result, future))
            if len(self._pending) in (
                1,
                self._limit,
            ):  # between these nothing changes for the thread that waits
                self._changed.notify()
        return future

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._pending:
                    self._changed.wait()
                self._gather(self._clock() + self._wait_s)
                waits = (self._clock() - self._taken_at) / max(self._wait_s, 0.001)
                if len(self._pending) >= self._limit / 2 * waits:
                    self._gather(self._clock() + self._wait_s)
                self._taken_at = self._clock()
                batch, self._pending = self._pending[: self._limit], self._pending[self._limit :]
            for group in _grouped(batch):
                self._publish(group)

    def _gather(self, deadline: float) -> None:
        """Returns when a message is full, at the deadline, or when no more is to come."""
        while len(self._pending) < self._limit:
            until = deadline if self._being_made else min(deadline, self._taken_at + self._wait_s / 2)
            if (left := until - self._clock()) <= 0:
                return
            self._changed.wait(left)

    def _publish(self, group: list[tuple[Result, Future[None]]]) -> None:
        try:
            self._publisher.send([result for result, _ in group], patience_s=self._patience_s)
        except Exception as error:  # noqa: BLE001  handed to the tasks that wait
            for _, future in group:
                future.set_exception(error)
            return
        for _, future in group:
            future.set_result(None)


def _grouped(batch: list[tuple[Any, Future[None]]]) -> list[list[tuple[Any, Future[None]]]]:
    """Results by message type; a suspect's result travels alone, since it may break the next stage."""
    groups: dict[Any, list[tuple[Any, Future[None]]]] = {}
    for result, future in batch:
        alone = isinstance(result, ArticleFetched) and result.ticket.suspect
        groups.setdefault((type(result), result.ticket.submission_id if alone else None), []).append(
            (result, future)
        )
    return list(groups.values())
