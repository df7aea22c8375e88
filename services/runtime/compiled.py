"""The compiled inner loops of a package. They exist where a C compiler was available at build time
(setup.py)."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def compiled(package: str) -> Any:
    """The module `_compiled` of `package`, or None where it was not built and plain Python is used."""
    try:
        return import_module(f"{package}._compiled")
    except ImportError:
        return None
