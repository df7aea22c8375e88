"""Memory that large pages leave behind is given back, but not after each page."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

from services.ingest.heap import LARGE_BYTES, HeapTrimmer


class _Heap:
    def __init__(self) -> None:
        self.now, self.trims = 100.0, 0
        self.trimmer = HeapTrimmer(self.trim, lambda: self.now)

    def trim(self, _: int) -> int:
        self.trims += 1
        return 1


def test_small_pages_trim_nothing() -> None:
    heap = _Heap()
    for _ in range(100):
        heap.trimmer.page_done(LARGE_BYTES - 1)
        heap.now += 60
    assert heap.trims == 0


def test_a_large_page_trims_once_in_ten_seconds_and_what_was_missed_comes_with_a_later_page() -> None:
    heap = _Heap()
    for _ in range(5):
        heap.trimmer.page_done(LARGE_BYTES)
    assert heap.trims == 1
    heap.now += 11
    heap.trimmer.page_done(10)
    assert heap.trims == 2
    heap.now += 11
    heap.trimmer.page_done(10)
    assert heap.trims == 2


_TRIMMED = """
import os
from pathlib import Path
from services.ingest.heap import LARGE_BYTES, HeapTrimmer

def resident_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20

pieces = [bytes(1000) for _ in range(150_000)]
last = pieces.pop()  # lies above the others, and keeps the heap from shrinking
del pieces
before = resident_mb()
HeapTrimmer().page_done(LARGE_BYTES)
print(before - resident_mb())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library has ways of its own")
def test_what_is_free_below_what_is_in_use_goes_back_to_the_system() -> None:
    """In a process of its own, whose heap nothing else has used."""
    done = subprocess.run([sys.executable, "-c", _TRIMMED], capture_output=True, text=True, check=True)
    assert float(done.stdout) > 50
