"""The countries that an article is about: evidence, its features, the choice among them, and what is said for
and against."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from services.contract.source_prior import SourcePrior
from services.enrich.regions import focus
from services.enrich.regions.about import chosen
from services.enrich.regions.evidence import ADJECTIVE, BODY, INSTITUTION, NAME, Evidence
from services.enrich.regions.homes import Homes, spoken_in
from services.enrich.regions.institutions import Institutions
from services.enrich.regions.reading import Tokens
from services.enrich.regions.roles import LOCATIVE, OFFICIAL, role_of
from services.enrich.regions.tagger import RegionTagger
from tests.taggers import shipped


@pytest.fixture(scope="module")
def tagger() -> RegionTagger:
    return shipped().regions


@pytest.fixture(scope="module")
def institutions() -> Institutions:
    return Institutions()


def about(tagger: RegionTagger, title: str, text: str, language: str = "en", **more: str) -> list[str]:
    """The countries that an article is about, best first."""
    found = tagger.tag(
        title, text, language=language, domain=more.get("domain"), dateline=more.get("dateline")
    )
    return [c.code for c in found.countries if c.focus]


def named(institutions: Institutions, text: str, language: str) -> list[tuple[str, tuple[str, ...]]]:
    tokens = Tokens(text)
    found = institutions.find(tokens, language)
    return [(text[n.start : n.end], n.institution.countries) for n in found]


@pytest.mark.parametrize(
    ("text", "language", "found"),
    [
        ("A spokesman for the Kremlin said so.", "en", [("Kremlin", ("RU",))]),
        (
            "La Casa Blanca no respondió; el Pentágono, tampoco.",
            "es",
            [("Casa Blanca", ("US",)), ("Pentágono", ("US",))],
        ),
        ("Der Sprecher des Bundestages schwieg.", "de", [("Bundestages", ("DE",))]),
        ("W Sejmie trwa debata o budżecie.", "pl", [("Sejmie", ("PL",))]),
        ("В Госдуме прошло голосование.", "ru", [("Госдуме", ("RU",))]),
        ("Petice míří do Poslanecké sněmovny.", "cs", [("Poslanecké sněmovny", ("CZ",))]),
        ("קואליציה ואופוזיציה נפגשו בכנסת אתמול", "he", [("כנסת", ("IL",))]),
        ("自民党は法案を提出した", "ja", [("自民党", ("JP",))]),
        ("국회는 예산안을 통과시켰다", "ko", [("국회", ("KR",))]),
        ("The White House Down sequel", "fr", [("White House", ("US",))]),
        ("Die CSU tagt.", "de", [("CSU", ("DE",))]),
        ("Une CSU de fabrication.", "fr", []),  # a short name holds in its own languages alone
        ("Whitehallers and kremlinology", "en", []),
        ("", "en", []),
    ],
)
def test_institutions_are_found_by_their_names(
    institutions: Institutions, text: str, language: str, found: list[tuple[str, tuple[str, ...]]]
) -> None:
    assert named(institutions, text, language) == found


def test_every_name_of_the_table_is_found_in_a_language_of_its_own(institutions: Institutions) -> None:
    looked_up = (institutions._first, institutions._inside, institutions._stems)
    for one in [i for table in looked_up for found in table.values() for i in found]:
        plain = "pl" if one.pattern else "en"
        language = min(one.languages) if one.languages else "ja" if one.name[0] >= "\u0590" else plain
        tokens = Tokens(f" {one.name.replace('~', '')} ")
        assert institutions.find(tokens, language), one.name


@pytest.mark.parametrize(
    ("text", "word", "language", "role"),
    [
        ("A bomb went off in Kabul on Monday", "Kabul", "en", LOCATIVE),
        ("An attack by French troops", "French", "en", OFFICIAL),
        ("El gobierno de México dijo", "México", "es", OFFICIAL),
        ("Ein Unfall bei Ulm am Montag", "Ulm", "de", LOCATIVE),
        ("Helsingissä sattui onnettomuus", "Helsingissä", "fi", LOCATIVE),
        ("Kabul fell", "Kabul", "en", 0),
    ],
)
def test_a_place_has_a_role_in_its_sentence(text: str, word: str, language: str, role: int) -> None:
    tokens = Tokens(text)
    at = tokens.words.index(word)
    assert role_of(tokens, at, at, language) == role


def test_the_set_is_empty_where_nothing_is_likely_and_has_further_ones_where_they_are() -> None:
    assert chosen([]) == []
    assert chosen([0.2, 0.1]) == [False, False]
    assert chosen([0.1, 0.4, 0.38]) == [False, True, False]
    assert chosen([0.9, 0.1, 0.6]) == [True, False, True]
    assert chosen([0.9, 0.3, 0.3], [False, True, False]) == [True, True, False], "seldom in the news"


def evidence(country: str, at: int, form: str = NAME, kind: str = "country", zone: str = BODY) -> Evidence:
    return Evidence(country, at, at + 5, zone, form, kind, 0, 1.0, f"{country} {form}")


def test_the_tally_keeps_forms_apart_and_knows_a_list() -> None:
    found = focus.tally(
        [evidence("KE", 0), evidence("UG", 10), evidence("TZ", 20), evidence("KE", 90, ADJECTIVE),
         evidence("KE", 120, INSTITUTION, "seat")], {}, 200,
    )  # fmt: skip
    assert {code: t.of("listed") for code, t in found.items()} == {"KE": 1, "UG": 1, "TZ": 1}
    assert (found["KE"].of("name"), found["KE"].of("adjective"), found["KE"].of("kind_seat")) == (1, 1, 1)
    assert found["KE"].of("mentions") == 2
    assert focus.tally([], {}, 0) == {}


def test_rows_are_as_wide_as_the_names_of_features() -> None:
    setting = focus.Setting(0, False, None, {}, {}, True, 0.0)
    assert focus.rows({}, setting, 0).shape == (0, len(focus.FEATURES))
    assert focus.rows(focus.tally([evidence("KE", -3)], {}, 0), setting, 0).shape == (1, len(focus.FEATURES))
    assert np.isfinite(focus.rows(focus.tally([evidence("KE", 5)], {}, 1), setting, 3)).all()


def test_a_source_is_at_home_by_its_address_or_what_it_writes_of(tagger: RegionTagger) -> None:
    homes = Homes(tagger.gazetteer)
    assert homes.of_domain("news.bbc.co.uk") == "GB"
    assert homes.of_domain("www.haaretz.com") == "IL"
    assert homes.of_domain("example.com") is None
    assert homes.of_domain("example.tv") is None
    assert homes.of_domain(None) is None
    assert homes.of("example.com", SourcePrior(countries={"PE": 0.8, "US": 0.2}, articles=9)) == "PE"
    assert homes.of("example.com", SourcePrior(countries={"PE": 0.3}, articles=9)) is None
    assert max(spoken_in("pl")) == "PL"
    assert spoken_in("xx") == {}


CASES = [
    line.split("\t")
    for line in (Path(__file__).with_name("about_cases.tsv")).read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


@pytest.mark.parametrize(("language", "right", "title", "text"), CASES, ids=[case[2] for case in CASES])
def test_kinds_of_stories_are_about_their_countries(
    tagger: RegionTagger, language: str, right: str, title: str, text: str
) -> None:
    found = about(tagger, title, text, language)
    assert found[:1] == right.split()[:1]
    assert set(found) == set(right.split())


def test_an_empty_article_is_about_no_country(tagger: RegionTagger) -> None:
    assert about(tagger, "", "") == []


def test_what_spoke_for_and_against_each_country_is_told(tagger: RegionTagger) -> None:
    told = tagger.explain_countries(
        "Floods in Chad",
        "Floods in Chad have killed twelve people in N'Djamena. A French doctor helps.",
        language="en",
    )
    assert told[0]["country"] == "TD"
    assert told[0]["about"] is True
    assert "Chad" in told[0]["named"]
    assert told[0]["for"][0].startswith("its share of all that is said")
    france = next(c for c in told if c["country"] == "FR")
    assert france["about"] is False
    assert france["against"]
    assert tagger.explain_countries("", "") == []


def test_a_mention_has_a_form(tagger: RegionTagger) -> None:
    text = "PARIS (AP) - The Kremlin and Canadian diplomats met in Lyon."
    found = tagger.tag("Talks go on", text, dateline="PARIS (AP)", language="en").places
    assert {p.text: p.form for p in found} == {
        "PARIS": "dateline", "Kremlin": "institution", "Canadian": "adjective", "Lyon": "name",
    }  # fmt: skip
    kremlin = next(p for p in found if p.form == "institution")
    assert (kremlin.country, kremlin.kind, kremlin.lat) == ("RU", "country", None)
    assert text[kremlin.start : kremlin.end] == "Kremlin"


@pytest.mark.parametrize(
    "text", ["Kremlin Moscow " * 4_000, "国会" * 15_000, "Верховна   Рада " * 4_000, "\ud800 Kremlin \x00",
    "Kremlin"],
    ids=["seats", "unspaced", "declined", "surrogate", "one word"],
)  # fmt: skip
def test_any_text_is_read(tagger: RegionTagger, institutions: Institutions, text: str) -> None:
    assert institutions.find(Tokens(text), "uk" if "Рада" in text else "ja" if "国" in text else "en")
    for language in ("en", "ja", "uk", "xx"):
        assert all(c.score <= 1 for c in tagger.tag(text[:40], text, language=language).countries)
