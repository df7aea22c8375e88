"""A deadline for a whole request, whatever it is waiting for: when it passes, the connection is shut.

Socket time-outs start afresh with every byte, so a server that drips its headers, or its TLS handshake,
would hold a thread for ever. One thread watches all requests of the process.
"""

from __future__ import annotations

import heapq
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count


class Watched:
    """One request: the connection that it uses now, and whether its time was up."""

    __slots__ = ("_lock", "_socket", "expired", "over")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self.expired = False
        self.over = False

    def uses(self, connection: socket.socket | None) -> None:
        """The request goes over `connection` from now on."""
        if connection is None:
            return
        # A file descriptor of our own: the number of the original may belong to somebody else when time is up.
        own = socket.socket(fileno=os.dup(connection.fileno()))
        with self._lock:
            self._drop()
            self._socket = own
            if self.expired:
                self._shut()

    def expire(self) -> None:
        """Shut the connection, wherever the request stands."""
        with self._lock:
            if not self.over:
                self.expired = True
                self._shut()

    def end(self) -> None:
        """The request is over."""
        with self._lock:
            self.over = True
            self._drop()

    def _shut(self) -> None:
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _drop(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


_current = threading.local()


def using(connection: socket.socket | None) -> None:
    """Tell the request of this thread, if it is watched, over which connection it goes."""
    watched: Watched | None = getattr(_current, "watched", None)
    if watched is not None:
        watched.uses(connection)


class Deadlines:
    """Watches requests from a thread of its own."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Watched]] = []
        self._changed = threading.Condition()
        self._numbers = count()
        self._thread: threading.Thread | None = None

    @contextmanager
    def until(self, deadline: float) -> Iterator[Watched]:
        """Everything that this thread does over the network meanwhile ends at `deadline` (monotonic seconds)."""
        watched = Watched()
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
            due: list[Watched] = []
            with self._changed:
                now = time.monotonic()
                while self._heap and (self._heap[0][2].over or self._heap[0][0] <= now):
                    due.append(heapq.heappop(self._heap)[2])
                if not due:
                    self._changed.wait(max(0.0, self._heap[0][0] - now) if self._heap else None)
            for watched in due:
                watched.expire()
