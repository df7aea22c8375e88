"""What a release promises of its own files: one version everywhere, a changelog that names it, no
dead link."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from services import __version__
from tests.conftest import repository

ROOT = repository()
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "training").rglob("*.md")])
_LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)#\s]+)")


def test_the_images_and_the_package_have_one_version() -> None:
    assert f"ARG VERSION={__version__}\n" in (ROOT / "Dockerfile").read_text()


def test_the_changelog_has_a_section_for_this_version_below_the_unreleased_one() -> None:
    sections = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert sections[0] == "Unreleased"
    assert __version__ in sections


def test_each_decision_stands_in_the_list_of_decisions() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = re.findall(r"\]\((\d{4}-[a-z-]+\.md)\)", (folder / "README.md").read_text())
    assert listed == sorted(path.name for path in folder.glob("[0-9]*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    missing = [to for to in _LINK.findall(page.read_text()) if not (page.parent / to).exists()]
    assert missing == []
