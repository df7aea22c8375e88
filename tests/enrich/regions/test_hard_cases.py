"""Famous mistakes and their kin, in eleven languages: a table of sentences of our own, and what must be read
from each."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.enrich.regions.tagger import RegionTagger
from tests.taggers import shipped

LINES = [
    tuple(cell.strip() for cell in line.split("|"))
    for line in (Path(__file__).parent / "hard_cases.tsv").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.fixture(scope="module")
def tagger() -> RegionTagger:
    return shipped().regions


def test_the_table_is_large_enough_and_spans_eight_languages() -> None:
    assert len(LINES) >= 150
    assert len({language for language, _, _ in LINES}) >= 8


@pytest.mark.parametrize(("language", "text", "wanted"), LINES, ids=[f"{c[0]}-{c[1][:40]}" for c in LINES])
def test_a_hard_case_is_read_right(tagger: RegionTagger, language: str, text: str, wanted: str) -> None:
    places = tagger.tag("", text, language=language).places
    found = {p.text: p for p in places}
    assert all(text[p.start : p.end] == p.text for p in places)
    wanted_surfaces = {w.split("=")[0].strip() for w in wanted.split(";") if "=" in w}
    for want in wanted.split(";"):
        if want.strip().startswith("!"):
            surface = want.strip()[1:]
            at = text.index(surface)
            over = {p.text for p in places if p.start < at + len(surface) and at < p.end}
            assert over <= wanted_surfaces, f"{surface} is no place here, and {over} was found"
            continue
        surface, _, meaning = want.strip().partition("=")
        country, _, name = meaning.partition("/")
        assert surface in found, f"{surface} was not found among {sorted(found)}"
        place = found[surface]
        assert (place.country or "area") == country, f"{surface} became {place.name}, {place.country}"
        assert not name or place.name == name
