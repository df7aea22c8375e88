"""Tests are not run on compiled modules whose source was changed."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

from tests.compiled import changed_since


def test_a_source_that_was_changed_since_it_was_compiled_is_named(tmp_path: Path) -> None:
    package = tmp_path / "services/reading"
    package.mkdir(parents=True)
    names = ["walk.py", "walk.pxd", "nodes.py", "nodes.pyx", "plain.py"]
    for name in names:
        (package / name).write_text(f"# {name}")
    assert changed_since(tmp_path) == [], "nothing is compiled"
    for module in ("walk", "nodes"):
        (package / f"{module}.cpython-311-x86_64-linux-gnu.so").touch()
    compiled = ["services/reading/walk.py", "services/reading/walk.pxd", "services/reading/nodes.pyx"]
    assert sorted(changed_since(tmp_path)) == sorted(compiled), "nobody noted what they were compiled from"
    (tmp_path / "build").mkdir()
    hashes = {name: sha256((tmp_path / name).read_bytes()).hexdigest() for name in compiled}
    (tmp_path / "build/compiled.json").write_text(json.dumps(hashes))
    assert changed_since(tmp_path) == []
    (package / "walk.pxd").write_text("# other types")
    (package / "nodes.py").write_text("# the plain form, which is not compiled")
    assert changed_since(tmp_path) == ["services/reading/walk.pxd"]
