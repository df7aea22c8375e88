"""Deeper concepts by several kinds of cue, in ten languages, below a level-1 topic that stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.enrich.topics import concepts
from services.enrich.topics.concepts import Concepts
from services.enrich.topics.english import Reading
from services.enrich.topics.function_words import FUNCTION_WORDS
from services.enrich.topics.tagger import TopicTagger
from services.enrich.topics.taxonomy import Taxonomy

_ROWS = Path(__file__).with_name("quakes.tsv").read_text(encoding="utf-8").splitlines()
QUAKES = {language: rest for language, *rest in (line.split("\t") for line in _ROWS if line[0] != "#")}
EARTHQUAKE, WAR = "medtop:20000153", "medtop:20000062"


@pytest.fixture(scope="module")
def tagger() -> TopicTagger:
    return TopicTagger()


@pytest.mark.parametrize("language", concepts.LANGUAGES)
def test_an_earthquake_is_told_in_each_language_and_quotes_its_words(
    tagger: TopicTagger, language: str
) -> None:
    title, text = QUAKES[language]
    topics = {topic.code: topic for topic in tagger.tag(title, text, language)}
    assert EARTHQUAKE in topics
    evidence = topics[EARTHQUAKE].evidence
    assert evidence
    assert all(quote.text == text[quote.start : quote.end] for quote in evidence)


def test_every_concept_is_in_the_taxonomy_below_level_one_and_has_cues_in_each_language() -> None:
    taxonomy, known = Taxonomy(), Concepts()
    assert len(set(known.codes)) == len(known.codes)
    assert all(len(taxonomy.path(code)) > 1 for code in known.codes)
    lines = Path(concepts.__file__).with_name("concepts.tsv").read_text(encoding="utf-8").splitlines()
    for line in lines:
        if not line.startswith("#"):
            assert all(line.split("|")), line
            assert line.count("|") == len(concepts.LANGUAGES), line


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("A war of words", "The two chefs have argued for years."),
        ("Market rises", "The war went on far away. Shares rose, and banks gained most."),
    ],
)
def test_one_kind_of_cue_by_the_way_says_nothing(title: str, text: str) -> None:
    assert WAR not in Concepts().read(title, text, "en", Reading.of(title, text))


def test_function_words_are_no_evidence(tagger: TopicTagger) -> None:
    title = "Kettering breast cancer centre gets a facelift"
    text = (
        "A breast cancer centre has been given a facelift, the hospital said. He said that it was what the "
        "patients had asked for, and they said on Friday that they were pleased. The nurses, who have been "
        "there for years, said the same of the ward, and the doctors were said to be happy with it as well."
    )
    first = tagger.tag(title, text, "en")[0]
    assert first.code == "medtop:07000000"
    assert first.evidence
    assert not {word for quote in first.evidence for word in quote.text.lower().split()} & FUNCTION_WORDS
