"""How a worker gets its memory and gives it back."""

from __future__ import annotations

import ctypes
import gc
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


def collect_rarely() -> None:
    """Look for cycles among objects less often, and not among those that are there now, before a pool forks.

    A message brings tens of thousands of small objects that all go with it, without a cycle among them: at Python's own
    threshold of 700 looking for some took 4% of enrich's time and a tenth of the store's.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
