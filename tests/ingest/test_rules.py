"""A user's rules for single sites: applied to that site's pages, refused with file and line where they are
wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.contract.errors import BadSettings
from services.ingest.extract import extract
from services.ingest.extract.rules import load_rules

PROSE = "A sentence of the story that is long enough to count as prose, whatever else is on the page. " * 3
PAGE = f"""<html><body><div class="one"><h2 class="real">The real headline</h2><p>{PROSE}</p><p class="pitch">Buy our {PROSE}</p></div>
<div class="two"><p>Other {PROSE}</p></div><span class="who">Ann Lee</span></body></html>"""  # noqa: E501


def _rules(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "rules.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_rule_keeps_drops_and_names_elements(tmp_path: Path) -> None:
    rules = load_rules(
        _rules(
            tmp_path,
            'example.org:\n  keep: ["div.one"]\n  drop: .pitch\n  title: h2.real\n  authors: span.who\n',
        )
    )
    found = extract(PAGE, "https://news.example.org/x", rules=rules)
    assert found.text == PROSE.strip()
    assert found.title == "The real headline"
    assert found.authors == ["Ann Lee"]


def test_other_sites_are_left_alone(tmp_path: Path) -> None:
    rules = load_rules(_rules(tmp_path, "example.org: {drop: [p]}\n"))
    assert "Other" in extract(PAGE, "https://example.net/x", rules=rules).text
    assert extract(PAGE, "https://example.org/x", rules=rules).reason is not None


def test_an_empty_file_has_no_rules(tmp_path: Path) -> None:
    assert load_rules(_rules(tmp_path, "# nothing yet\n")).of("example.org") is None


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: [", 1, "not YAML"),
        ("- a\n- b\n", 1, "must map hosts to rules"),
        ("example.org: keep\n", 1, "must have some of keep, drop, title, authors"),
        ("example.org:\n  drop: [p]\n  kepp: [div]\n", 3, "'kepp' is no part of a rule"),
        ("example.org:\n  drop: 7\n", 2, "'7' is not a CSS selector"),
        ("a.org: {drop: [p]}\nexample.org:\n  drop: ['div[[']\n", 3, "is not a CSS selector"),
    ],
)
def test_a_bad_rule_names_its_file_and_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    path = _rules(tmp_path, text)
    with pytest.raises(BadSettings) as caught:
        load_rules(path)
    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    if said != "not YAML":
        assert f"line {line}:" in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"missing\.yaml"):
        load_rules(tmp_path / "missing.yaml")
