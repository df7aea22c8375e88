"""The compiled inner loops of a package, which are there where it was built with a C compiler at hand (setup.py)."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def compiled(package: str) -> Any:
    """The module `_compiled` of `package`; None where it was not built, and plain Python does the work."""
    try:
        return import_module(f"{package}._compiled")
    except ImportError:
        return None
