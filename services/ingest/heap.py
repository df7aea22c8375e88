"""Memory that large pages leave behind, given back to the system.

The GNU C library keeps what is freed below what is still in use, and a page of many elements leaves
hundreds of megabytes so. With another library nothing is done.
"""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Callable

LARGE_BYTES = 256 * 1024
"""A page from which memory may be left behind."""
_PAUSE_S = 10.0


def _library_trim() -> Callable[[int], int] | None:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):  # another C library
        return None


class HeapTrimmer:
    """Trims the heap after large pages, at most once in `pause_s` seconds. Thread-safe."""

    def __init__(
        self,
        trim: Callable[[int], int] | None = None,
        clock: Callable[[], float] = time.monotonic,
        pause_s: float = _PAUSE_S,
    ) -> None:
        self._trim, self._clock, self._pause_s = trim or _library_trim(), clock, pause_s
        self._due = False
        self._next = 0.0
        self._lock = threading.Lock()

    def page_done(self, size: int) -> None:
        """Called after each page, with its size in bytes."""
        if size >= LARGE_BYTES:
            self._due = True
        if not self._due or self._trim is None or self._clock() < self._next:
            return
        if self._lock.acquire(blocking=False):
            try:
                self._due, self._next = False, self._clock() + self._pause_s
                self._trim(0)
            finally:
                self._lock.release()
