"""Damaged and hostile pages: a result or a reason, soon, and never a crash. A seeded share of `bench/extraction/mutate.py`."""

from __future__ import annotations

import time

import pytest

from bench.extraction.mutate import MUTATIONS, pages
from services.ingest.extract import extract


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_mutated_pages_end_with_a_result_or_a_reason(mutation: str) -> None:
    for page in pages(seed=7, count=25, only=mutation):
        started = time.monotonic()
        found = extract(page, "https://example.org/x")
        assert (found.reason is None) == bool(found.text)
        # The bound of the extractor itself is two seconds; ten leave room for a busy machine and still tell a hang.
        assert time.monotonic() - started < 10
