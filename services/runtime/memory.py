"""How a worker gives its memory back."""

from __future__ import annotations

import gc


def collect_rarely() -> None:
    """Look for cycles among objects less often, and not among those that are there now, before a pool forks.

    A message brings tens of thousands of small objects that all go with it, without a cycle among them: at Python's own
    threshold of 700 looking for some took 4% of enrich's time and a tenth of the store's.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
