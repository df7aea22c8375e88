"""How many examples a property is tried on: a quarter with `make test`, all with `make test-all`."""

from __future__ import annotations

import pytest
from hypothesis import settings

_few = False


def pytest_configure(config: pytest.Config) -> None:
    """Called by pytest before any test is read. No example has a deadline: it would measure the machine."""
    global _few  # noqa: PLW0603
    _few = "not long" in (config.option.markexpr or "")
    settings.register_profile("tests", parent=settings(), deadline=None, max_examples=examples(100))
    settings.load_profile("tests")


def examples(most: int) -> int:
    """`most`, or a quarter of it where the run leaves out what is marked `long`."""
    return most // 4 if _few else most


def step(few: int) -> int:
    """1, or `few` where the run leaves out what is marked `long`: from one case of a list to the next."""
    return few if _few else 1
