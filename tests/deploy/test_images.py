"""What each image holds, without an engine: its service starts from the folders that the Dockerfile copies
into it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import repository

ROOT = repository()
_STAGES = re.compile(r"^FROM (\S+) AS (\w+)$(.*?)(?=^FROM |\Z)", re.MULTILINE | re.DOTALL)
STAGES = {name: (parent, body) for parent, name, body in _STAGES.findall((ROOT / "Dockerfile").read_text())}


def folders(stage: str) -> list[str]:
    """The parts of `services` that an image is given, its parents' among them."""
    parent, body = STAGES[stage]
    own = re.findall(r"^COPY (services\S*) \1$", body, re.MULTILINE)
    return (folders(parent) if parent in STAGES else []) + own


def image(stage: str, root: Path) -> Path:
    """A folder with what an image has below /app."""
    for name in folders(stage):
        source, target = ROOT / name, root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    return root


def run(root: Path, *arguments: str) -> None:
    environ = os.environ | {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=root, env=environ, capture_output=True, text=True, timeout=120,
        check=False
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize(
    ("stage", "modules"),
    [
        ("ingest", "services.ingest.app"),
        ("enrich", "services.enrich.app"),
        ("store", "services.store.app, services.scheduler.app, services.runtime.heartbeat"),
        ("store", "services.cli.status, services.cli.search, services.cli.dead, services.cli.retention"),
        ("stories", "services.stories.app"),
        ("desk", "services.desk.app"),
        ("flower", "services.runtime.flower"),
    ],
)
def test_an_image_holds_all_that_its_service_imports(stage: str, modules: str, tmp_path: Path) -> None:
    root = image(stage, tmp_path)
    run(root, "-c", f"import services, {modules}; assert services.__file__.startswith({str(root)!r})")


@pytest.mark.parametrize("stage", ["store", "desk"])
def test_the_command_line_shows_all_its_commands_in_images_of_a_service(stage: str, tmp_path: Path) -> None:
    run(image(stage, tmp_path), "-m", "services.cli", "--help")


def test_only_the_command_lines_image_holds_what_a_laptop_needs() -> None:
    holding = {s for s in STAGES if any(f in ("services", "services/local") for f in folders(s))}
    assert holding == {"cli"}
