"""Memory that large pages leave behind is given back, but not after each page."""

from __future__ import annotations

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


def test_the_library_of_this_system_can_be_asked() -> None:
    HeapTrimmer().page_done(LARGE_BYTES)
