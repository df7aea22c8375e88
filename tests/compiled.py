"""The compiled inner loops and, for comparison, the plain ones."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from services.enrich import words
from services.enrich.regions import detection, reading, resolution, spans, trees
from services.enrich.topics import english, pieces, tagger
from services.ingest.extract import body, charset, text, walk


def need_compiled() -> None:
    """Skip, or fail where they must be there."""
    if not (words.COMPILED and walk.COMPILED):
        why = "the inner loops are not compiled here: no C compiler, or no Python.h"
        pytest.fail(why) if os.environ.get("REQUIRE_TOOLS") else pytest.skip(why)


@contextmanager
def plainly() -> Iterator[None]:
    """Within, taggers are built and used, and pages extracted, in plain Python."""
    plain: list[tuple[Any, str, Any]] = [
        *(
            (module, "_compiled", None)
            for module in (words, english, pieces, tagger, resolution, trees, body, charset, text, walk)
        ),
        (reading, "Detector", detection.Detector),
        *((reading, name, getattr(spans, name)) for name in ("Tokens", "find_spans", "find_landmarks")),
    ]
    with pytest.MonkeyPatch.context() as patch:
        for module, name, value in plain:
            patch.setattr(module, name, value)
        yield
