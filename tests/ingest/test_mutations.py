"""Damaged and hostile pages: a result or a reason, and never a crash or a hang. A seeded share of
`bench/extraction/mutate.py`, which also measures the slowest page and peak memory."""

from __future__ import annotations

import pytest

from bench.extraction.mutate import MUTATIONS, pages
from services.ingest.extract import extract
from tests.thinning import examples


@pytest.mark.timeout(180)  # tells a hang; how long a page takes is measured by the benchmark
@pytest.mark.parametrize("mutation", MUTATIONS)
def test_mutated_pages_end_with_a_result_or_a_reason(mutation: str) -> None:
    for page in pages(seed=7, count=examples(24), only=mutation):
        found = extract(page, "https://example.org/x")
        assert (found.reason is None) == bool(found.text)
