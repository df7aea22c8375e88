"""The compiled modules and, for comparison, second copies of the same in plain Python."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from services.enrich import words
from services.ingest.extract import walk
from services.runtime.compiled import Plain


def need_compiled() -> None:
    """Skip, or fail where they must be there."""
    if not (words.COMPILED and walk.COMPILED):
        why = "the inner loops are not compiled here: no C compiler, or no Python.h"
        pytest.fail(why) if os.environ.get("REQUIRE_TOOLS") else pytest.skip(why)


def changed_since(root: Path) -> list[str]:
    """Sources of compiled modules that are no longer what was compiled: their change is hidden by the
    compiled form."""
    noted = root / "build/compiled.json"
    hashes: dict[str, str] = json.loads(noted.read_text()) if noted.exists() else {}
    modules = {built.with_name(built.name.partition(".")[0]) for built in (root / "services").rglob("*.so")}
    sources = [module.with_suffix(kind) for module in sorted(modules) for kind in (".py", ".pyx", ".pxd")]
    return [
        name
        for source in sources
        if source.exists() and not (source.suffix == ".py" and source.with_suffix(".pyx").exists())
        if hashes.get(name := source.relative_to(root).as_posix()) != sha256(source.read_bytes()).hexdigest()
    ]


@cache
def plain(package: str) -> dict[str, ModuleType]:
    """A second copy of a package, by its modules' names, of which nothing is compiled."""
    parent, _, last = package.rpartition(".")
    first = import_module(package)
    held = {name: sys.modules.pop(name) for name in list(sys.modules) if f"{name}.".startswith(f"{package}.")}
    finder = _Plain(f"{package}.")
    sys.meta_path.insert(0, finder)
    try:
        import_module(package)
        for name in _modules(first):
            import_module(name)
        copies = {name: m for name, m in sys.modules.items() if f"{name}.".startswith(f"{package}.")}
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if f"{name}.".startswith(f"{package}.")]:
            del sys.modules[name]
        sys.modules.update(held)
        setattr(sys.modules[parent], last, first)
    compiled = [name for name, m in copies.items() if not str(m.__file__).endswith(".py")]
    assert not compiled, f"these are no plain copies: {compiled}"
    return copies


def _modules(package: ModuleType) -> Iterator[str]:
    folder = Path(str(package.__file__)).parent
    for source in sorted(folder.rglob("*.py")):
        if source.stem not in ("__init__", "__main__", "app", "tasks"):
            yield ".".join((package.__name__, *source.relative_to(folder).with_suffix("").parts))


class _Plain(Plain):
    """Finds the sources of all modules below a package, and nothing of them that is only compiled."""

    def __init__(self, below: str) -> None:
        super().__init__(())
        self._below = below

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None):  # type: ignore[no-untyped-def]
        if not f"{fullname}.".startswith(self._below):
            return None
        name = fullname.rpartition(".")[2]
        for folder in path or ():
            if (Path(folder) / name / "__init__.py").exists():
                return None  # a package is found as ever
            if (Path(folder) / f"{name}.py").exists():
                return self.source(fullname, Path(folder) / f"{name}.py")
        raise ModuleNotFoundError(f"{fullname} has no plain form")
