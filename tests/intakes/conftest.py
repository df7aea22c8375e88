"""A site of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

pytest.register_assert_rewrite("tests.intakes.local_site")

from tests.intakes.local_site import Site  # noqa: E402


@pytest.fixture
def site() -> Iterator[Site]:
    """A server on 127.0.0.1, with no page yet."""
    with Site() as running:
        yield running
