"""The small parts under the tagger: trees as arrays, the choice of a focus, roles kept apart, the scorer of
the docs' figures."""

from __future__ import annotations

import numpy as np
import pytest

from services.contract.source_prior import SourcePrior
from services.enrich.regions import spans
from services.enrich.regions.tagger import RegionTagger
from services.enrich.regions.trees import Trees, probability
from tests.taggers import shipped
from training.regions.score import focus_figures, mention_figures


@pytest.fixture(scope="module")
def tagger() -> RegionTagger:
    return shipped().regions


def test_a_tree_sends_a_row_right_where_its_feature_is_above_the_threshold() -> None:
    inf = np.inf
    trees = Trees(
        feature=np.array([[0, 1, 0], [1, 0, 0]], np.uint8),
        threshold=np.array([[0.5, 2.0, inf], [0.0, inf, inf]], np.float32),
        leaf=np.array([[1, 2, 3, 99], [10, 99, 20, 99]], np.float32),
        base=100.0,
    )
    rows = np.array([[0.0, 0.0], [0.0, 3.0], [1.0, 0.0], [0.5, 2.0]], np.float32)
    assert trees.log_odds(rows).tolist() == [111.0, 122.0, 113.0, 121.0]
    assert probability(np.zeros(1, np.float32)).tolist() == [0.5]


def test_roles_of_countries_are_kept_apart(tagger: RegionTagger) -> None:
    text = (
        "NAIROBI (Reuters) - Ethiopia said on Monday that Ethiopian troops had left the border. Ethiopia's "
        "prime minister "
        "spoke in Addis Ababa. Ethiopia had sent them in May. An aid group once worked in Norway."
    )
    found = tagger.tag(
        "Ethiopia pulls troops back",
        text,
        dateline="NAIROBI (Reuters)",
        domain="news.example.fr",
        language="en",
    )
    roles = {c.code: set(c.roles) for c in found.countries}
    assert found.countries[0].code == "ET"
    assert roles["ET"] >= {"about", "mentioned"}
    assert "dateline" in roles["KE"]
    assert roles["NO"] == {"mentioned"}
    assert roles["FR"] == {"publisher"}
    assert all(q.text == text[q.start : q.end] for c in found.countries for q in c.evidence)


@pytest.mark.parametrize(
    ("text", "landmarks"),
    [
        ("He was born in Kyoto. Harvard University paid.", ["Harvard University"]),
        ("They met at St. John Hospital. Nobody came.", ["St. John Hospital"]),
        ("It burned at J. F. Kennedy Hospital for days.", ["J. F. Kennedy Hospital"]),
        ("She was seen at King Jr. Memorial Hospital.", ["King Jr. Memorial Hospital"]),
        ("They stayed on the islands. On St. Kitts it rained.", []),
    ],
)
def test_a_landmark_has_no_word_of_the_sentence_before_it(
    tagger: RegionTagger, text: str, landmarks: list[str]
) -> None:
    tokens = spans.Tokens(text)
    names = spans.find_spans(tokens, tagger.gazetteer, "en")
    assert [text[s.start : s.end] for s in spans.find_landmarks(tokens, names)] == landmarks


def test_a_text_about_nowhere_has_no_focus(tagger: RegionTagger) -> None:
    found = tagger.tag(
        "How to bake bread", "Mix flour and water. Wait an hour. Bake until brown.", language="en"
    )
    assert found.countries == []
    assert found.places == []
    assert found.localities == []


def test_what_is_not_in_the_gazetteer_stays_open_and_empties_nothing(tagger: RegionTagger) -> None:
    text = (
        "Pupils of Zzyzxville Grammar School in Ghent, Belgium, won the prize. The school is near Brussels."
    )
    found = tagger.tag("", text, language="en")
    assert {"Ghent", "Belgium", "Brussels"} <= {p.text for p in found.places}


def test_an_empty_prior_changes_nothing(tagger: RegionTagger) -> None:
    text = "Police in Springfield arrested a man on Monday."
    assert tagger.tag("", text, language="en", prior=SourcePrior(articles=5)).places[0].text == "Springfield"


def test_the_scorer_counts_what_is_found_near_missed_and_extra() -> None:
    mark = {"lat": 50.0, "lon": 8.0, "geonameid": None, "country": "DE", "scored": True}
    row = {
        "mentions": [
            mark | {"start": 0, "end": 5},
            mark | {"start": 10, "end": 15},
            mark | {"start": 20, "end": 25},
        ]
    }
    near = {"start": 0, "end": 5, "lat": 50.1, "lon": 8.1, "geonameid": 1, "country": "DE"}
    far = {"start": 10, "end": 15, "lat": -50.0, "lon": 8.0, "geonameid": 2, "country": "AQ"}
    extra = {"start": 40, "end": 45, "lat": 0.0, "lon": 0.0, "geonameid": 3, "country": "GH"}
    figures = mention_figures([row], [[near, far, extra]])
    assert figures == {
        "mention": pytest.approx(2 / 3), "end_to_end": pytest.approx(1 / 3), "acc161": 0.5,
        "country_accuracy": 0.5,
    }  # fmt: skip
    assert focus_figures([{"countries": ["DE", "FR"]}], [{"DE", "US"}])["micro_f1"] == 0.5
