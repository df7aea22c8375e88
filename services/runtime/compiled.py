"""Compiled modules: built where a C compiler was available (setup.py), each with plain Python that does the
same."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any


def compiled(package: str, name: str = "_compiled") -> Any:
    """That module of `package`, or None where it was not built and plain Python is used."""
    try:
        return import_module(f"{package}.{name}")
    except ImportError:
        return None


def fitting(*names: str) -> ModuleType:
    """The last of these modules, which belong together: compiled where they fit what is installed, else all
    in plain Python.

    Modules that are compiled against another package's insides know one version of it, and refuse to load
    with any other.
    """
    try:
        return [import_module(name) for name in names][-1]
    except Exception:  # noqa: BLE001  whatever a compiled form says that does not fit, the plain form is asked
        for name in names:
            sys.modules.pop(name, None)
        sys.meta_path.insert(0, Plain(names))
        return [import_module(name) for name in names][-1]


class Plain(MetaPathFinder):
    """Finds the sources of modules whose compiled form is to be passed over."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = frozenset(names)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in self._names:
            return None
        name = fullname.rpartition(".")[2]
        sources = [Path(folder) / f"{name}.py" for folder in path or ()]
        return next((self.source(fullname, source) for source in sources if source.exists()), None)

    @staticmethod
    def source(name: str, file: Path) -> ModuleSpec | None:
        """What is found where a module is its source."""
        return spec_from_file_location(name, file)
