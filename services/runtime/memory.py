"""How the C library hands out memory to a worker's threads."""

from __future__ import annotations

import ctypes
from contextlib import suppress

_M_ARENA_MAX = -8  # malloc.h of the GNU C library
_ARENAS = 2


def share_arenas() -> None:
    """Let all threads allocate from two arenas instead of one each (eight a core), before there are any threads.

    The interpreter lets one thread compute at a time, so they hardly wait for each other, and what one page's tree occupied is
    still in the processor's caches when the next page's takes its place. Where there is
    no GNU C library, nothing happens.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _ARENAS)
