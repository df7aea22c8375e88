"""What the page on security names is there."""

from __future__ import annotations

import re

import pytest

from services.net import guarded_http
from tests.conftest import repository

PAGE = (repository() / "docs" / "security.md").read_text()


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:tests|services|deploy)/[\w./-]+)`", PAGE))))
def test_every_file_that_it_names_is_there(path: str) -> None:
    assert (repository() / path).exists()


@pytest.mark.parametrize("link", sorted(set(re.findall(r"\]\(([\w./-]+)\)", PAGE))))
def test_every_link_leads_somewhere(link: str) -> None:
    assert (repository() / "docs" / link).is_file()


def test_every_setting_that_it_names_is_one() -> None:
    known = "".join(p.read_text() for p in (repository() / "services").rglob("*.py"))
    known += (repository() / ".env.example").read_text()
    for name in re.findall(r"`((?:DATELINE|POSTGRES|REDIS|FLOWER|GRAFANA)_[A-Z_]+)", PAGE):
        assert name in known, name


def test_every_target_of_make_that_it_names_is_one() -> None:
    makefile = (repository() / "Makefile").read_text()
    for target in re.findall(r"`make ([a-z-]+)`", PAGE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_it_names_what_is_asked_for_at_the_start() -> None:
    for url in guarded_http._PROBES:
        assert re.split(r"//\[?|\]?/$", url)[1] in PAGE, url
