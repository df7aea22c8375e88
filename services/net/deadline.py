"""A deadline for a whole request, whatever it is waiting for: when it passes, the connection is shut.

Socket time-outs start afresh with every byte, so a server that drips its headers, or its TLS handshake,
would hold a thread for ever. One thread watches all requests of the process.
"""

from __future__ import annotations

import heapq
import math
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count


class ShutdownHandle:
    """A second descriptor of a connection, by which another thread can shut it at any time.

    The number of the connection's own descriptor may belong to somebody else by then. Whoever holds the line keeps it open:
    the connection for as long as it is open, and each request until its answer has been read.
    """

    __slots__ = ("_holders", "_lock", "_own")

    def __init__(self, connection: socket.socket) -> None:
        self._lock = threading.Lock()
        self._own = socket.socket(fileno=os.dup(connection.fileno()))
        self._holders = 1

    def hold(self) -> None:
        """One more holder."""
        with self._lock:
            self._holders += 1

    def release(self) -> None:
        """One holder less; the last one closes the handle."""
        with self._lock:
            self._holders -= 1
            if self._holders == 0:
                self._own.close()

    def shut(self) -> None:
        """End what is under way on the connection, in both directions."""
        with self._lock, suppress(OSError):
            self._own.shutdown(socket.SHUT_RDWR)


class WatchedRequest:
    """One request: the connection that it uses now, and whether its time was up."""

    __slots__ = ("_handle", "_lock", "deadline", "expired", "over")

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self._lock = threading.Lock()
        self._handle: ShutdownHandle | None = None
        self.expired = False
        self.over = False

    def attach(self, handle: ShutdownHandle) -> None:
        """The request goes over `line` from now on."""
        with self._lock:
            if handle is not self._handle:
                handle.hold()
                self._drop()
                self._handle = handle
            if self.expired:
                handle.shut()

    def expire(self) -> None:
        """Shut the connection, wherever the request stands."""
        with self._lock:
            if not self.over:
                self.expired = True
                if self._handle is not None:
                    self._handle.shut()

    def end(self) -> None:
        """The request is over."""
        with self._lock:
            self.over = True
            self._drop()

    def _drop(self) -> None:
        if self._handle is not None:
            self._handle.release()
            self._handle = None


_current = threading.local()


def attach_current(handle: ShutdownHandle | None) -> None:
    """Tell the request of this thread, if it is watched, over which connection it goes."""
    watched: WatchedRequest | None = getattr(_current, "watched", None)
    if watched is not None and handle is not None:
        watched.attach(handle)


def remaining_s() -> float:
    """How long the request of this thread has still, for what no connection is needed for; without end where none is watched."""
    watched: WatchedRequest | None = getattr(_current, "watched", None)
    return math.inf if watched is None else max(0.0, watched.deadline - time.monotonic())


class Deadlines:
    """Watches requests from a thread of its own."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, WatchedRequest]] = []
        self._changed = threading.Condition()
        self._numbers = count()
        self._thread: threading.Thread | None = None

    @contextmanager
    def until(self, deadline: float) -> Iterator[WatchedRequest]:
        """Everything that this thread does over the network meanwhile ends at `deadline` (monotonic seconds)."""
        watched = WatchedRequest(deadline)
        with self._changed:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
            heapq.heappush(self._heap, (deadline, next(self._numbers), watched))
            if self._heap[0][2] is watched:
                self._changed.notify()
        _current.watched = watched
        try:
            yield watched
        finally:
            _current.watched = None
            watched.end()

    def _run(self) -> None:
        while True:
            due: list[WatchedRequest] = []
            with self._changed:
                now = time.monotonic()
                while self._heap and (self._heap[0][2].over or self._heap[0][0] <= now):
                    due.append(heapq.heappop(self._heap)[2])
                if not due:
                    self._changed.wait(max(0.0, self._heap[0][0] - now) if self._heap else None)
            for watched in due:
                watched.expire()
