"""Sending results on in company: a thread's result waits a moment for others, then all go in one message.

Where results have come so fast since the last message that they fill half of one in that time, it waits as long again for the other
half: the stages behind have enough to do meanwhile, and each message costs them something. The task that produced a result waits until it is sent, so its
message is acknowledged only after that.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from typing import Any

from services.contract.messages import ArticleFetched, SourcePolled, UrlSettled
from services.runtime.publish import Publisher

Result = ArticleFetched | UrlSettled | SourcePolled


class Outbox:
    """Collects results of many threads and publishes them in batches, from a thread of its own."""

    def __init__(self, publisher: Publisher, *, wait_s: float, limit: int, patience_s: float = 30.0) -> None:
        self._publisher = publisher
        self._wait_s = wait_s
        self._limit = max(1, limit)
        self._patience_s = patience_s
        self._pending: list[tuple[Result, Future[None]]] = []
        self._changed = threading.Condition()
        threading.Thread(target=self._run, name="outbox", daemon=True).start()

    def send(self, result: Result) -> Future[None]:
        """Take `result`; the future ends when it is on its queue, or with what publishing raised."""
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
        taken_at = time.monotonic()
        while True:
            with self._changed:
                while not self._pending:
                    self._changed.wait()
                self._gather(time.monotonic() + self._wait_s)
                if len(self._pending) >= self._limit / 2 * (time.monotonic() - taken_at) / max(
                    self._wait_s, 0.001
                ):
                    self._gather(time.monotonic() + self._wait_s)
                taken_at = time.monotonic()
                batch, self._pending = self._pending[: self._limit], self._pending[self._limit :]
            for group in _grouped(batch):
                self._publish(group)

    def _gather(self, deadline: float) -> None:
        while len(self._pending) < self._limit and (left := deadline - time.monotonic()) > 0:
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
    """By type; and a suspect travels alone, lest it take others down with it."""
    groups: dict[Any, list[tuple[Any, Future[None]]]] = {}
    for result, future in batch:
        alone = isinstance(result, ArticleFetched) and result.ticket.suspect
        groups.setdefault((type(result), result.ticket.submission_id if alone else None), []).append(
            (result, future)
        )
    return list(groups.values())
