"""Level-1 topics by the cue words of a language, where there is no encoder for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.enrich.topics import lexicon
from services.enrich.topics.tagger import TopicTagger
from tests.taggers import shipped

_BRIEFS = Path(__file__).with_name("briefs.tsv").read_text(encoding="utf-8").splitlines()
NEWS = {language: rest for language, *rest in (line.split("\t") for line in _BRIEFS if line[0] != "#")}


@pytest.fixture(scope="module")
def tagger() -> TopicTagger:
    return shipped().topics


@pytest.mark.parametrize("language", NEWS)
def test_topic_of_a_brief_is_known_in_many_languages_and_quotes_its_words(
    tagger: TopicTagger, language: str
) -> None:
    topic, title, text = NEWS[language]
    found = tagger.tag(title, text, language)
    assert found[0].code == f"medtop:{topic}000000"
    assert found[0].evidence
    assert all(quote.text == text[quote.start : quote.end] for quote in found[0].evidence)


def test_language_without_a_lexicon_and_a_text_without_cues_stay_silent(tagger: TopicTagger) -> None:
    _, title, text = NEWS["hi"]
    assert tagger.tag(title, text, "mr") == []
    assert (
        tagger.tag("Tre menn på en benk", "De satt der hele dagen og så på båtene som gikk forbi.", "no")
        == []
    )


@pytest.mark.parametrize("name", sorted(lexicon.own()))
def test_lexicon_has_every_topic_and_no_cue_twice(name: str) -> None:
    topics = lexicon.lines(name)
    assert sorted(topics) == list(range(lexicon.TOPICS))
    for cues in topics.values():
        assert len(cues) >= 11


def test_cue_is_the_beginning_of_a_word_a_whole_word_or_part_of_one() -> None:
    words = lexicon.Lexicon("de", {14: ["!fußball", "tor."], 15: ["*krieg"], 10: ["wahl_kampf"]})
    text = "Fußballer im Tor; Torte; Angriffskriege; Wahl und Kampf, Wahlen Kampf."
    assert [(text[hit.start : hit.end], hit.cue.topic) for hit in words.hits(text)] == [
        ("Fußballer", 14), ("Tor", 14), ("Angriffskriege", 15), ("Wahlen Kampf", 10),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "cue", "text"),
    [
        ("ar", "شرطة", "قالت والشرطة"), ("he", "משטרה", "ושהמשטרה עצרה"), ("el", "φωτιά", "ΦΩΤΙΑ στην πόλη"),
        ("tr", "işçi", "İŞÇİLER grevde"), ("sr", "požar", "Пожари у Босни"), ("hi", "ज़मीन", "ज़मीन"),
    ],
)  # fmt: skip
def test_spellings_of_a_word_are_one(language: str, cue: str, text: str) -> None:
    assert list(lexicon.Lexicon(language, {0: [cue]}).hits(text))
