"""Enforces a total deadline for a request by shutting down its connection.

A socket timeout restarts with every byte, so a server that drips its header or its TLS handshake would hold a
thread for ever. One thread watches all requests of the process.
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
    """A duplicate of a connection's socket, through which another thread can shut it down at any time.

    It is reference-counted, by the connection while it is open and by each request until its response has
    been read: a closed descriptor's number may by then belong to another file.
    """

    __slots__ = ("_holders", "_lock", "_own")

    def __init__(self, connection: socket.socket) -> None:
        self._lock = threading.Lock()
        self._own = socket.socket(fileno=os.dup(connection.fileno()))
        self._holders = 1

    def hold(self) -> None:
        """Adds a reference."""
        with self._lock:
            self._holders += 1

    def release(self) -> None:
        """Drops a reference; the last one closes the duplicate."""
        with self._lock:
            self._holders -= 1
            if self._holders == 0:
                self._own.close()

    def shut(self) -> None:
        """Shuts the connection down in both directions. Idempotent."""
        with self._lock, suppress(OSError):
            self._own.shutdown(socket.SHUT_RDWR)


class WatchedRequest:
    """A request with a deadline, the connection that it uses now, and whether it expired."""

    __slots__ = ("_handle", "_lock", "deadline", "expired", "over")

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self._lock = threading.Lock()
        self._handle: ShutdownHandle | None = None
        self.expired = False
        self.over = False

    def attach(self, handle: ShutdownHandle) -> None:
        """Makes `handle` the request's connection, after a redirect for example. Shuts it at once if the
        request has expired."""
        with self._lock:
            if handle is not self._handle:
                handle.hold()
                self._drop()
                self._handle = handle
            if self.expired:
                handle.shut()

    def expire(self) -> None:
        """Shuts the connection down, unless the request has ended."""
        with self._lock:
            if not self.over:
                self.expired = True
                if self._handle is not None:
                    self._handle.shut()

    def end(self) -> None:
        """Ends the request and drops its reference."""
        with self._lock:
            self.over = True
            self._drop()

    def _drop(self) -> None:
        if self._handle is not None:
            self._handle.release()
            self._handle = None


_current = threading.local()


def attach_current(handle: ShutdownHandle | None) -> None:
    """Attaches a connection to this thread's request, if one is watched."""
    watched: WatchedRequest | None = getattr(_current, "watched", None)
    if watched is not None and handle is not None:
        watched.attach(handle)


def remaining_s() -> float:
    """Seconds left for this thread's request; infinite if none is watched. Limits steps that have no
    connection yet, such as name lookups."""
    watched: WatchedRequest | None = getattr(_current, "watched", None)
    return math.inf if watched is None else max(0.0, watched.deadline - time.monotonic())


class Deadlines:
    """Watches requests from one background thread."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, WatchedRequest]] = []
        self._changed = threading.Condition()
        self._numbers = count()
        self._thread: threading.Thread | None = None

    @contextmanager
    def until(self, deadline: float) -> Iterator[WatchedRequest]:
        """Runs this thread's network operations under `deadline` (monotonic seconds)."""
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
