"""The property that cost grows in proportion to input, measured as one thread's CPU time.

Twice the input is compared with half of it, never with a clock on the wall. A measure is taken again where
it fails, since a machine that does other things too disturbs it.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import pytest

MOST_RATIO, FLOOR_S, TRIES = 2.6, 0.15, 4


def cpu_s(work: Callable[[], object]) -> float:
    """CPU seconds of this thread in `work()`, without the garbage collector: its passes depend on all else
    that the process holds."""
    gc.disable()
    try:
        begun = time.thread_time()
        work()
        return time.thread_time() - begun
    finally:
        gc.enable()


def assert_in_proportion(work: Callable[[int], Callable[[], object]], size: int, what: str = "") -> None:
    """Fails where `work(size)` costs over FLOOR_S and over MOST_RATIO times as much as `work(size // 2)`."""
    half, whole = work(size // 2), work(size)
    least_half = least_whole = float("inf")
    for _ in range(TRIES):
        least_whole = min(least_whole, cpu_s(whole))
        if least_whole <= FLOOR_S:
            return
        least_half = min(least_half, cpu_s(half))
        if least_whole <= MOST_RATIO * max(least_half, FLOOR_S / MOST_RATIO):
            return
    pytest.fail(f"{what} {size:,} cost {least_whole:.2f} s and half of it {least_half:.2f} s".strip())
