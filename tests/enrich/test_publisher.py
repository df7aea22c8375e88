"""What a publisher says of the subject: heard beside the text, seen in the provenance, in many languages."""

from __future__ import annotations

import pytest

from services.enrich.topics import publisher
from services.enrich.topics.publisher import PublisherLabels, Sections
from services.enrich.topics.tagger import TopicTagger
from services.enrich.topics.taxonomy import Taxonomy
from tests.taggers import shipped

SPORT, BUSINESS, POLITICS = "medtop:15000000", "medtop:04000000", "medtop:11000000"
MATCH = (
    "The striker scored twice in the second half as the home team won the final. The coach praised his "
    "players after the match, "
    "and thousands of fans celebrated in the stadium."
)
UNDECIDED = "The group said on Monday that it had named a new head, who will take over in the spring after a long search."  # noqa: E501


@pytest.fixture(scope="module")
def tagger() -> TopicTagger:
    return shipped().topics


@pytest.mark.parametrize(
    ("said", "topic", "kinds"),
    [
        (PublisherLabels(section="Sport"), SPORT, {"section"}),
        (PublisherLabels(section="News > Sport > Football"), SPORT, {"section"}),
        (PublisherLabels(section="Wirtschaft"), BUSINESS, {"section"}),
        (PublisherLabels(section="политика"), POLITICS, {"section"}),
        (PublisherLabels(section="体育"), SPORT, {"section"}),
        (PublisherLabels(section="سياسة"), POLITICS, {"section"}),
        (PublisherLabels(url="https://example.org/2026/03/us-politics/the-vote"), POLITICS, {"path"}),
        (PublisherLabels(url="https://sport.example.org/a/1"), SPORT, {"path"}),
        (PublisherLabels(keywords=["Football", "Berlin"]), SPORT, {"keywords"}),
        (
            PublisherLabels(section="Sports", url="https://example.org/sports/x", keywords=["tennis"]),
            SPORT,
            {"section", "path", "keywords"},
        ),
    ],
)
def test_a_publishers_words_name_a_topic(said: PublisherLabels, topic: str, kinds: set[str]) -> None:
    assert {code: set(found) for code, found in Sections().read(said).items()} == {topic: kinds}


@pytest.mark.parametrize(
    "said",
    [
        PublisherLabels(),
        PublisherLabels(section="World"),
        PublisherLabels(
            section="", url="https://example.org/news/2026/sport"
        ),  # the article's own name is no folder
        PublisherLabels(url="https://www.example.org/"),
        PublisherLabels(url="https://sports.example/x/1"),  # the site's name is no section of it
        PublisherLabels(keywords=["Berlin", "Reuters"]),
    ],
)
def test_words_that_say_nothing_of_the_subject_name_none(said: PublisherLabels) -> None:
    assert Sections().read(said) == {}


def test_every_code_of_the_table_is_in_use_and_every_word_stands_once() -> None:
    taxonomy = Taxonomy()
    rows = [
        line.split("\t")
        for line in publisher._TABLE.read_text("utf-8").splitlines()
        if not line.startswith("#")
    ]
    all_words = [word for _, *words in rows for word in words]
    assert all(taxonomy.path(row[0]) == [row[0]] for row in rows)
    assert len(rows) == 17
    assert len(all_words) == len(set(all_words))
    assert all(word == publisher._folded(word) for word in all_words)


def test_section_and_text_are_both_seen_where_they_agree(tagger: TopicTagger) -> None:
    (plain, *_), (both, *_) = (
        tagger.tag("", MATCH, "en"),
        tagger.tag("", MATCH, "en", PublisherLabels(section="Sport")),
    )
    assert plain.code == both.code == SPORT
    assert plain.provenance == ["text"]
    assert both.provenance == ["text", "section"]
    assert both.score >= plain.score
    assert all(MATCH[q.start : q.end] == q.text for q in both.evidence)


def test_a_sure_text_is_not_talked_over(tagger: TopicTagger) -> None:
    assert tagger.tag("", MATCH, "en", PublisherLabels(section="Business"))[0].code == SPORT


def test_an_undecided_text_follows_its_section(tagger: TopicTagger) -> None:
    found = tagger.tag("", UNDECIDED, "en", PublisherLabels(section="Business"))
    assert found[0].code == BUSINESS
    assert "section" in found[0].provenance
    assert [topic.code for topic in tagger.tag("", UNDECIDED, "en")][:1] != [BUSINESS]


def test_where_the_text_is_silent_the_section_speaks_and_says_so(tagger: TopicTagger) -> None:
    assert tagger.tag("", "Lorem ipsum dolor sit amet", "en") == []
    (tag,) = tagger.tag("", "Lorem ipsum dolor sit amet", "en", PublisherLabels(section="Sport"))
    assert (tag.code, tag.provenance, tag.evidence) == (SPORT, ["section"], [])
    assert tagger.tag("", "Lorem ipsum dolor sit amet", "en", PublisherLabels(keywords=["sport"])) == []
    assert tagger.tag("", "Lorem ipsum dolor sit amet", "en", PublisherLabels(section="World")) == []
