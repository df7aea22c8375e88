"""Names of an article: offsets quote its text, full forms may stand in the headline, titles stand apart."""

from __future__ import annotations

import pytest

from services.enrich.handler import Story, _of_names
from services.enrich.names.tagger import NameRequest, NameTagger
from tests.taggers import shipped


@pytest.fixture(scope="module")
def tagger() -> NameTagger:
    return shipped().names


TEXT = (
    "BERLIN (Reuters) - German Chancellor Angela Merkel met U.S. President Barack Obama on Friday. "
    "“We agreed on all of it,” Merkel said.\n\nWang Yi, China’s foreign minister, did not come. "
    "Former prime minister David Cameron told the World Health Organization (WHO) that he would. "
    "The WHO was pleased."
)


def test_offsets_quote_the_text(tagger: NameTagger) -> None:
    found = tagger.tag(NameRequest("Merkel and Obama agree", TEXT, "en"))
    assert all(TEXT[n.start : n.end] == n.text for n in found.names)
    assert all(TEXT[q.start : q.end] == q.text for q in found.quotes)
    assert all(0 < n.score <= 1 for n in found.names)
    (quote,) = found.quotes
    assert (quote.speaker, quote.key, quote.cue) == ("Angela Merkel", "angela merkel", "said")
    assert TEXT[quote.cue_start : quote.cue_end] == "said"


def test_titles_stand_apart(tagger: NameTagger) -> None:
    found = tagger.tag(NameRequest("", TEXT, "en"))
    roles = {n.key: n.role for n in found.names if n.label == "PER" and n.role}
    assert roles == {
        "angela merkel": "chancellor",
        "barack obama": "president",
        "wang yi": "foreign minister",
        "david cameron": "former prime minister",
    }


def test_an_abbreviation_is_the_organisation_that_it_stands_for(tagger: NameTagger) -> None:
    keys = {n.text: n.key for n in tagger.tag(NameRequest("", TEXT, "en")).names if n.label == "ORG"}
    assert keys["WHO"] == keys["World Health Organization"] == "world health organization"


def test_a_full_form_in_the_headline_counts(tagger: NameTagger) -> None:
    found = tagger.tag(NameRequest("Angela Merkel wins", "On Friday, Merkel said she was pleased.", "en"))
    assert [(n.text, n.start, n.name) for n in found.names if n.label == "PER"] == [
        ("Merkel", 11, "Angela Merkel")
    ]


def test_texts_too_short_for_a_language_are_read_in_the_likeliest() -> None:
    assert _of_names(Story("", "Das sagte Angela Merkel heute."), None).language == "de"
    assert _of_names(Story("", "x"), "fr").language == "fr"


def test_other_languages_are_silent(tagger: NameTagger) -> None:
    found = tagger.tag(NameRequest("", "« Nous gagnons », a dit Emmanuel Macron.", "fr"))
    assert (found.names, found.quotes) == ([], [])


def test_a_table_of_names_is_bounded(tagger: NameTagger) -> None:
    assert len(tagger.tag(NameRequest("", "Angela Merkel\n" * 5_000, "en")).names) <= 2_000
