"""Topics, regions and language: evidence that quotes the text, silence where nothing is said, known mistakes
avoided."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bench.pipeline.prose import article
from services.contract.messages import Quote, Tags
from services.demo.pages import stories, teasers
from services.enrich.handler import Taggers
from services.enrich.language import identify
from services.enrich.regions.countries import find_country
from services.enrich.topics.publisher import PublisherLabels
from services.enrich.topics.taxonomy import Taxonomy
from tests.taggers import shipped
from tests.thinning import examples

EXPECTED = {
    "/world/lisbon-dockers-end-strike": ("PT", {"medtop:04000000", "medtop:09000000"}),
    "/science/maize-that-waits-for-rain": ("KE", {"medtop:13000000", "medtop:04000000"}),
    "/panorama/hochwasser-passau-donau": ("DE", {"medtop:03000000", "medtop:17000000"}),
    "/sport/winnipeg-wins-womens-cup": ("CA", {"medtop:15000000"}),
    "/world/asia/earthquake-off-niigata": ("JP", {"medtop:03000000"}),
    "/international/senegal-legislatives-participation": ("SN", {"medtop:11000000"}),
    "/economia/chile-cobre-exportaciones-record": ("CL", {"medtop:04000000"}),
    "/business/new-zealand-holds-interest-rates": ("NZ", {"medtop:04000000"}),
    "/world/europe/gdansk-amber-smuggling-trial": ("PL", {"medtop:02000000"}),
    "/education/tasmania-school-lunches": ("AU", {"medtop:05000000"}),
    "/live/typhoon-philippines": ("PH", {"medtop:03000000", "medtop:17000000"}),
}


@pytest.fixture(scope="module")
def taggers() -> Taggers:
    return shipped()


def _quotes(tags: Tags) -> list[Quote | Any]:
    quotes: list[Any] = [q for t in tags.topics for q in t.evidence]
    return quotes + [q for c in tags.countries for q in c.evidence] + list(tags.places)


@pytest.mark.parametrize("path", EXPECTED)
def test_stories_are_tagged_with_their_topic_and_country(taggers: Taggers, path: str) -> None:
    story = stories()[path]
    country, topics = EXPECTED[path]
    tags = taggers.tag(story.title, story.text, stated_language=story.language)
    assert tags.language == story.language
    assert tags.countries[0].code == country
    assert tags.countries[0].focus
    assert tags.topics[0].path[0] in topics


@pytest.mark.parametrize("story", [s for s in stories().values() if s.syndicated], ids=lambda s: s.layout)
def test_no_country_of_a_teaser_reaches_a_syndicated_story(taggers: Taggers, story: Any) -> None:
    tags = taggers.tag(story.title, story.text, stated_language=story.language)
    others = " ".join(t["text"] for t in teasers()[story.language]["stories"])
    foreign = {c.code for c in taggers.tag("", others).countries if "mentioned" in c.roles}
    assert len(foreign) > 3
    assert not foreign & {c.code for c in tags.countries}


@pytest.mark.parametrize("story", stories().values(), ids=lambda s: s.path)
def test_all_evidence_quotes_the_text_exactly(taggers: Taggers, story: Any) -> None:
    tags = taggers.tag(story.title, story.text)
    assert _quotes(tags)
    assert all(q.text == story.text[q.start : q.end] for q in _quotes(tags))


_WORDS = st.sampled_from(
    "Paris France's Georgia, Tbilisi minister election football court Köln São Москва в России 北京 東京 "
    "القاهرة مصر U.S. Springfield, Ill. "
    "hospital vaccine floods “Berlin” Jordan said. New York the The\n\n – earthquake bank don’t 1,234".split(
        " "
    )
)


@settings(max_examples=examples(300), deadline=None)
@given(words=st.lists(_WORDS, max_size=60), title=st.lists(_WORDS, max_size=6))
def test_offsets_quote_any_text_exactly(taggers: Taggers, words: list[str], title: list[str]) -> None:
    text = " ".join(words)
    tags = taggers.tag(" ".join(title), text)
    assert all(q.text == text[q.start : q.end] and q.text for q in _quotes(tags))
    starts = [p.start for p in tags.places]
    assert starts == sorted(set(starts))


_IN_LANDMARKS = st.sampled_from(
    "U.S. District Court St. Mary's Hospital Center Park Grand Central Station Tower Yale University "
    "of School New Haven Lagos County Police the in for and . ,".split()
)


_SCRIPTS = st.sampled_from(
    "Paris, Ankara'da 合作 北京 서울에서 กรุงเทพ Москва U.S. Kremlin القاهرة Mary 中華 . \"".split(" ")
)


@settings(max_examples=examples(300), deadline=None)
@given(
    words=st.lists(_IN_LANDMARKS, max_size=40) | st.lists(_SCRIPTS, max_size=40),
    blank=st.sampled_from(["", " "]),
    language=st.sampled_from([None, "zh", "fi", "tr", "th"]),
)
@example(words=["Ankara'da", "合作"], blank="", language="zh")
def test_no_two_places_overlap(taggers: Taggers, words: list[str], blank: str, language: str | None) -> None:
    """The store keeps one place for each start: an article with two would be a dead letter."""
    places = taggers.tag("Lagos", blank.join(words), stated_language=language).places
    assert all(one.end <= next_.start for one, next_ in itertools.pairwise(places))


def test_of_landmarks_within_each_other_the_longest_is_the_place(taggers: Taggers) -> None:
    text = "The suit was filed in U.S. District Court in Houston. She left St. Mary's Hospital Center Park."
    found = [place.text for place in taggers.tag("Suit filed in Houston", text).places]
    assert found == ["U.S. District Court", "Houston", "St. Mary's Hospital Center Park"]


def test_articles_quote_their_text_and_each_tag_has_its_words(taggers: Taggers) -> None:
    silent = 0
    for number in range(examples(2000)):
        _, title, _, paragraphs = article(random.Random(number))
        text = "\n\n".join(paragraphs)
        tags = taggers.tag(title, text, stated_language="en")
        assert all(q.text and q.text == text[q.start : q.end] for q in _quotes(tags)), number
        assert all(topic.evidence for topic in tags.topics), number
        silent += not tags.topics
    assert silent < examples(2000) / 100


def test_a_topic_that_the_headline_alone_tells_of_quotes_the_sentence_that_the_text_begins_with(
    taggers: Taggers,
) -> None:
    text = "Xyzzyk plughof qwertan. Frobnitz."
    topics = taggers.tag("Goalkeeper saves penalty as team wins the football cup final", text).topics
    assert [t.path[0] for t in topics] == ["medtop:15000000"]
    assert [(q.text, q.start) for q in topics[0].evidence] == [("Xyzzyk plughof qwertan.", 0)]


@settings(max_examples=examples(150), deadline=None)
@given(text=st.text(max_size=300))
def test_no_text_breaks_the_taggers(taggers: Taggers, text: str) -> None:
    tags = taggers.tag("", text)
    assert all(q.text == text[q.start : q.end] for q in _quotes(tags))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "three words only",
        "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore "
        "et dolore magna aliqua.",
        "12 14 9 7 3 -1 22 18 4 11 30 2 16",
        "Monday 12 °C 4 °C rain\nTuesday 14 °C 6 °C sunny\nWednesday 9 °C 2 °C cloudy\nThursday 11 °C 5 °C "
        "showers",
        "Amsterdam 12 4 86%\nAthens 19 11 60%\nBerlin 9 2 80%\nCairo 27 15 40%\nDublin 11 5 90%\nLisbon 18 "
        "12 70%\nOslo -1 -6 75%\nRome 17 9 65%",
    ],
)
def test_a_text_that_says_nothing_has_no_topic(taggers: Taggers, text: str) -> None:
    assert taggers.tag("", text).topics == []


def test_a_language_that_the_encoder_does_not_know_has_its_publishers_topics_alone(taggers: Taggers) -> None:
    text = "Regeringen fremlægger i dag et forslag, som skal sænke skatten for familier med børn. Partierne mødes i næste uge."  # noqa: E501
    assert taggers.tag("", text, stated_language="da").topics == []
    filed = taggers.tag("", text, stated_language="da", publisher=PublisherLabels(section="Politics")).topics
    assert [(topic.code, topic.provenance) for topic in filed] == [("medtop:11000000", ["section"])]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The U.S. and the UK signed the accord, European officials said.", {"US", "GB"}),
        ("Officials in Albany, New York, said the bill would pass.", {"US"}),
        ("Albania's prime minister arrived in Tirana.", {"AL"}),
        ("Paris Hilton arrived. Michael Jordan said he was glad.", set()),
        ("The Washington Post reported it first.", set()),
        ("A storm formed over the South China Sea.", set()),
        ("Police in Paris, Texas, arrested two men.", {"US"}),
        ("He lives in Richmond, Va., with his wife.", {"US"}),
        ("The French minister met Brazilian farmers.", {"FR", "BR"}),
        ("Reading is fun, and nice people like it in March.", set()),
        ("Президент России прибыл в Китай.", {"RU", "CN"}),
        ("国务院总理访问法国和德国。", {"CN", "FR", "DE"}),
        ("وصل الوزير إلى مصر قادما من فرنسا", {"EG", "FR"}),
        ("Der Kanzler reiste nach Frankreich und Polen.", {"FR", "PL"}),
    ],
)
def test_known_mistakes_are_not_made(taggers: Taggers, text: str, wanted: set[str]) -> None:
    found = {c.code for c in taggers.tag("", text).countries if set(c.roles) - {"publisher"}}
    assert found == wanted


@pytest.mark.parametrize(
    ("text", "name", "kind", "country"),
    [
        ("European leaders met on Monday.", "Europe", "area", None),
        ("Leaders of the Sahel met on Monday.", "Sahel", "area", None),
        ("Officials in Washington declined to comment.", "Washington", "city", "US"),
        ("Officials in Richmond, Va., declined to comment.", "Virginia", "admin1", "US"),
        ("Farmers near Kitui in Kenya lost their harvest.", "Kitui", "admin1", "KE"),
    ],
)
def test_areas_capitals_and_abbreviations_are_places(
    taggers: Taggers, text: str, name: str, kind: str, country: str | None
) -> None:
    assert (name, kind, country) in {(p.name, p.kind, p.country) for p in taggers.tag("", text).places}


def test_a_dateline_and_a_domain_give_roles(taggers: Taggers) -> None:
    text = "Dockworkers ended a strike on Tuesday after employers in Portugal agreed to raise wages."
    tags = taggers.tag("Strike ends", text, dateline="MADRID (AP)", domain="zeitung.de")
    roles = {c.code: set(c.roles) for c in tags.countries}
    assert "dateline" in roles["ES"]
    assert roles["DE"] == {"publisher"}
    assert "mentioned" in roles["PT"]


@pytest.mark.parametrize(
    ("text", "stated", "language"),
    [
        ("The minister said on Wednesday that the talks would go on.", None, "en"),
        ("Der Minister sagte am Mittwoch, die Gespräche gingen weiter.", "en", "de"),
        (
            "国务院总理周三宣布了新的经济措施，以应对通货膨胀和就业压力，并表示政府将继续支持中小企业的发展。",
            None,
            "zh",
        ),
        ("Short.", "pt", "pt"),
        ("", None, None),
    ],
)
def test_languages(text: str, stated: str | None, language: str | None) -> None:
    assert identify(text, stated) == language


_LONG_TEXTS = {
    "en": "The council said on Tuesday that it would close two of its four libraries, after a vote which had "
    "been put off for a year. "
    "Residents who had gathered outside of the town hall called the decision a mistake.",
    "de": "Der Stadtrat hat am Dienstag beschlossen, zwei der vier Büchereien zu schließen, nachdem die "
    "Abstimmung ein Jahr lang verschoben "
    "worden war. Die Anwohner, die sich vor dem Rathaus versammelt hatten, nannten das einen Fehler.",
    "fr": "Le conseil municipal a décidé mardi de fermer deux des quatre bibliothèques de la ville, après un "
    "vote qui avait été reporté "
    "pendant un an. Les habitants réunis devant la mairie ont parlé d'une erreur.",
    "da": "Byrådet besluttede tirsdag at lukke to af byens fire biblioteker, efter at afstemningen var "
    "blevet udsat i et år. Borgerne, som "
    "havde samlet sig foran rådhuset, kaldte beslutningen for en fejl, og de vil klage over den.",
    "hu": "A városi tanács kedden úgy döntött, hogy bezár kettőt a négy könyvtár közül, miután a szavazást "
    "egy évig halasztották. A városháza "
    "előtt összegyűlt lakók hibának nevezték a döntést, és fellebbezni akarnak ellene.",
}


@pytest.mark.parametrize("stated", ["en", "de", "fr", "es", "it", "pt", "nl"])
@pytest.mark.parametrize("language", _LONG_TEXTS)
def test_no_page_talks_a_text_into_a_language_that_is_not_near_its_own(language: str, stated: str) -> None:
    near: tuple[set[str], ...] = ()
    assert identify(_LONG_TEXTS[language], stated) == (stated if {language, stated} in near else language)


def test_the_taxonomy_finds_names_in_any_language_and_follows_retired_codes() -> None:
    taxonomy = Taxonomy()
    assert taxonomy.find("sport")[0] == "medtop:15000000"
    assert "medtop:15000000" in taxonomy.find("Sport")
    assert taxonomy.find("medtop:20000064") == [
        "medtop:20000105"
    ]  # retired: "war crime action" became "war crime"
    assert taxonomy.path("medtop:20000370")[0] == "medtop:04000000"
    assert len(taxonomy.codes()) > 1000


def test_countries_are_found_by_code_name_and_demonym() -> None:
    assert [find_country(w) for w in ("FR", "France", "Frankreich", "French", "法国", "Nowhere")] == [
        "FR"
    ] * 5 + [None]
